"""Onboardings as they stand: judged on a day, with the time each side took."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from bowtie.rules.stages import Stage
from charter.queries import History, calendar, history
from charter.rules.calendar import Calendar
from charter.rules.numbers import Limits
from journeys.models import Onboarding, PlanTask, Turn
from journeys.rules.schedule import Node, Span, pushed
from journeys.rules.standing import Item, Standing, in_hand, standing
from journeys.rules.turns import Split, Stretch, split
from tenants.actor import Actor
from tenants.models import Membership

BEGINS_AT = (Stage.COMMITTED, Stage.ONBOARDING, Stage.LIVE)  # where a plan may begin by hand
SOON = timedelta(days=2)


@dataclass(frozen=True)
class OnboardingCase:
    """An onboarding with its tasks in order and what is judged of it. turn: None once ended.

    hand: keys of the tasks that can be done now; day: of the anchor, 0 on the anchor itself.
    """

    onboarding: Onboarding
    tasks: tuple[PlanTask, ...]
    standing: Standing
    split: Split
    turn: Stretch | None
    hand: frozenset[str]
    day: int

    @property
    def is_open(self) -> bool:
        return self.onboarding.ended_at is None

    @property
    def next_task(self) -> PlanTask | None:
        """The task in hand that is due first."""
        found = [each for each in self.tasks if each.key in self.hand]
        return min(found, key=lambda each: (each.due_on, each.position), default=None)


def as_items(tasks: Iterable[PlanTask], zone: ZoneInfo) -> list[Item]:
    """Tasks of a plan as the rules read them."""
    return [
        Item(
            key=each.key,
            phase=each.phase,
            side=each.side,
            due_on=each.due_on,
            first_due_on=each.first_due_on,
            state=each.state,
            waiting_on=each.waiting_on,
            after=tuple(each.after),
            closed_on=each.closed_at.astimezone(zone).date() if each.closed_at else None,
            is_gate=each.is_gate,
            weight=each.weight,
        )
        for each in tasks
    ]


def cases(found: Iterable[Onboarding], now: datetime) -> list[OnboardingCase]:
    """Onboardings judged now; ended ones as on their last day. Five queries, whatever number."""
    onboardings = list(found)
    tasks: defaultdict[UUID, list[PlanTask]] = defaultdict(list)
    rows = PlanTask.objects.filter(onboarding__in=onboardings).select_related("owner", "contact")
    for task in rows.order_by("position", "pk"):
        tasks[task.onboarding_id].append(task)
    turns: defaultdict[UUID, list[Stretch]] = defaultdict(list)
    for each in Turn.objects.filter(onboarding__in=onboardings).order_by("began_at", "pk"):
        turns[each.onboarding_id].append(Stretch(each.side, each.began_at, each.ended_at))
    hours, agreed = calendar(), history("handoffs")
    return [_case(each, tasks[each.pk], turns[each.pk], hours, agreed, now) for each in onboardings]


def _case(
    onboarding: Onboarding,
    tasks: Sequence[PlanTask],
    turns: Sequence[Stretch],
    hours: Calendar,
    agreed: History,
    now: datetime,
) -> OnboardingCase:
    until = onboarding.ended_at or now
    today = until.astimezone(hours.zone).date()
    items = as_items(tasks, hours.zone)
    return OnboardingCase(
        onboarding=onboarding,
        tasks=tuple(tasks),
        standing=standing(
            items,
            anchor=onboarding.anchor_on,
            planned_on=onboarding.planned_on,
            agreed_on=onboarding.agreed_on,
            begun_on=onboarding.begun_at.astimezone(hours.zone).date(),
            today=today,
            calendar=hours,
            limits=Limits.from_body(agreed.at(until)[1]),
        ),
        split=split(turns, until),
        turn=next((each for each in turns if each.ended_at is None), None),
        hand=frozenset(each.key for each in in_hand(items)),
        day=max(0, (today - onboarding.anchor_on).days),
    )


def of_account(account_id: UUID) -> Onboarding | None:
    """The onboarding of an account: the open one, else the last. One query."""
    found = Onboarding.objects.filter(account=account_id).select_related(
        "account", "template", "owner", "evidence__confirmed_by", "evidence__goal"
    )
    return found.order_by("-begun_at", "-pk").first()


def open_onboardings(actor: Actor, *, whose: str) -> QuerySet[Onboarding]:
    """Open onboardings, the next due first. whose: mine, team, all, or the id of a person."""
    found = Onboarding.objects.filter(ended_at=None, account__archived_at=None).select_related(
        "account", "owner"
    )
    if whose == "mine":
        found = found.filter(owner=actor.user_id)
    elif whose == "team":
        mates = Membership.objects.filter(tenant=actor.tenant, team=actor.team, ended_at=None)
        found = found.filter(Q(owner__in=mates.exclude(team="").values("user")) | Q(owner=None))
    elif whose != "all":
        found = found.filter(owner=UUID(whose))
    return found.order_by("agreed_on", "pk")


def owners() -> list[tuple[UUID, str, int]]:
    """(id, name, open onboardings) of everybody who has one. One query."""
    found = Onboarding.objects.filter(ended_at=None, account__archived_at=None, owner__isnull=False)
    rows = found.values_list("owner", "owner__name").annotate(n=Count("pk")).order_by("owner__name")
    return [(pk, name, n) for pk, name, n in rows]


def waiting(actor: Actor, now: datetime) -> tuple[int, datetime | None]:
    """How many open onboardings a person has, and the end of the nearest promised date.

    One query.
    """
    mine = Onboarding.objects.filter(
        ended_at=None, owner=actor.user_id, account__archived_at=None
    ).aggregate(n=Count("pk"), nearest=Min("agreed_on"))
    nearest: date | None = mine["nearest"]
    is_near = nearest is not None and nearest <= (now + SOON).date()
    return mine["n"], now if is_near else None


def pushed_by(task: PlanTask, tasks: Iterable[PlanTask], today: date) -> list[PlanTask]:
    """The tasks that a late one keeps from starting by plan."""
    still = {each.key: each for each in tasks if each.state == PlanTask.State.OPEN}
    nodes = [
        Node(each.key, after=tuple(key for key in each.after if key in still))
        for each in still.values()
    ]
    dates = {each.key: Span(each.starts_on, each.due_on) for each in still.values()}
    hit = pushed(nodes, task.key, dates, max(today, task.due_on))
    return [still[key] for key in hit]
