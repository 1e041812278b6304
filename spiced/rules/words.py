"""The values of a part as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from spiced.rules.elements import PARTS, rows_of
from spiced.rules.fields import LEVELS, Field, Kind, Row
from tenants.formats import day, money

Names = Mapping[str, str]
TONES = {"reduced": "watch", "resolved": "good", "advocate": "good", "supportive": "good"} | {
    "critical": "watch",
    "blocker": "risk",
}


@dataclass(frozen=True)
class Line:
    """A record in words: what it is about, what more is known, and how it stands."""

    lead: str
    facts: tuple[str, ...] = ()
    mark: str = ""

    @property
    def tone(self) -> str:
        return TONES.get(self.mark, "line")

    def __str__(self) -> str:
        told = " · ".join((self.lead, *self.facts))
        return f"{told} ({self.mark})" if self.mark else told


@dataclass(frozen=True)
class Said:
    """One field that is known, in words; records in lines, each with its id."""

    field: Field
    words: str
    lines: Mapping[str, Line]

    @property
    def label(self) -> str:
        return self.field.label


def told(letter: str, values: Mapping[str, Any], names: Names, currency: str) -> list[Said]:
    """The fields that are known. names: of contacts and goals, by id."""
    return [
        Said(field, words, lines)
        for field in PARTS[letter].fields
        for lines in [lines_in(field, values, names, currency)]
        if (words := worded(field, values.get(field.key), names, currency))
    ]


def said(letter: str, values: Mapping[str, Any], names: Names, currency: str) -> dict[str, str]:
    """Words by field, blank where nothing is known. names: of contacts and goals, by id."""
    return {
        field.key: worded(field, values.get(field.key), names, currency)
        for field in PARTS[letter].fields
    }


def lines_in(
    field: Field, values: Mapping[str, Any], names: Names, currency: str
) -> dict[str, Line]:
    """The records of a field by their ids; none where it holds no records."""
    if not field.columns:
        return {}
    return {row["id"]: line(field, row, names, currency) for row in rows_of(field, values)}


def line(field: Field, row: Row, names: Names, currency: str) -> Line:
    """One record in words: "Late", "Priya Raman", "€310,000 a year", open."""
    mark, facts = "", list[str]()
    for column in field.columns:
        value = row.get(column.key)
        if value is None or column.key == "currency":
            continue
        if column.sign == "!":
            mark = value
        elif column.kind is Kind.MONEY:
            facts.append(f"{money(value, row.get('currency') or currency)} a year")
        else:
            words = worded(column, value, names, currency)
            facts.append(f"{column.called}: {words}" if column.sign == "~" else words)
    return Line(facts[0], tuple(facts[1:]), mark)


def worded(field: Field, value: Any, names: Names, currency: str) -> str:
    """One stored value in words: "€310,000", "31 Mar 2027", "Priya Raman"."""
    if value in (None, "", []):
        return ""
    if field.kind is Kind.MONEY:
        return money(value, currency)
    if field.kind is Kind.NUMBER:
        return f"{value:,.10g}"
    if field.kind is Kind.DATE:
        return day(date.fromisoformat(value))
    if field.kind is Kind.PERSON:
        return names.get(value, "somebody who is gone")
    if field.kind is Kind.GOAL:
        return names.get(value, "an impact that is gone")
    if field.kind is Kind.LEVEL:
        return f"{value} of {LEVELS[-1]}"
    if field.kind is Kind.LIST:
        return "; ".join(value) if any("," in each for each in value) else ", ".join(value)
    if field.kind is Kind.ROWS:
        return "\n".join(str(line(field, row, names, currency)) for row in value)
    return str(value)
