"""The ways of deals and accounts along the bowtie, as they were known at a moment."""

from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import Account, Contract
from bowtie.models import DealStep, Stay
from bowtie.rules.lines import BY_OVERRIDE, BY_PROXY, RANKS, Entry, Way
from bowtie.rules.stages import CUSTOMERS, LINE, Stage, is_backward


@dataclass(frozen=True)
class Slice:
    """Which accounts are looked at: of a segment, a CSM, a region; of all where empty.

    currency: those that have, or had, a contract in it.
    """

    segment: str = ""
    owner_id: UUID | None = None
    region: str = ""
    currency: str = ""

    def where(self, path: str) -> Q:
        """The slice over rows that reach their account by a path, as accounts stand today."""
        found = Q()
        if self.segment:
            found &= Q(**{f"{path}segment": self.segment})
        if self.owner_id:
            found &= Q(**{f"{path}owner_id": self.owner_id})
        if self.region:
            found &= Q(**{f"{path}region": self.region})
        if self.currency:
            paying = Contract.objects.filter(currency=self.currency).values("account_id")
            found &= Q(**{f"{path}pk__in": paying})
        return found

    @property
    def given(self) -> dict[str, Any]:
        """What SLICED is given."""
        given = {"segment": self.segment, "owner": self.owner_id}
        return given | {"region": self.region, "currency": self.currency}

    @property
    def is_whole(self) -> bool:
        return self == ALL


ALL = Slice()
SLICED = """
    (%(segment)s = '' OR a.segment = %(segment)s)
    AND (%(owner)s::uuid IS NULL OR a.owner_id = %(owner)s::uuid)
    AND (%(region)s = '' OR a.region = %(region)s)
    AND (%(currency)s = '' OR EXISTS (
        SELECT 1 FROM accounts_contract paying
        WHERE paying.account_id = a.id AND paying.currency = %(currency)s
    ))
"""


def account_ways(as_of: datetime, chosen: Slice = ALL) -> list[Way]:
    """Each life of each account from its signature on, by what was recorded. One query.

    A life that began as imported stays so. Entries revoked by then are left out; accounts
    archived by then too.
    """
    rows = (
        Stay.objects.filter(
            Q(revoked_at=None) | Q(revoked_at__gt=as_of),
            Q(account__archived_at=None) | Q(account__archived_at__gt=as_of),
            chosen.where("account__"),
            recorded_at__lte=as_of,
            entered_at__lte=as_of,
            stage__in=[*CUSTOMERS, Stage.CHURNED],
        )
        .order_by("account_id", "lifecycle", "entered_at", "recorded_at", "pk")
        .values_list(
            "account_id", "lifecycle", "stage", "entered_at", "came_from", "is_imported",
            "account__name", "override_reason", "evidence__is_proxy",
            "evidence__measurement",
        )
    )  # fmt: skip
    found = []
    for (account_id, _), group in groupby(rows, key=lambda row: (row[0], row[1])):
        stays = list(group)
        entries = tuple(Entry(row[2], row[3], _is_back(row[4], row[2])) for row in stays)
        found.append(
            Way(
                id=account_id,
                name=stays[0][6],
                account_id=account_id,
                entries=entries,
                is_imported=stays[0][5],
                unproven=_unproven(stays),
            )
        )
    return found


def _unproven(stays: list[Any]) -> str:
    """Why the First Impact of a life is told apart: by the evidence of the stay that reached it."""
    rank = LINE.index(Stage.FIRST_IMPACT)
    for _, _, stage, *_, override_reason, is_proxy, measurement in stays:
        if RANKS.get(stage, -1) >= rank:
            return BY_OVERRIDE if override_reason and not measurement else BY_PROXY * bool(is_proxy)
    return ""


def _is_back(came_from: str, stage: str) -> bool:
    return bool(came_from) and is_backward(Stage(came_from), Stage(stage))


def deal_ways(as_of: datetime, zone: ZoneInfo, chosen: Slice = ALL) -> list[Way]:
    """Each new-business deal, by what was recorded; with a slice, those of its accounts. One query.

    A step counts from the beginning of its day.
    """
    last_day = as_of.astimezone(zone).date()
    rows = (
        DealStep.objects.filter(
            chosen.where("opportunity__account__"),
            recorded_at__lte=as_of,
            entered_on__lte=last_day,
            opportunity__kind="new",
        )
        .order_by("opportunity_id", "recorded_at", "entered_on", "pk")
        .values_list(
            "opportunity_id", "stage", "entered_on", "opportunity__name",
            "opportunity__account_id", "opportunity__from_cs", "opportunity__referred_by_id",
        )
    )  # fmt: skip
    found = []
    for deal_id, group in groupby(rows, key=lambda row: row[0]):
        steps = list(group)
        found.append(
            Way(
                id=deal_id,
                name=steps[0][3],
                account_id=steps[0][4],
                entries=_entries(steps, zone),
                is_referred=steps[0][5] or steps[0][6] is not None,
                referred_by=steps[0][6],
            )
        )
    return found


def _entries(steps: list[Any], zone: ZoneInfo) -> tuple[Entry, ...]:
    """In the order in which they were told; a day before the last one counts from the last."""
    entries: list[Entry] = []
    latest = date.min
    for step in sorted(steps, key=lambda row: row[1] in ("won", "lost")):
        latest = max(latest, step[2])
        entries.append(Entry(step[1], datetime.combine(latest, time(), zone)))
    return tuple(entries)


@dataclass(frozen=True)
class Choices:
    """What a slice can be chosen from. owners: (id, name)."""

    segments: list[str]
    owners: list[tuple[UUID, str]]
    regions: list[str]
    currencies: list[str]


def choices() -> Choices:
    """What the accounts of today have. Four queries."""
    live = Account.objects.filter(archived_at=None)
    segments = live.exclude(segment="").values_list("segment", flat=True).distinct()
    regions = live.exclude(region="").values_list("region", flat=True).distinct()
    owners = live.exclude(owner=None).values_list("owner_id", "owner__name").distinct()
    named = [(pk, name or "") for pk, name in owners if pk is not None]
    currencies = Contract.objects.values_list("currency", flat=True).distinct()
    return Choices(
        sorted(segments),
        sorted(named, key=lambda each: each[1]),
        sorted(regions),
        sorted(currencies),
    )
