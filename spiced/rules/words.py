"""The values of a part as people read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from spiced.rules.elements import PARTS, Field, Kind
from tenants.formats import day, joined, money

Names = Mapping[str, str]


def said(letter: str, values: Mapping[str, Any], names: Names, currency: str) -> dict[str, str]:
    """Words by field, blank where nothing is known. names: of contacts, by id."""
    return {
        field.key: worded(field, values.get(field.key), names, currency)
        for field in PARTS[letter].fields
    }


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
    if field.kind is Kind.PEOPLE:
        return joined(names.get(each, "somebody who is gone") for each in value)
    return str(value)
