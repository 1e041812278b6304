"""Joint plans as they stand: dated backwards, with the room left and who agreed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account
from charter.queries import calendar
from journeys.models import JointAgreement, JointGoal, JointPlan, JointRisk, JointStep
from journeys.models.onboarding import Side
from journeys.rules.backward import TIGHT, Doing, Room, rooms, worst
from journeys.rules.schedule import Span
from spiced.models import CriticalEvent, ImpactGoal
from spiced.queries.impact import Progress, progress_of
from tenants.models import TrailEntry

CHANGED = "journeys.joint_plan_changed"


@dataclass(frozen=True)
class Accord:
    """Who agreed to what the plan says now, and to what it said before.

    was_agreed: the newest terms both sides agreed to, 0 for none; asked_before: some side agreed
    to earlier terms.
    """

    ours: JointAgreement | None
    theirs: JointAgreement | None
    was_agreed: int
    asked_before: bool

    @property
    def is_agreed(self) -> bool:
        return self.ours is not None and self.theirs is not None

    @property
    def is_changed(self) -> bool:
        """Whether the plan changed since somebody agreed, and not all agreed anew."""
        return self.asked_before and not self.is_agreed

    @property
    def word(self) -> str:
        if self.is_agreed:
            return "agreed"
        if self.is_changed:
            return "changed since agreed"
        if self.ours or self.theirs:
            return "waits for them" if self.ours else "waits for us"
        return "not agreed yet"


@dataclass(frozen=True)
class JointCase:
    """A plan judged on a day. rooms: by key of open steps. slack: the least, None where none is
    open. now_on: the day its event or renewal has now, None where that is over or gone.
    """

    plan: JointPlan
    steps: tuple[JointStep, ...]
    rooms: dict[str, Room]
    accord: Accord
    now_on: date | None

    @property
    def slack(self) -> int | None:
        return worst(self.rooms)

    @property
    def word(self) -> str:
        """infeasible, tight, on time, done, or empty."""
        if self.slack is None:
            return "done" if self.steps else "empty"
        if self.slack < 0:
            return "infeasible"
        return "tight" if self.slack <= TIGHT else "on time"

    @property
    def causes(self) -> list[JointStep]:
        """The steps that make it infeasible, first in order."""
        return [
            each for each in self.steps if each.key in self.rooms and self.rooms[each.key].is_cause
        ]

    @property
    def narrow(self) -> list[JointStep]:
        """The steps with the least slack, first in order."""
        least = self.slack
        return [e for e in self.steps if e.key in self.rooms and self.rooms[e.key].slack == least]


def joint_cases(plans: Iterable[JointPlan], now: datetime) -> list[JointCase]:
    """Plans judged now, account and event loaded. Four queries, whatever their number."""
    found = list(plans)
    steps: dict[UUID, list[JointStep]] = {each.pk: [] for each in found}
    rows = JointStep.objects.filter(plan__in=found).select_related("owner", "contact", "closed_by")
    for step in rows.order_by("position", "pk"):
        steps[step.plan_id].append(step)
    said: dict[UUID, list[JointAgreement]] = {each.pk: [] for each in found}
    agreed = JointAgreement.objects.filter(plan__in=found).select_related("user", "contact")
    for each in agreed.select_related("user", "contact", "recorded_by").order_by("terms", "at"):
        said[each.plan_id].append(each)
    hours = calendar()
    today = now.astimezone(hours.zone).date()
    return [
        JointCase(
            plan=plan,
            steps=tuple(sorted(steps[plan.pk], key=lambda each: (each.due_on, each.position))),
            rooms=rooms(_doing(steps[plan.pk]), today, hours) if plan.ended_at is None else {},
            accord=accord(plan.terms, said[plan.pk]),
            now_on=_now_on(plan),
        )
        for plan in found
    ]


def joint_of(account_id: UUID) -> JointPlan | None:
    """The open plan of an account, else the last one. One query."""
    found = JointPlan.objects.filter(account=account_id).select_related("account", "event")
    return found.order_by("-begun_at", "-pk").first()


def accord(terms: int, said: Sequence[JointAgreement]) -> Accord:
    """What the agreements to a plan amount to under its terms."""
    by_terms: dict[int, dict[str, JointAgreement]] = {}
    for each in said:
        by_terms.setdefault(each.terms, {})[each.side] = each
    both = [number for number, sides in by_terms.items() if len(sides) == len(Side)]
    current = by_terms.get(terms, {})
    return Accord(
        ours=current.get(Side.US),
        theirs=current.get(Side.THEM),
        was_agreed=max(both, default=0),
        asked_before=any(number < terms for number in by_terms),
    )


def changes_since(plan: JointPlan, terms: int) -> list[str]:
    """What changed after terms, in words, oldest first. One query."""
    told = TrailEntry.objects.filter(account_id=plan.account_id, object_id=plan.pk, verb=CHANGED)
    return [
        words
        for entry in told.order_by("recorded_at", "id")
        if entry.facts.get("terms", 0) > terms
        for words in entry.facts.get("changes", [])
    ]


def last_terms(plan: JointPlan) -> int:
    """The newest terms before the present ones that somebody agreed to; 0 for none. One query."""
    said = JointAgreement.objects.filter(plan=plan, terms__lt=plan.terms).order_by("-terms")
    return said.values_list("terms", flat=True).first() or 0


def anchors(account: Account, today: date) -> list[CriticalEvent]:
    """The open events of an account that a plan can be worked back from. One query."""
    events = CriticalEvent.objects.filter(account=account, status=CriticalEvent.Status.OPEN)
    found = [each for each in events.order_by("on", "pk") if each.happens_on]
    return [each for each in found if each.happens_on and each.happens_on > today]


def goals_of(plan: JointPlan, today: date) -> list[Progress]:
    """The goals a plan is for, as they stand, retired ones last. Two queries."""
    linked = JointGoal.objects.filter(plan=plan).values_list("goal_id", flat=True)
    return progress_of(ImpactGoal.objects.filter(pk__in=linked), today)


def risks_of(plan: JointPlan) -> list[JointRisk]:
    """What may keep a plan from its day: open ones first, then the oldest. One query."""
    found = JointRisk.objects.filter(plan=plan).select_related("owner", "closed_by")
    return sorted(found.order_by("noted_at", "pk"), key=lambda each: each.closed_at is not None)


def _now_on(plan: JointPlan) -> date | None:
    if plan.anchor == JointPlan.Anchor.RENEWAL:
        return plan.account.renews_on
    if plan.anchor == JointPlan.Anchor.DAY:
        return plan.anchor_on
    event = plan.event
    is_open = event is not None and event.status == CriticalEvent.Status.OPEN
    return event.happens_on if event and is_open else None


def _doing(steps: Sequence[JointStep]) -> list[Doing]:
    open_ = {each.key for each in steps if each.closed_at is None}
    return [
        Doing(
            key=each.key,
            label=each.label,
            days=each.days,
            span=Span(each.starts_on, each.due_on),
            after=tuple(key for key in each.after if key in open_),
            begun_on=each.begun_on,
        )
        for each in steps
        if each.key in open_
    ]
