"""Joint plans of accounts on their way: agreed, tight, infeasible, changed since, waiting."""

from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import Sum

from accounts.models import Account, Contact
from charter.queries import calendar
from csom.demo.scene import Scene
from journeys.actions.joint_agreeing import agree_ours, agree_theirs
from journeys.actions.joint_frame import frame_joint_plan, note_joint_risk
from journeys.actions.joint_plans import (
    Anchor,
    anchor_of,
    begin_joint_plan,
    end_joint_plan,
    show_joint_plan,
)
from journeys.actions.joint_room import keep_rooms
from journeys.actions.joint_steps import StepSaid, change_joint_step, set_joint_step
from journeys.models import JointPlan, JointStep
from journeys.queries.joint import anchors
from journeys.rules.backward import BUFFER, USUAL
from pulse.actions.norms import agree_norm
from pulse.models import UsageDay
from spiced.models import ImpactGoal

MOST = 24
BEGUN_DAYS = 35  # ago
YOUNG = ("onboarding", "live")
MOODS = ("agreed", "infeasible", "changed", "tight", "waits for them")
DAYS = ("The new season opens", "Their group audits the numbers", "The budget round begins")
CADENCES = ("fortnightly", "weekly", "monthly")
RISKS = (
    "Their IT changes nothing in December",
    "Only one person there knows the old system",
    "The works council has not seen the plan yet",
)
SLACK = {"infeasible": -8, "tight": 3, "agreed": 12, "changed": 16, "waits for them": 25}
DONE = 2  # steps


def fill_joint(scene: Scene) -> None:
    """A joint plan for the first customers, those in onboarding before others, and an ended one."""
    customers = [each for each in scene.lives if each.is_customer]
    made = 0
    for life in sorted(customers, key=lambda each: each.stage not in YOUNG):
        account = scene.accounts[life.number]
        people = [each for each in scene.contacts.get(life.number, []) if not each.departed_on]
        if life.left_on or not people or account.owner is None or made == MOST:
            continue
        _plan(scene, account, people[0], made)
        made += 1
    keep_rooms(now=scene.now)


def _plan(scene: Scene, account: Account, theirs: Contact, number: int) -> None:
    mood, begun = MOODS[number % len(MOODS)], scene.now - timedelta(days=BEGUN_DAYS)
    begin = partial(
        begin_joint_plan, account=account, actor=account.owner, now=begun, buffer=BUFFER
    )
    if mood == "agreed" and not number:
        past = begin(anchor=Anchor("day", "Pilot decided", scene.today))
        end_joint_plan(plan=past, actor=account.owner, now=begun, outcome="achieved")
    plan = begin(anchor=_anchor(scene, account, mood, number))
    steps = list(JointStep.objects.filter(plan=plan).order_by("position"))
    for at, step in enumerate(steps):
        step.contact = theirs
        step.save(update_fields=["contact"])
        if at < DONE:
            set_joint_step(step=step, actor=account.owner, now=begun, state="done")
    _frame(plan, begun, number)
    if number % 3 == 0:
        _agree_habit(account, theirs, begun)
    show_joint_plan(plan=plan, actor=account.owner, now=begun, is_shown=True)
    _agree(plan, theirs, mood)
    if mood == "changed":
        longer = StepSaid(
            steps[2].label, steps[2].days + 3, steps[2].owner_id, theirs.pk, (steps[1].key,)
        )
        change_joint_step(step=steps[2], actor=account.owner, now=scene.now, said=longer)


def _anchor(scene: Scene, account: Account, mood: str, number: int) -> Anchor:
    """An event of the account where one lies far enough ahead, else a day that fits the mood."""
    hours = calendar()
    needed = sum(days for _, days, _ in USUAL[DONE:]) + BUFFER + SLACK[mood]
    on: date = hours.add_days(scene.today, needed)
    for event in anchors(account, on if mood in ("agreed", "waits for them") else date.max):
        return anchor_of(account, "event", event_id=event.pk, on=None)
    return Anchor("day", DAYS[number % len(DAYS)], on)


def _frame(plan: JointPlan, now: datetime, number: int) -> None:
    """What the plan is for, how often both sides meet, and what may come between."""
    owner = plan.account.owner
    goals = ImpactGoal.objects.filter(account=plan.account_id, is_in_note=True)
    ids = list(goals.exclude(status=ImpactGoal.Status.RETIRED).values_list("pk", flat=True))
    cadence = CADENCES[number % len(CADENCES)]
    frame_joint_plan(plan=plan, actor=owner, now=now, goal_ids=ids, cadence=cadence)
    if owner is not None and number % 2 == 0:
        text = RISKS[number // 2 % len(RISKS)]
        note_joint_risk(plan=plan, actor=owner, now=now, text=text, owner_id=owner.pk)


def _agree_habit(account: Account, theirs: Contact, begun: datetime) -> None:
    """A weekly habit of what they used in the four weeks before; none where nothing was used."""
    month = UsageDay.objects.filter(account=account, day__gte=(begun - timedelta(days=28)).date())
    uses = month.filter(day__lt=begun.date()).aggregate(n=Sum("actions"))["n"] or 0
    if weekly := uses // 4:
        agree_norm(
            account=account, actor=account.owner, now=begun, weekly=weekly, agreed_by=theirs,
            agreed_on=begun.date(),
        )  # fmt: skip


def _agree(plan: JointPlan, theirs: Contact, mood: str) -> None:
    owner, begun = plan.account.owner, plan.begun_at
    if owner is None or mood == "infeasible":
        return
    agree_ours(plan=plan, actor=owner, now=begun + timedelta(days=1))
    if mood != "waits for them":
        day_after = begun + timedelta(days=2)
        agree_theirs(plan=plan, actor=owner, now=day_after, contact=theirs)
