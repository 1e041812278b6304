"""Handoffs as they stand: judged, with the clock that runs, for one account or a whole inbox."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from charter.models import Document
from charter.queries import (
    HandoffItems,
    Promise,
    TouchModels,
    calendar,
    handoff_items,
    promises,
    touch_models,
)
from charter.rules.calendar import Calendar
from journeys.models import Handoff
from journeys.rules.clocks import REPAIR, Clock
from journeys.rules.judgement import Judgement, judged, overdue, waived_now
from journeys.rules.kinds import KINDS, WITHIN, HandoffKind, promise_of, step_in_hand
from plays.models import Task
from spiced.models import Element
from spiced.rules.minima import Minimum, minimum
from tenants.actor import Actor
from tenants.models import Membership
from tenants.roles import Can, Reach

OPEN = ("draft", "returned", "submitted", "accepted")
WITH_GIVER = ("draft", "returned")
LOOKS_BACK = timedelta(days=365)
ANSWERED = Q(accepted_at__isnull=False) | Q(returns__gt=0)
OWING = ("submitted", "accepted", "completed")  # where what was waived is still to be added


def kind_of(handoff: Handoff) -> HandoffKind:
    """What this handoff asks and promises."""
    return KINDS[handoff.kind]


def step_of(handoff: Handoff) -> str:
    """The step it waits for; empty once all is done."""
    return step_in_hand(kind_of(handoff), handoff.state, handoff.steps)


def may_be_written(handoff: Handoff) -> bool:
    """With the sender; or accepted on the promise that a waived item is added."""
    if handoff.state in WITH_GIVER:
        return True
    return bool(handoff.waived_item) and handoff.state in OWING


def still_owed(handoff: Handoff) -> set[str]:
    """What is asked for the waived item and was not said yet: all that may be added with CS."""
    asked = kind_of(handoff).asked_for(handoff.waived_item)
    asks = kind_of(handoff).asks
    return {key for key in asked if not asks[key].is_said(handoff.fields)}


@dataclass(frozen=True)
class Accepted:
    """How many of the answered handoffs of one person were accepted without coming back."""

    giver_id: UUID
    name: str
    n: int
    accepted: int

    @property
    def share(self) -> float:
        return self.accepted / self.n


def acceptance(now: datetime) -> list[Accepted]:
    """Sales to CS handoffs of the last year by who handed over, most first. One query.

    Answered are those that were accepted, or returned by a person at least once.
    """
    rows = (
        Handoff.objects.filter(
            ANSWERED,
            kind=Handoff.Kind.SALES_TO_CS,
            signed_at__gte=now - LOOKS_BACK,
            sender__isnull=False,
            account__archived_at=None,
        )
        .values_list("sender_id", "sender__name")
        .annotate(n=Count("pk"), ok=Count("pk", filter=Q(returns=0, accepted_at__isnull=False)))
        .order_by("-n", "sender__name", "sender_id")
    )
    return [Accepted(*row) for row in rows]


@dataclass(frozen=True)
class Case:
    """A handoff with what is judged of it now. clock is None where no promised step runs.

    least: the SPICED minimum it is judged by, from version minima_version of the touch models;
    items_version: of the charter's mandatory items.
    is_overdue: the time of a waiver is over and its item still missing.
    """

    handoff: Handoff
    judgement: Judgement
    scores: Mapping[str, int]
    waived: tuple[str, ...]
    clock: Clock | None
    least: Minimum
    minima_version: int
    items_version: int
    is_overdue: bool

    @property
    def lacks(self) -> list[str]:
        return self.judgement.lacks(self.waived)


@dataclass(frozen=True)
class Hours:
    """The promised times and the calendar they run in."""

    promises: Mapping[str, Promise]
    calendar: Calendar

    def due_at(
        self,
        kind: HandoffKind,
        step: str,
        start: datetime,
        said: Mapping[str, str],
        *,
        is_urgent: bool = False,
    ) -> datetime | None:
        """When a step is due that starts at a moment; None where nothing is promised."""
        key = promise_of(kind, step, said, is_urgent=is_urgent) if step else ""
        promise = self.promises.get(key)
        return promise.due_at(start, self.calendar) if promise else None

    def repair_until(self, start: datetime) -> datetime | None:
        """By when a waived item must be there; None where nothing is promised."""
        promise = self.promises.get(REPAIR)
        return promise.due_at(start, self.calendar) if promise else None

    def clock(self, handoff: Handoff, now: datetime) -> Clock | None:
        """The clock of the step in hand; None where none runs or nothing is promised."""
        kind, step, due_at = kind_of(handoff), step_of(handoff), handoff.due_at
        if not step or due_at is None:
            return None
        key = promise_of(kind, step, handoff.fields, is_urgent=handoff.is_urgent)
        promise = self.promises.get(key)
        if promise is None:
            return None
        if promise.clock == "clock":
            left = (due_at - now).total_seconds() / 3600
        else:
            left = self.calendar.hours_between(now, due_at)
        if left == 0 and due_at < now:  # late, though no business hour has passed since
            left = -1 / 60
        return Clock(step, kind.steps[step].label, left, promise.hours)


def hours() -> Hours:
    """What the charter promises, nothing where it is not written, and when the clock runs.

    Three queries.
    """
    try:
        promised = promises()
    except Document.DoesNotExist:
        promised = {}
    return Hours(promised, calendar())


def cases(handoffs: Iterable[Handoff], now: datetime) -> list[Case]:
    """Handoffs, their accounts loaded, judged as they stand. Six queries whatever their number."""
    found = list(handoffs)
    scores = scores_of({each.account_id for each in found})
    promised = hours()
    models = touch_models({each.minima_version for each in found if each.minima_version})
    items = handoff_items({each.items_version for each in found if each.items_version})
    return [
        case(each, scores.get(each.account_id, {}), promised, models, items, now) for each in found
    ]


def case(
    handoff: Handoff,
    scores: Mapping[str, int],
    promised: Hours,
    models: TouchModels,
    items: HandoffItems,
    now: datetime,
) -> Case:
    """One handoff judged with the SPICED scores of its account.

    Once accepted it is judged by the minimum and the mandatory items that were in force then.
    """
    least = minimum(models.of(handoff.minima_version), handoff.account.touch_model)
    judgement = judged(
        handoff.fields,
        scores,
        least,
        kind=kind_of(handoff),
        mandatory=items.of(handoff.items_version, handoff.kind),
        completeness=items.completeness(handoff.items_version),
    )
    return Case(
        handoff=handoff,
        judgement=judgement,
        scores=scores,
        waived=waived_now(handoff.waived_item, handoff.waiver_until, now),
        clock=promised.clock(handoff, now),
        least=least,
        minima_version=handoff.minima_version or models.version,
        items_version=handoff.items_version or items.version,
        is_overdue=handoff.state in OWING
        and overdue(handoff.waived_item, handoff.waiver_until, judgement.missing, now),
    )


def open_handoff(account_id: UUID) -> Handoff | None:
    """The handoff within CS of an account that is not completed. One query."""
    found = Handoff.objects.filter(account=account_id, kind__in=WITHIN, state__in=OPEN)
    return found.order_by("-pk").first()


def scores_of(account_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """The SPICED scores (0-3 by letter) of accounts. One query."""
    found: dict[UUID, dict[str, int]] = {}
    rows = Element.objects.filter(
        note__account__in=list(account_ids), note__is_current=True
    ).values_list("note__account_id", "letter", "score")
    for account_id, letter, score in rows:
        found.setdefault(account_id, {})[letter] = score
    return found


def inbox(
    actor: Actor,
    *,
    side: str,
    state: str,
    now: datetime,
    kind: str = "",
    giver: UUID | None = None,
    only: Collection[UUID] | None = None,
) -> QuerySet[Handoff]:
    """The handoffs one may look at, most urgent first.

    side: incoming (to me or my team), outgoing (from me), or all. state: open, late, answered
    (accepted or returned once, in the last year) or a state. kind: of `KINDS`, all where empty;
    giver: who handed over. only: these, whatever their state.
    """
    found = Handoff.objects.filter(account__archived_at=None).select_related(
        "account", "account__owner", "account__seller", "sender", "receiver"
    )
    if side == "incoming":
        found = found.filter(_to(actor))
    elif side == "outgoing":
        found = found.filter(_from(actor))
    if only is not None:
        found = found.filter(pk__in=only)
    elif state == "late":
        owed = Q(repair_task__state=Task.State.OPEN)
        found = found.filter(Q(state__in=OPEN, due_at__lt=now) | owed)
    elif state == "answered":
        found = found.filter(ANSWERED, signed_at__gte=now - LOOKS_BACK)
    elif state == "open":
        found = found.filter(state__in=OPEN)
    else:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if giver is not None:
        found = found.filter(sender=giver)
    return found.order_by("due_at", "-signed_at", "pk")


def _from(actor: Actor) -> Q:
    sold = Q(kind=Handoff.Kind.SALES_TO_CS, account__seller=actor.user_id)
    return Q(sender=actor.user_id) | sold


def _to(actor: Actor) -> Q:
    is_within = Q(kind__in=WITHIN)
    mine = is_within & Q(account__owner=actor.user_id) | Q(receiver=actor.user_id)
    mine |= Q(kind=Handoff.Kind.CS_TO_SALES, receiver=None, account__seller=actor.user_id)
    if actor.reach(Can.ACCEPT_HANDOFF) is Reach.TEAM and actor.team:
        mates = Membership.objects.filter(tenant=actor.tenant, team=actor.team).values("user")
        of_team = Q(account__owner__in=mates) | Q(account__owner=None)
        mine |= of_team & (is_within | Q(receiver=None))
    return mine


def waiting(actor: Actor) -> tuple[int, datetime | None]:
    """How many handoffs wait for a person, and the nearest promised moment. One query."""
    taker = Q(kind__in=WITHIN, account__owner=actor.user_id) | (
        ~Q(kind__in=WITHIN) & Q(receiver=actor.user_id)
    )
    mine = Q(state="submitted") & taker | Q(state__in=WITH_GIVER) & _from(actor)
    found = Handoff.objects.filter(mine, account__archived_at=None).aggregate(
        n=Count("pk"), nearest=Min("due_at")
    )
    return found["n"], found["nearest"]
