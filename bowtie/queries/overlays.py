"""Overlays: what holds of an account beside its stage, so that counts of stages stay clean.

Some are set by a person, some follow from facts; apps above register what they know.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Account
from bowtie.models import Overlay
from bowtie.queries.facts import lapsed_words
from bowtie.queries.first_impact import first_impact_days
from bowtie.rules.stages import LINE, Stage
from charter.queries import body_at
from charter.rules.numbers import Lapse
from spiced.queries.readings import readings_of
from spiced.rules.impact import last_sign

WITH_IMPACT = tuple(LINE[LINE.index(Stage.FIRST_IMPACT) :])


@dataclass(frozen=True)
class Mark:
    """An overlay that holds. since: None where nobody knows. is_set: by a person."""

    key: str
    label: str
    since: date | None
    why: str = ""
    is_set: bool = False


Found = dict[UUID, Mark]
Derived = Callable[[Collection[UUID], datetime], Found]
DERIVED: list[Derived] = []


def derived(read: Derived) -> Derived:
    """Register an overlay that follows from facts: `f(account_ids, now)`, marks by account."""
    DERIVED.append(read)
    return read


def overlays(account_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Mark]]:
    """The overlays of accounts, set ones first. A fixed number of queries."""
    found: defaultdict[UUID, list[Mark]] = defaultdict(list)
    for each in Overlay.objects.filter(account__in=account_ids, ended_at=None).order_by("kind"):
        mark = Mark(each.kind, each.get_kind_display(), each.since, each.reason, is_set=True)
        found[each.account_id].append(mark)
    for read in DERIVED:
        for account_id, mark in read(account_ids, now).items():
            found[account_id].append(mark)
    return dict(found)


@derived
def in_renewal_window(account_ids: Collection[UUID], now: datetime) -> Found:
    """Accounts whose renewal is near, in the days the charter says."""
    today = timezone.localdate(now)
    window = timedelta(days=body_at("bowtie", now)[1]["renewal_window_days"])
    renewing = Account.objects.filter(
        pk__in=account_ids, renews_on__gte=today, renews_on__lte=today + window
    ).values_list("pk", "renews_on")
    return {
        pk: Mark("in_renewal_window", "In renewal window", on - window)
        for pk, on in renewing
        if on is not None
    }


@derived
def impact_lapsed(account_ids: Collection[UUID], now: datetime) -> Found:
    """Accounts past First Impact whose impact lapsed (operating model, 5.3)."""
    today = timezone.localdate(now)
    asked = set(
        Account.objects.filter(pk__in=account_ids, stage__in=WITH_IMPACT).values_list(
            "pk", flat=True
        )
    )
    readings, first = readings_of(asked, today), first_impact_days(asked, now)
    lapse = Lapse.from_body(body_at("bowtie", now)[1])
    found: Found = {}
    for pk in asked:
        if words := lapsed_words(readings[pk], first.get(pk), today, lapse):
            last = last_sign(readings[pk], first.get(pk))
            found[pk] = Mark("impact_lapsed", "Impact lapsed", _since(last, today, lapse), words)
    return found


def _since(last: date | None, today: date, lapse: Lapse) -> date | None:
    days = timedelta(days=lapse.days)
    return last + days if last and today - last > days else last
