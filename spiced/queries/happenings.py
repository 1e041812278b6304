"""What happened at accounts that makes knowledge out of date before its time."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import DateField, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest

from accounts.models import Account, ArrMovement, Contact
from spiced.models import Note
from spiced.rules.amendments import CHANGED_ON, CHANGED_TERMS
from spiced.rules.states import ACCOUNTABLE, AMENDS, Happened

TERMS = f"""
    SELECT max({CHANGED_ON}) FROM {CHANGED_TERMS}
        AND c.account_id = accounts_account.id AND {CHANGED_ON} <= %s
"""  # noqa: S608 - made of names of this product alone


def happenings(accounts: Collection[UUID], today: date) -> dict[UUID, Happened]:
    """By account: the renewal, the contract's last change, an upsell, who left. Two queries."""
    found: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for told in _of_accounts(accounts, today):
        found[told.pop("pk")] = told
    people = Contact.objects.filter(account_id__in=accounts)
    moved = people.filter(Q(departed_on__lte=today) | Q(sponsor_since__lte=today))
    for contact in moved.order_by("departed_on", "id"):
        told = found[contact.account_id]
        came_on = contact.sponsor_since
        if came_on and came_on <= today and came_on >= told.get("came_on", came_on):
            told |= {"came_on": came_on, "comer": contact.name}
        if contact.departed_on is None or contact.departed_on > today:
            continue
        left_on, name = contact.departed_on, contact.name
        told.setdefault("gone", {})[str(contact.pk)] = (left_on, name)
        if ACCOUNTABLE & set(contact.roles):
            told |= {"left_on": left_on, "leaver": name}
    return {account_id: Happened(**found[account_id]) for account_id in accounts}


def _of_accounts(accounts: Collection[UUID], today: date) -> Iterable[Any]:
    movements = ArrMovement.objects.filter(
        account=OuterRef("pk"), kind__in=AMENDS, effective_on__lte=today
    )
    notes = Note.objects.filter(account=OuterRef("pk"), is_current=True)
    return Account.objects.filter(
        pk__in=accounts
    ).values(
        "pk",
        "renews_on",
        amended_on=Greatest(
            Subquery(movements.order_by("-effective_on").values("effective_on")[:1]),
            RawSQL(TERMS, [today], output_field=DateField()),  # noqa: S611 - all of it ours
        ),
        asked_on=Subquery(notes.values("ask_again_on")[:1]),
    )
