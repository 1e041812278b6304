"""What would bear out a higher score. It is said to a person and changes no score."""

from collections.abc import Mapping, Sequence
from typing import Any

from spiced.rules.elements import OVER, PARTS, rows_of
from spiced.rules.fields import Row
from tenants.formats import plural


def hints(letter: str, values: Mapping[str, Any]) -> list[str]:
    """Sentences on the records of a part; none where nothing is lacking."""
    made = {field.key: rows_of(field, values) for field in PARTS[letter].records}
    return [*_pains(made.get("pains", ())), *_people(made.get("people", ()))]


def _pains(pains: Sequence[Row]) -> list[str]:
    left = [pain for pain in pains if pain.get("status") != OVER]
    bare = [pain for pain in left if pain.get("annual_cost") is None or not pain.get("evidence")]
    if not bare:
        return []
    return [f"{plural(len(bare), 'open pain')} without a cost or evidence: ask what it is worth."]


def _people(people: Sequence[Row]) -> list[str]:
    unknown = [person for person in people if not person.get("stance")]
    if not unknown:
        return []
    return [f"{plural(len(unknown), 'person,people')} whose stance nobody knows yet."]
