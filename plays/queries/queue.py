"""The day's queue: whose tasks, in which order, and why in that order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Account
from health.models import AccountRow
from plays.models import Run, Task
from plays.queries.reach import tasks_in_reach
from plays.rules.queueing import Group, group_of
from plays.rules.ranking import Factor, Rank, movability, nearness, risk
from tenants.actor import Actor
from tenants.formats import money_short
from tenants.models import Membership
from tenants.roles import Can, Reach

AHEAD = timedelta(days=7)
MOST_ITEMS = 100
DONE_DAYS = 7
READ = ("account_id", "score", "band", "change_28", "event_on", "renews_on")


@dataclass(frozen=True)
class Item:
    """A task with what the list shows of its account, and its rank."""

    task: Task
    row: AccountRow | None
    group: Group
    rank: Rank
    is_today: bool

    @property
    def account(self) -> Account | None:
        return self.task.account


@dataclass(frozen=True)
class Queue:
    """The items by group in order, what lies beyond them, and the minutes they take today."""

    groups: dict[Group, list[Item]]
    later: int
    hidden: int
    capacity: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def items(self) -> list[Item]:
        return [item for group in self.groups.values() for item in group]

    def minutes(self, is_proactive: bool) -> int:
        """What today's items take."""
        return sum(
            item.task.minutes
            for item in self.items
            if item.is_today and item.task.is_proactive is is_proactive
        )

    @property
    def arr_minor(self) -> int:
        """ARR of the accounts in the list, each once."""
        arr = {item.account.pk: item.account.arr_minor for item in self.items if item.account}
        return sum(arr.values())


def team_ids(actor: Actor) -> set[UUID] | None:
    """The people whose queues an actor may look into: None for everybody's."""
    how_far = actor.reach(Can.READ_TASKS)
    if how_far is Reach.TENANT:
        return None
    mates = Membership.objects.filter(tenant=actor.tenant, ended_at=None, team=actor.team)
    if how_far is Reach.TEAM and actor.team:
        return set(mates.values_list("user_id", flat=True))
    return {actor.user_id} if actor.user_id else set()


def people(actor: Actor) -> list[Membership]:
    """The members whose queues an actor may open, by name. Two queries at most."""
    ids = team_ids(actor)
    found = Membership.objects.filter(tenant=actor.tenant, ended_at=None)
    if ids is not None:
        found = found.filter(user__in=ids)
    return list(found.select_related("user").order_by("user__name", "id"))


def waiting_by_person(actor: Actor, now: datetime) -> list[tuple[Membership, int]]:
    """Those members, and how many open tasks wait for each. Three queries at most."""
    members = people(actor)
    waiting = open_now(Task.objects.filter(owner__in=[each.user_id for each in members]), now)
    found = dict(waiting.values_list("owner").annotate(n=Count("id")))
    return [(each, found.get(each.user_id, 0)) for each in members]


def whose(actor: Actor, who: str) -> QuerySet[Task]:
    """Tasks of one person by id, of the team (“team”), or one's own."""
    if who == "team":
        return tasks_in_reach(actor, Can.READ_TASKS)
    return Task.objects.filter(owner_id=UUID(who) if who else actor.user_id)


def open_now(tasks: QuerySet[Task], now: datetime) -> QuerySet[Task]:
    """Open tasks that are not put off; of a play only the next step."""
    earlier = Task.objects.filter(
        run=OuterRef("run"), state=Task.State.OPEN, step__lt=OuterRef("step")
    )
    return tasks.filter(
        Q(snoozed_until=None) | Q(snoozed_until__lte=now),
        ~Exists(earlier),
        state=Task.State.OPEN,
    )


def queue(actor: Actor, tasks: QuerySet[Task], now: datetime, today: date, end: datetime) -> Queue:
    """What to do next. end: the moment the local day ends. Six queries."""
    waiting = open_now(tasks, now)
    soon = Q(due_at=None) | Q(due_at__lte=now + AHEAD) | Q(planned_on__lte=today)
    found = list(
        waiting.filter(soon)
        .select_related("account", "run", "owner")
        .prefetch_related("run__play")  # a few plays, of which each body is read once
        .order_by("due_at", "-account__arr_minor", "id")[: MOST_ITEMS + 1]
    )
    hidden = waiting.filter(soon).count() - MOST_ITEMS if len(found) > MOST_ITEMS else 0
    items = _items(actor, found[:MOST_ITEMS], today, end)
    return Queue(groups=_grouped(items), later=waiting.exclude(soon).count(), hidden=max(0, hidden))


