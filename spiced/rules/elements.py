"""The five parts of SPICED, the fields of each, and what of them is known."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accounts.rules.people import STANCES
from spiced.rules.fields import Field, Kind, Part, Row
from tenants.currencies import CODES

OFTEN = ("daily", "weekly", "monthly", "quarterly", "yearly")
OVER = "resolved"
APART = "Apart them by commas."
CURRENCIES = tuple(sorted(CODES))
OPERATORS = ("≥", "≤", ">", "<", "=")
CONSEQUENCES = ("financial", "operational", "regulatory", "reputational", "personal")

PARTS: dict[str, Part] = {
    part.letter: part
    for part in (
        Part(
            "S",
            "Situation",
            (
                Field("text", "Situation", Kind.TEXT, True, hint="How they work today."),
                Field("tools", "Current tools", Kind.LIST, True, hint=APART),
                Field("team", "Team", needed=True, hint="Who does the work, how many, where."),
                Field("initiatives", "Initiatives", Kind.LIST, hint=APART),
                Field("maturity", "Maturity", Kind.LEVEL, hint="1 by hand, 5 steered by figures."),
                Field(
                    "changes", "Changes", hint="People, tools, priorities since the last version."
                ),
            ),
        ),
        Part(
            "P",
            "Pain",
            (
                Field(
                    "pains",
                    "Pains",
                    Kind.ROWS,
                    True,
                    hint="One a line, in their words.",
                    columns=(
                        Field("text", "Pain", Kind.TEXT, True),
                        Field("who", "Who feels it", Kind.PERSON, True, "who feels it", sign="@"),
                        Field(
                            *("frequency", "How often", Kind.CHOICE, True, "frequency"),
                            choices=OFTEN,
                            sign="#",
                        ),
                        Field(
                            *("annual_cost", "Cost a year", Kind.MONEY, True, "annual cost"),
                            sign="=",
                        ),
                        Field("currency", "Currency", Kind.CHOICE, choices=CURRENCIES),
                        Field("evidence", "Evidence", sign="~"),
                        Field(
                            *("status", "Status", Kind.CHOICE),
                            choices=("open", "reduced", OVER),
                            sign="!",
                            default="open",
                        ),
                    ),
                ),
            ),
        ),
        Part(
            "I",
            "Impact",
            (
                Field("text", "Rational impact", Kind.TEXT, True, "rational impact"),
                Field("measure", "Measure", needed=True),
                Field("unit", "Unit", needed=True),
                Field("baseline", "Baseline", Kind.NUMBER, True),
                Field("target", "Target", Kind.NUMBER, True),
                Field("by", "By", Kind.DATE, True, "date"),
                Field("words", "Emotional impact", Kind.TEXT, True, "emotional impact"),
                Field("person", "Whose", Kind.PERSON, True, "whose emotional impact it is"),
            ),
        ),
        Part(
            "CE",
            "Critical event",
            (
                Field("text", "Critical event", Kind.TEXT, True, "event"),
                Field("on", "Date", Kind.DATE, True, "date"),
                Field("condition", "Or condition", hint="What is counted, where no date is."),
                Field("operator", "Reaches", Kind.CHOICE, choices=OPERATORS),
                Field("value", "Value", Kind.NUMBER),
                Field("expected_on", "Expected", Kind.DATE, name="when it is expected"),
                Field("consequence", "Consequence", Kind.TEXT, True),
                Field("consequence_kind", "Kind", Kind.CHOICE, choices=CONSEQUENCES),
                Field("amount", "What it costs", Kind.MONEY),
                Field("sufferer", "Who suffers", Kind.PERSON),
            ),
        ),
        Part(
            "D",
            "Decision",
            (
                Field("text", "Decision", Kind.TEXT, True, hint="What they decide, and when."),
                Field(
                    "people",
                    "People",
                    Kind.ROWS,
                    True,
                    hint="One a line, with their part in it.",
                    columns=(
                        Field("contact", "Person", Kind.PERSON, True, sign="@"),
                        Field("role", "Part in it"),
                        Field("criteria", "Judges it on", sign="~"),
                        Field("stance", "Stance", Kind.CHOICE, choices=STANCES, sign="!"),
                    ),
                ),
                Field(
                    "process",
                    "Process",
                    Kind.ROWS,
                    True,
                    hint="Steps in order, one a line.",
                    columns=(
                        Field("step", "Step", Kind.TEXT, True),
                        Field("on", "Date", Kind.DATE, sign="#"),
                    ),
                ),
                Field("criteria", "Criteria", Kind.LIST, True, hint="What they judge it on."),
                Field("paper", "Paper", hint="Legal, security, procurement."),
                Field("goal", "Impact it rests on", Kind.GOAL),
            ),
        ),
    )
}
LETTERS = tuple(PARTS)


def rows_of(field: Field, values: Mapping[str, Any]) -> Sequence[Row]:
    """The records of a field."""
    return values.get(field.key) or ()


def people_in(letter: str, values: Mapping[str, Any]) -> set[str]:
    """The contacts that values of a part name."""
    return {
        holder[field.key]
        for field, holder in _cells(letter, values)
        if field.kind is Kind.PERSON and holder.get(field.key)
    }


def without_people(part: Part, values: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    """Values of a part without some contacts; records that are about one of them go as a whole."""
    found = dict(values)
    for field in part.fields:
        if field.kind is Kind.PERSON and found.get(field.key) in gone:
            found[field.key] = None
        elif field.columns and found.get(field.key):
            found[field.key] = [
                {key: value for key, value in row.items() if key == "id" or value not in gone}
                for row in found[field.key]
                if row.get(field.columns[0].key) not in gone
            ]
    return found


def goals_in(letter: str, values: Mapping[str, Any]) -> set[str]:
    """The goals that values of a part cite."""
    return {
        values[field.key]
        for field in PARTS[letter].fields
        if field.kind is Kind.GOAL and values.get(field.key)
    }


def _cells(letter: str, values: Mapping[str, Any]) -> Iterator[tuple[Field, Row]]:
    """Each field and column, with the values or the record that holds it."""
    for field in PARTS[letter].fields:
        yield field, values
        for row in rows_of(field, values) if field.columns else ():
            yield from ((column, row) for column in field.columns)


def gaps(letter: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the needed fields that are blank.

    A condition stands in for the event's date; then it needs what it reaches, and by when. Of
    records that need several columns, the one counts that lacks the fewest and is not over.
    """
    needed = {field.key for field in PARTS[letter].fields if field.needed}
    if values.get("condition") and not values.get("on"):
        needed = needed - {"on"} | {"operator", "value", "expected_on"}
    return tuple(
        key
        for field in PARTS[letter].fields
        if field.key in needed
        for key in _lacks(field, values)
    )


def _lacks(field: Field, values: Mapping[str, Any]) -> tuple[str, ...]:
    if field.asked == (field,):
        return (field.key,) if values.get(field.key) in (None, "", []) else ()
    rows = rows_of(field, values)
    lacking = [
        tuple(column.key for column in field.asked if row.get(column.key) is None)
        for row in (rows or [{}])
        if row.get("status") != OVER
    ]
    return min(lacking, key=len, default=())


def is_blank(letter: str, values: Mapping[str, Any]) -> bool:
    """Nothing is known of this part."""
    return all(
        values.get(field.key) in (None, "", [])
        for field in PARTS[letter].fields
        if field.kind is not Kind.GOAL
    )
