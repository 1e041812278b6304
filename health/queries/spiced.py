"""The five SPICED states of many accounts at once."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from accounts.models import Account, Contact
from spiced.models import Element
from spiced.queries.notes import SPONSORS, known
from spiced.rules.elements import LETTERS
from spiced.rules.states import Happened, state

NOTHING_KNOWN = "m" * len(LETTERS)


def spiced_states(accounts: Collection[UUID], today: date) -> dict[UUID, str]:
    """A letter a part in order: c complete, p partial, m missing, s stale. Three queries.

    Accounts without a note are left out.
    """
    elements: dict[UUID, dict[str, Element]] = {}
    found = Element.objects.filter(note__is_current=True, note__account_id__in=accounts)
    for element in found.select_related("note"):
        elements.setdefault(element.note.account_id, {})[element.letter] = element
    leavers = {
        account_id: (left_on, name)
        for account_id, left_on, name in Contact.objects.filter(
            account_id__in=elements, roles__overlap=SPONSORS
        )
        .exclude(departed_on=None)
        .order_by("departed_on", "id")
        .values_list("account_id", "departed_on", "name")
    }
    renews = dict(Account.objects.filter(pk__in=elements).values_list("pk", "renews_on"))
    return {
        account_id: "".join(
            state(
                known(letter, parts.get(letter)),
                today=today,
                happened=Happened(*leavers.get(account_id, (None, "")), renews.get(account_id)),
            ).kind[0]
            for letter in LETTERS
        )
        for account_id, parts in elements.items()
    }
