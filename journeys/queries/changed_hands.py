"""Accounts that got another CSM and were not handed over yet."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.actions.ownership import ASSIGNED
from accounts.models import Account
from accounts.queries.reach import in_reach
from bowtie.rules.stages import LINE, Stage
from journeys.models import Handoff
from tenants.actor import Actor
from tenants.models import TrailEntry
from tenants.roles import Can

OFFERED_FOR = timedelta(days=30)
CUSTOMERS = [str(stage) for stage in LINE[LINE.index(Stage.COMMITTED) :]]


@dataclass(frozen=True)
class Change:
    """Whose an account was before, and since when it is its owner's."""

    account: Account
    giver_id: UUID
    giver: str
    at: datetime


def change_of(account: Account, now: datetime) -> Change | None:
    """The change of one account that nobody handed over; None where there is none."""
    return next(iter(_changes([account], now)), None)


def changed_hands(actor: Actor, now: datetime) -> list[Change]:
    """What one may begin a handoff for: accounts in reach, and those one had. Newest first."""
    told = TrailEntry.objects.filter(recorded_at__gte=now - OFFERED_FOR, verb=ASSIGNED)
    accounts = Account.objects.filter(pk__in=told.values("account_id"), archived_at=None)
    found = _changes(accounts.select_related("owner"), now)
    reach = in_reach(actor, Can.HAND_OVER).filter(pk__in=[each.account.pk for each in found])
    mine = set(reach.values_list("pk", flat=True))
    return [each for each in found if each.account.pk in mine or each.giver_id == actor.user_id]


def _changes(accounts: Iterable[Account], now: datetime) -> list[Change]:
    """Changes of customers since their last handoff between CSMs. At most two queries.

    The giver is who had the account first in that time: whoever had it for an hour between does
    not know it. Where it went back, nothing changed.
    """
    known = {each.pk: each for each in accounts}
    rows = TrailEntry.objects.filter(
        account_id__in=list(known), recorded_at__gte=now - OFFERED_FOR, verb=ASSIGNED
    )
    entries: defaultdict[UUID, list[TrailEntry]] = defaultdict(list)
    for entry in rows.order_by("recorded_at", "id"):
        if entry.account_id:
            entries[entry.account_id].append(entry)
    handoffs = Handoff.objects.filter(account__in=list(entries), kind=Handoff.Kind.CSM_TO_CSM)
    last = handoffs.order_by("signed_at").values_list("account_id", "signed_at")
    handed = dict(last) if entries else {}
    found = []
    for account_id, every in entries.items():
        account, since = known[account_id], handed.get(account_id)
        told = [each for each in every if since is None or each.at > since]
        first = next((each for each in told if each.facts["owner_id"][0]), None)
        if account.stage not in CUSTOMERS or account.owner_id is None or first is None:
            continue
        if first.facts["owner_id"][0] == str(account.owner_id):
            continue
        giver = UUID(first.facts["owner_id"][0])
        found.append(Change(account, giver, first.facts["owner"][0], told[-1].at))
    return sorted(found, key=lambda each: each.at, reverse=True)
