"""What the product itself would have done on the days gone by: scores, plays, tasks, rows."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F

from accounts.models import Account
from csom.demo.scene import Scene
from health.actions.rows import keep_rows
from health.actions.snapshots import score_days
from plays.actions.closing import settle, stamp_first_actions
from plays.actions.next_steps import push_next_steps
from plays.actions.opening import Desk, open_runs
from plays.models import Run, Task
from plays.queries.definitions import in_force
from tenants.jobs import NIGHTLY
from tenants.models import Job
from tenants.nights import moment_of, nights

DAILY = 21
WEEKLY = 560  # a year of decisions and half a year before; every fourth week before that
PLAY_EVERY = 7  # days between evaluations, until the last week
PLAY_DAYS = 44
DONE_SHARE = 0.55  # of the tasks that were due, each evening
EARLY_SHARE = 0.2  # of those due the day after


def scored_days(today: date, days: int) -> list[date]:
    """Each day of the last three weeks, one a week for a year and a half, one in four before."""
    near, far = range(min(days, DAILY)), range(DAILY, min(days, WEEKLY), 7)
    ago = {*near, *far, *range(WEEKLY, days, 28)}
    return sorted(today - timedelta(days=each) for each in ago)


def score(scene: Scene, *, days: int) -> int:
    """Store the snapshots of the days gone by, each as it would have been recorded that night."""
    count = 0
    for day in scored_days(scene.today, days):
        night = scene.at(day + timedelta(days=1), 1) if day < scene.today else scene.now
        count += score_days(days=[day], now=scene.now, recorded_at=night)
    return count


def play(scene: Scene, *, days: int) -> None:
    """Run the plays over the last weeks and have people do most of what was due."""
    plays = in_force()
    mine = {account.pk: account for account in scene.accounts.values()}
    for day in played_days(scene.today, min(days, PLAY_DAYS)):
        morning = scene.at(day, 6)
        settle(day=day, now=morning, among=mine)
        desk = Desk()
        for each, _ in plays:
            open_runs(play=each, day=day, now=morning, desk=desk, among=mine)
        _work(scene, scene.at(day, 17), mine)
    stamp_first_actions(now=scene.now)
    plan(scene)


def tell_nights(scene: Scene) -> None:
    """The last night of each kind on the ledger as done: the clock goes on from there."""
    for kind, at in NIGHTLY.items():
        *_, day = nights(at, scene.zone, scene.now)
        begun = moment_of(day, at, scene.zone)
        Job.objects.create(
            kind=kind,
            key=day.isoformat(),
            arguments={"day": day.isoformat()},
            state=Job.State.DONE,
            due_at=begun,
            started_at=begun,
            finished_at=begun + timedelta(minutes=1),
        )


def played_days(today: date, days: int) -> list[date]:
    earlier = [today - timedelta(days=ago) for ago in range(days, 5, -PLAY_EVERY)]
    return [*earlier, *(today - timedelta(days=ago) for ago in (4, 2, 1, 0))]


def _work(scene: Scene, evening: datetime, mine: Mapping[UUID, Account]) -> None:
    """By the evening most of what falls due soon is done."""
    soon = evening + timedelta(days=2)
    open_tasks = Task.objects.filter(state=Task.State.OPEN, account__in=mine)
    due = open_tasks.filter(due_at__lte=soon).select_related("run", "owner")
    done: list[Task] = []
    begun: dict[UUID, datetime] = {}
    for task in due.order_by("due_at", "account__external_id", "title"):
        if task.due_at is None or scene.chance.random() > DONE_SHARE:
            continue
        if task.due_at > evening and scene.chance.random() > EARLY_SHARE:
            continue
        at = min(task.due_at, evening) - timedelta(minutes=scene.chance.randint(15, 200))
        at = max(at, task.created_at + timedelta(minutes=5))
        task.state, task.closed_at, task.closed_by_id = Task.State.DONE, at, task.owner_id
        done.append(task)
        if task.run is not None and task.run.first_action_at is None:
            begun[task.run.pk] = min(begun.get(task.run.pk, at), at)
        account = mine.get(task.account_id) if task.account_id else None
        scene.tell("plays.task_done", at, task.owner, account, task.pk, title=task.title)
    Task.objects.bulk_update(done, ["state", "closed_at", "closed_by"], batch_size=500)
    Task.objects.filter(pk__in=[task.pk for task in done]).update(version=F("version") + 1)
    runs = list(Run.objects.filter(pk__in=begun, first_action_at=None))
    for run in runs:
        run.first_action_at, run.state = begun[run.pk], Run.State.IN_PROGRESS
    Run.objects.bulk_update(runs, ["first_action_at", "state"], batch_size=500)


def plan(scene: Scene) -> None:
    """What people set themselves to do this week; one of it put off."""
    made: list[Task] = []
    by_owner: dict[UUID, list[Account]] = {}
    for account in scene.accounts.values():
        if account.owner_id and account.stage in ("first_impact", "recurring_impact", "max_impact"):
            by_owner.setdefault(account.owner_id, []).append(account)
    for mine in by_owner.values():
        for at, account in enumerate(scene.chance.sample(mine, min(len(PLANNED), len(mine)))):
            title, reason, kind, minutes = PLANNED[at]
            due_on = scene.today + timedelta(days=at)
            due_on += timedelta(days=max(0, 7 - due_on.weekday()) if due_on.weekday() > 4 else 0)
            due = datetime.combine(due_on, time(17), scene.zone)
            is_put_off = at == len(PLANNED) - 1
            made.append(
                Task(
                    account=account,
                    title=title,
                    reason=reason,
                    kind=kind,
                    owner_id=account.owner_id,
                    minutes=minutes,
                    planned_on=scene.today if at < 3 else None,
                    due_at=due,
                    snoozed_until=scene.now + timedelta(days=2) if is_put_off else None,
                    snooze_reason="Waiting for the new org chart" if is_put_off else "",
                    created_at=scene.now - timedelta(days=at + 1),
                )
            )
    Task.objects.bulk_create(made, batch_size=500)


PLANNED = (  # title, reason, kind, minutes
    ("Prepare the business review", "Half a year since the last one", "review", 45),
    ("Send the figures of the month", "Promised in the last call", "email", 15),
    ("Ask for the target of next year", "The budget is fixed next month", "call", 30),
    ("Introduce the new IT lead to support", "Changed in autumn", "email", 15),
    ("Draft the plan to renewal", "Finance needs six weeks", "task", 40),
    ("Map who decides after the merger", "Two teams became one", "task", 20),
)


def rows(scene: Scene) -> None:
    """The rows of the lists, as of now."""
    keep_rows(account_ids=None, now=scene.now)
    push_next_steps(account_ids=[account.pk for account in scene.accounts.values()])
