"""Accounts on their way to First Impact: on time, slow, stuck, waiting on the account, and done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bowtie.queries.first_impact import confirmed, proof
from charter.queries import calendar
from csom.demo.lives import Life
from csom.demo.scene import AT_ONCE, Scene
from journeys.actions.onboardings import People, copied
from journeys.actions.reckoning import reckon
from journeys.models import Handoff, Onboarding, PlanTask, Turn
from journeys.queries.onboardings import as_items
from journeys.queries.templates import in_force, template_for
from journeys.rules.schedule import schedule
from journeys.rules.templates import read
from journeys.rules.turns import turn
from spiced.models import ImpactMeasurement

KNOWN_DAYS = 330
MOODS = ("on time", "slow", "waiting on them", "on time", "stuck", "waiting on us")
SPEED = {"on time": 0.95, "slow": 1.35, "stuck": 1.1}
DONE_SPEEDS = (0.85, 0.95, 1.0, 1.1, 1.4)
STUCK_AT = 0.45  # of the plan


@dataclass
class _Told:
    """The rows of one onboarding, to be written with all others."""

    onboarding: Onboarding
    tasks: list[PlanTask]
    turns: list[Turn]


def fill_onboardings(scene: Scene) -> None:
    """Write the onboardings of accounts that signed in the last months."""
    told: list[_Told] = []
    open_ = 0
    handoffs = {
        each.account_id: each
        for each in Handoff.objects.filter(accepted_at__isnull=False).order_by("signed_at")
    }
    for life in scene.lives:
        is_young = life.is_customer and (scene.today - life.since).days < KNOWN_DAYS
        account = scene.accounts[life.number]
        if not is_young or life.left_on or account.pk not in handoffs:
            continue
        if life.stage in ("onboarding", "live"):
            told.append(_open(scene, life, handoffs[account.pk], MOODS[open_ % len(MOODS)]))
            open_ += 1
        elif life.reached("first_impact") and (
            found := proof(account, confirmed(account), scene.now)
        ):
            told.append(_ended(scene, life, handoffs[account.pk], found.measurement))
    Onboarding.objects.bulk_create([each.onboarding for each in told], batch_size=AT_ONCE)
    PlanTask.objects.bulk_create([t for each in told for t in each.tasks], batch_size=AT_ONCE)
    Turn.objects.bulk_create([t for each in told for t in each.turns], batch_size=AT_ONCE)
    for each in told:
        reckon(each.onboarding, scene.now, None)


def _open(scene: Scene, life: Life, handoff: Handoff, mood: str) -> _Told:
    made = _plan(scene, life, handoff)
    most = len(made.tasks) * (STUCK_AT if mood != "on time" else 1)
    if life.stage == "live":
        keys = [task.key for task in made.tasks]
        most = max(most, keys.index("go_live_signed") + 1)
    _live(scene, made, SPEED.get(mood, 1.0), scene.now, round(most), life.stage == "live")
    first = next((each for each in made.tasks if each.state == PlanTask.State.OPEN), None)
    if first is not None and mood.startswith("waiting"):
        first.waiting_on = "them" if mood.endswith("them") else "us"
        first.waiting_since = max(_last(made), scene.now - timedelta(days=6))
        first.reason = "Access to their directory" if mood.endswith("them") else "A free consultant"
    if mood == "slow":
        made.onboarding.agreed_on += timedelta(days=14)
        made.onboarding.reschedules = 1
    made.turns = _turns(scene, made, None)
    return made


def _ended(scene: Scene, life: Life, handoff: Handoff, measurement: str) -> _Told:
    made = _plan(scene, life, handoff)
    reached = scene.at(life.reached("first_impact") or life.since, 11, 5)
    _live(scene, made, scene.chance.choice(DONE_SPEEDS), reached, len(made.tasks), False)
    evidence = ImpactMeasurement.objects.get(pk=UUID(measurement))
    found = made.onboarding
    found.state, found.ended_at, found.ended_by = Onboarding.State.REACHED, reached, found.owner
    found.evidence, found.evidence_words = evidence, evidence.evidence
    for task in made.tasks:
        if task.state == PlanTask.State.OPEN or task.phase in ("first_impact", "transition"):
            task.state, task.closed_at, task.closed_by = PlanTask.State.DONE, reached, found.owner
    made.turns = _turns(scene, made, reached)
    scene.tell(
        "journeys.onboarding_ended", reached, found.owner, found.account, found.pk,
        evidence=evidence.evidence, measurement=measurement,
    )  # fmt: skip
    return made


def _plan(scene: Scene, life: Life, handoff: Handoff) -> _Told:
    """A plan as it began, nothing done yet."""
    account = scene.accounts[life.number]
    template = template_for(life.touch_model) or in_force()[0]
    body = read(template.body)
    spans = schedule([task.node for task in body.tasks], life.since, calendar())
    impact_on = spans[body.impact_key].due_on
    begun = min(handoff.accepted_at or scene.now, scene.now - timedelta(minutes=10))
    onboarding = Onboarding(
        account=account,
        handoff=handoff,
        template=template,
        owner=account.owner,
        anchor_on=life.since,
        planned_on=impact_on,
        agreed_on=impact_on,
        begun_at=begun,
    )
    people = People(onboarding)
    tasks = [
        PlanTask(
            onboarding=onboarding,
            position=at,
            starts_on=spans[task.key].starts_on,
            due_on=spans[task.key].due_on,
            first_due_on=spans[task.key].due_on,
            **copied(task),
            **people.of(task),
        )
        for at, task in enumerate(body.tasks)
    ]
    scene.tell(
        "journeys.onboarding_begun", begun, account.owner, account, onboarding.pk,
        template=str(template),
    )  # fmt: skip
    return _Told(onboarding, tasks, [])


def _live(
    scene: Scene, made: _Told, speed: float, until: datetime, most: int, is_live: bool
) -> None:
    """Do the first tasks of a plan, each as late as the speed says, up to a moment."""
    begun, anchor = made.onboarding.begun_at, made.onboarding.anchor_on
    last = begun
    for at, task in enumerate(made.tasks[:most]):
        if task.phase in ("first_impact", "transition"):
            break
        span = (task.first_due_on - anchor).days * speed
        on = scene.working(anchor + timedelta(days=round(span)))
        moment = begun if task.phase == "handoff" else scene.at(on, 9 + at % 8, at * 3)
        if moment >= until and not is_live:
            break
        last = min(max(last, moment), until - timedelta(minutes=len(made.tasks) - at))
        task.state, task.closed_at = PlanTask.State.DONE, last
        task.closed_by = made.onboarding.owner
        _tell_done(scene, made.onboarding, task, last)


def _tell_done(scene: Scene, onboarding: Onboarding, task: PlanTask, at: datetime) -> None:
    scene.tell(
        "journeys.plan_task_done", at, onboarding.owner, onboarding.account, task.pk,
        label=task.label, side=task.side,
    )  # fmt: skip


def _last(made: _Told) -> datetime:
    return max([made.onboarding.begun_at, *(t.closed_at for t in made.tasks if t.closed_at)])


def _turns(scene: Scene, made: _Told, ended: datetime | None) -> list[Turn]:
    """Whose turn it was after each task was closed, and since a wait began."""
    moments = {made.onboarding.begun_at}
    moments |= {each.closed_at for each in made.tasks if each.closed_at}
    moments |= {each.waiting_since for each in made.tasks if each.waiting_since}
    turns: list[Turn] = []
    for moment in sorted(each for each in moments if each is not None):
        side = turn(as_items([_as_of(each, moment) for each in made.tasks], scene.zone))
        if moment == ended or (turns and turns[-1].side == side):
            continue
        if turns:
            turns[-1].ended_at = moment
        turns.append(Turn(onboarding=made.onboarding, side=side, began_at=moment))
    if ended and turns:
        turns[-1].ended_at = ended
    return turns


def _as_of(task: PlanTask, moment: datetime) -> PlanTask:
    """The task as it was at a moment."""
    is_closed = task.closed_at is not None and task.closed_at <= moment
    waits = task.waiting_since is not None and task.waiting_since <= moment
    return PlanTask(
        key=task.key,
        phase=task.phase,
        side=task.side,
        after=task.after,
        due_on=task.due_on,
        first_due_on=task.first_due_on,
        is_gate=task.is_gate,
        state=task.state if is_closed else PlanTask.State.OPEN,
        closed_at=task.closed_at if is_closed else None,
        waiting_on=task.waiting_on if waits else "",
    )
