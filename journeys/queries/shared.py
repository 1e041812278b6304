"""What a customer sees of their account by a share link: this, and nothing else.

Every field is named here and copied out of its row, so no internal column can follow a new
template. Promises made to another person stay with that person.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, Contact
from journeys.models import JointPlan, ShareLink
from journeys.queries.shared_joint import SharedJoint, shared_joint
from journeys.queries.shared_plan import VisiblePlan, visible_plan
from spiced.models import CriticalEvent, ImpactGoal, ImpactMeasurement
from spiced.queries.impact import Progress, progress
from tenants.models import ShareLookup, User

ASKS_AGAIN_AFTER = timedelta(days=28)
OPEN = (ImpactGoal.Status.AGREED, ImpactGoal.Status.ACTIVE, ImpactGoal.Status.ACHIEVED)


@dataclass(frozen=True)
class SharedGoal:
    """A promise in their words. achieved: share of the way, 0 to 1, by what they confirmed.

    asks_agreement: whether it is time to say, 1 to 5, how far a promise to them is kept.
    """

    id: UUID
    statement: str
    measure: str
    unit: str
    baseline: float | None
    target: float | None
    by: date | None
    is_personal: bool
    achieved: float | None
    asked: "Asked | None"
    confirmed: "Confirmed | None"
    asks_agreement: bool


@dataclass(frozen=True)
class Asked:
    """The newest measurement, waiting for their word. not_yet_on: when they said not yet."""

    id: UUID
    value: float
    on: date
    not_yet_at: datetime | None
    not_yet_by: str
    words: str


@dataclass(frozen=True)
class Confirmed:
    """The newest measurement that somebody of theirs confirmed."""

    value: float
    on: date
    by: str
    at: datetime


@dataclass(frozen=True)
class SharedDate:
    """A date that the account itself confirmed."""

    statement: str
    on: date


@dataclass(frozen=True)
class Person:
    """Whom they can ask."""

    name: str
    email: str


@dataclass(frozen=True)
class Shared:
    """The whole page. company: who shares it."""

    company: str
    account: str
    contact: str
    goals: tuple[SharedGoal, ...]
    plan: VisiblePlan | None
    joint: SharedJoint | None
    dates: tuple[SharedDate, ...]
    person: Person | None
    until: datetime | None

    @property
    def n_asked(self) -> int:
        return sum(bool(goal.asked or goal.asks_agreement) for goal in self.goals)


def link_of(lookup: ShareLookup, now: datetime) -> ShareLink | None:
    """The link behind a token that still holds: in its time, its contact and account still here."""
    found = ShareLink.objects.select_related("account__owner", "contact", "tenant").filter(
        pk=lookup.link_id,
        contact__departed_on=None,
        contact__archived_at=None,
        account__archived_at=None,
        tenant__is_active=True,
    )
    link = found.first()
    return link if link and link.is_open(now) else None


def shared_with(
    account: Account, contact: Contact, *, today: date, until: datetime | None
) -> Shared:
    """What one contact of an account sees on a day. Eleven queries at most."""
    seen = [
        _goal(each, today)
        for each in progress(account, today)
        if each.goal.status in OPEN and each.goal.person_id in (None, contact.pk)
    ]
    events = CriticalEvent.objects.filter(
        account=account,
        status=CriticalEvent.Status.OPEN,
        confirmed_at__isnull=False,
        on__gte=today,
    ).order_by("on", "id")
    return Shared(
        company=account.tenant.name,
        account=account.name,
        contact=contact.name,
        goals=tuple(seen),
        plan=visible_plan(account.pk),
        joint=shared_joint(account.pk, timezone.now(), today),
        dates=tuple(SharedDate(event.statement, event.on) for event in events if event.on),
        person=_person(account.owner),
        until=until,
    )


def asked_of(link: ShareLink, measurement_id: UUID, today: date) -> ImpactMeasurement | None:
    """A measurement that the page of the link asks about; None for every other one."""
    seen = shared_with(link.account, link.contact, today=today, until=None)
    if measurement_id not in {goal.asked.id for goal in seen.goals if goal.asked}:
        return None
    found = ImpactMeasurement.objects.select_related("goal__account").filter(pk=measurement_id)
    return found.first()


def goal_asked_of(link: ShareLink, goal_id: UUID, today: date) -> ImpactGoal | None:
    """A promise to the link's contact that the page asks about; None for every other one."""
    seen = shared_with(link.account, link.contact, today=today, until=None)
    if goal_id not in {goal.id for goal in seen.goals if goal.asks_agreement}:
        return None
    return ImpactGoal.objects.select_related("account").filter(pk=goal_id).first()


def joint_asked_of(link: ShareLink, plan_id: UUID, today: date) -> JointPlan | None:
    """The joint plan that the page of the link asks about; None for every other one."""
    seen = shared_joint(link.account_id, timezone.now(), today)
    if seen is None or seen.id != plan_id or not seen.asks:
        return None
    return JointPlan.objects.filter(pk=plan_id).first()


def _goal(each: Progress, today: date) -> SharedGoal:
    goal = each.goal
    is_personal = goal.kind == ImpactGoal.Kind.EMOTIONAL
    said_on = each.current.measured_on if each.current else None
    newest = each.measurements[0] if each.measurements else None
    return SharedGoal(
        id=goal.pk,
        statement=goal.statement,
        measure=goal.measure,
        unit=goal.unit,
        baseline=goal.baseline,
        target=goal.target,
        by=goal.deadline_on,
        is_personal=is_personal,
        achieved=None if each.achieved is None else min(1.0, max(0.0, each.achieved)),
        asked=_asked(newest) if newest and newest.confirmed_at is None else None,
        confirmed=_confirmed(each.current) if each.current else None,
        asks_agreement=is_personal and (said_on is None or today - said_on >= ASKS_AGAIN_AFTER),
    )


def _asked(measurement: ImpactMeasurement) -> Asked:
    return Asked(
        id=measurement.pk,
        value=measurement.value,
        on=measurement.measured_on,
        not_yet_at=measurement.doubted_at,
        not_yet_by=measurement.doubted_by.name if measurement.doubted_by else "",
        words=measurement.doubt,
    )


def _confirmed(measurement: ImpactMeasurement) -> Confirmed | None:
    if measurement.confirmed_at is None:
        return None
    by = measurement.confirmed_by.name if measurement.confirmed_by else ""
    return Confirmed(measurement.value, measurement.measured_on, by, measurement.confirmed_at)


def _person(owner: User | None) -> Person | None:
    return Person(owner.name, owner.email) if owner else None