def counts(actor: Actor, now: datetime) -> dict[str, int]:
    """How many are mine, the team's, put off, and done this week. Two queries."""
    mine = Task.objects.filter(owner_id=actor.user_id)
    return {
        "mine": open_now(mine, now).count(),
        "team": open_now(tasks_in_reach(actor, Can.READ_TASKS), now).count(),
        **mine.aggregate(
            snoozed=Count("id", filter=Q(state=Task.State.OPEN, snoozed_until__gt=now)),
            done=Count(
                "id",
                filter=Q(state=Task.State.DONE, closed_at__gte=now - timedelta(days=DONE_DAYS)),
            ),
        ),
    }


def put_off(tasks: QuerySet[Task], now: datetime) -> list[Task]:
    """Snoozed tasks by when they return. One query."""
    found = tasks.filter(state=Task.State.OPEN, snoozed_until__gt=now)
    return list(found.select_related("account", "owner").order_by("snoozed_until")[:MOST_ITEMS])


def done_lately(tasks: QuerySet[Task], now: datetime) -> list[Task]:
    """What was done in the last week, the latest first. One query."""
    found = tasks.filter(state=Task.State.DONE, closed_at__gte=now - timedelta(days=DONE_DAYS))
    return list(found.select_related("account", "owner").order_by("-closed_at")[:MOST_ITEMS])


def due_later(tasks: QuerySet[Task], now: datetime, today: date) -> list[Task]:
    """What is due after the coming week. One query."""
    found = open_now(tasks, now).filter(due_at__gt=now + AHEAD)
    found = found.exclude(planned_on__lte=today)
    return list(found.select_related("account", "owner").order_by("due_at")[:MOST_ITEMS])


def _items(actor: Actor, tasks: Sequence[Task], today: date, end: datetime) -> list[Item]:
    rows = _rows(task.account_id for task in tasks)
    records = _records({task.run.play_key for task in tasks if task.run})
    items = []
    for task in tasks:
        row = rows.get(task.account_id) if task.account_id else None
        group = group_of(
            has_clock=task.has_clock,
            due_at=task.due_at,
            planned_on=task.planned_on,
            minutes=task.minutes,
            today=today,
            end=end,
        )
        is_due = task.due_at is not None and task.due_at <= end
        is_today = is_due or group in (Group.CLOCK, Group.PLANNED)
        rank = _rank(actor, task, row, records, today)
        items.append(Item(task, row, group, rank, is_today))
    return items


def _rank(
    actor: Actor,
    task: Task,
    row: AccountRow | None,
    records: dict[str, tuple[int, int]],
    today: date,
) -> Rank:
    account = task.account
    arr = account.arr_minor if account else 0
    currency = account.currency if account else actor.tenant.currency
    succeeded, closed = records.get(task.run.play_key, (0, 0)) if task.run else (0, 0)
    renews_on = account.renews_on if account else None
    return Rank(
        Factor("ARR at stake", money_short(arr, currency), arr),
        risk(row.score if row else None),
        nearness(today, row.event_on if row else None, row.renews_on if row else renews_on),
        movability(succeeded, closed),
    )


def _rows(account_ids: Iterable[UUID | None]) -> dict[UUID, AccountRow]:
    wanted = {pk for pk in account_ids if pk}
    found = AccountRow.objects.filter(account__in=wanted).only(*READ)
    return {row.account_id: row for row in found}


def _records(keys: set[str]) -> dict[str, tuple[int, int]]:
    """(succeeded, closed) by key of play; dismissed runs say nothing about what it moves."""
    rows = (
        Run.objects.filter(play_key__in=keys, closed_at__isnull=False)
        .exclude(state=Run.State.DISMISSED)
        .values_list("play_key")
        .annotate(succeeded=Count("id", filter=Q(outcome="success")), closed=Count("id"))
    )
    return {key: (succeeded, closed) for key, succeeded, closed in rows}


def _grouped(items: list[Item]) -> dict[Group, list[Item]]:
    groups: dict[Group, list[Item]] = {group: [] for group in Group}
    for item in items:
        groups[item.group].append(item)
    far = datetime.max.replace(tzinfo=None)
    for group in (Group.CLOCK, Group.PLANNED):
        groups[group].sort(
            key=lambda item: (
                item.task.due_at.replace(tzinfo=None) if item.task.due_at else far,
                -item.rank.value,
            )
        )
    for group in (Group.IMPACT, Group.QUICK):
        groups[group].sort(key=lambda item: -item.rank.value)
    return {group: found for group, found in groups.items() if found}
