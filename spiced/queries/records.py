"""The pains and the decision of an account, for pages that show them beside something else."""

from accounts.models import Account
from spiced.models import Element
from spiced.queries.notes import names_in
from spiced.rules.elements import OVER, PARTS, rows_of
from spiced.rules.fields import Row
from spiced.rules.words import Line, Names, Said, line, told

INTERNAL = frozenset({"stance", "evidence", "status"})  # not for paper that leaves the house


def pain_and_decision(account: Account, currency: str) -> list[tuple[str, list[Said]]]:
    """(part, what is known of it) of the current note, only parts that are known. Three queries."""
    found = Element.objects.filter(
        note__account=account, note__is_current=True, letter__in=("P", "D")
    )
    values = {element.letter: element.values for element in found}
    names = names_in(values)
    parts = [
        (PARTS[letter].name, told(letter, values.get(letter, {}), names, currency))
        for letter in ("P", "D")
    ]
    return [(name, said) for name, said in parts if said]


def on_paper(element: Element | None, key: str, names: Names, currency: str) -> list[Line]:
    """The records of a field without what only we say of people; pains that are over left out."""
    if element is None:
        return []
    field = PARTS[element.letter].field(key)
    return [
        line(field, _without(row), names, currency)
        for row in rows_of(field, element.details)
        if row.get("status") != OVER
    ]


def _without(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in INTERNAL}
