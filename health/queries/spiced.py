"""The five SPICED states of many accounts at once."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from spiced.models import Element
from spiced.queries.happenings import happenings
from spiced.queries.notes import judged
from spiced.queries.terms import terms
from spiced.rules.elements import LETTERS

NOTHING_KNOWN = "m" * len(LETTERS)


def spiced_states(accounts: Collection[UUID], today: date) -> dict[UUID, str]:
    """A letter a part in order: c complete, p partial, m missing, s stale. Four queries.

    Accounts without a note are left out.
    """
    elements: dict[UUID, dict[str, Element]] = {}
    found = Element.objects.filter(note__is_current=True, note__account_id__in=accounts)
    for element in found.select_related("note"):
        elements.setdefault(element.note.account_id, {})[element.letter] = element
    happened, agreed = happenings(list(elements), today), terms()
    return {
        account_id: "".join(
            part.kind[0] for part in judged(parts, today, happened[account_id], agreed).values()
        )
        for account_id, parts in elements.items()
    }
