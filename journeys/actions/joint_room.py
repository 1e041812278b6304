"""A joint plan without room asks its owner, once, and asks no more once it fits again."""

from datetime import datetime, time
from typing import Any

from django.db import transaction

from charter.queries import calendar
from journeys.models import JointPlan
from journeys.queries.joint import JointCase, joint_cases
from plays.actions.own_tasks import bring_up_to_date, open_task, settle_task
from plays.models import Task
from tenants import formats, trail
from tenants.jobs import Work, job
from tenants.models import User
from tenants.timeline import describe

ASKED = {"tight": 2, "infeasible": 1}  # priority of the task
ANSWER_WITHIN_HOURS = 8.0  # business hours from no room to somebody looking at it

describe(
    "journeys.joint_plan_short",
    "The joint plan is {word}",
    icon="triangle-alert",
    detail="{owner} has a task to look at it.",
)
describe("journeys.joint_plan_fits", "The joint plan fits again", icon="check")


@job("journeys.rooms", label="Look how much room joint plans have", nightly_at=time(0, 35))
def rooms_night(work: Work, *, day: str) -> None:
    """Look at every open plan: a day that passes takes room away."""
    work.statistics["changed"] = keep_rooms(now=work.now)


def keep_rooms(*, now: datetime) -> int:
    """Ask or settle for every open plan whose room is another than was asked about.

    Returns for how many.
    """
    plans = JointPlan.objects.filter(ended_at=None, account__archived_at=None)
    found = joint_cases(plans.select_related("account", "event").order_by("pk"), now)
    changed = [each.plan.pk for each in found if _word(each) != each.plan.room_word]
    for pk in changed:
        with transaction.atomic():
            held = JointPlan.objects.select_for_update(of=("self",)).get(pk=pk)
            keep_room(plan=held, actor=None, now=now)
    return len(changed)


@transaction.atomic
def keep_room(*, plan: JointPlan, actor: User | None, now: datetime) -> None:
    """Give the owner of the account a task where a held plan is tight or infeasible.

    One at a time: it follows the plan while it is open, and is asked again only once the plan fits
    in between, or turns from tight to infeasible. It is closed when the plan fits or ends.
    """
    (case,) = joint_cases([plan], now)
    word, was = _word(case), plan.room_word
    if word == was:
        return
    task, owner = plan.room_task, plan.account.owner
    if task is not None and task.state != Task.State.OPEN:
        task = None
    told: dict[str, Any] = {"at": now, "actor": actor, "account_id": plan.account_id}
    told["object_id"] = plan.pk
    if not word:
        if task is not None:
            settle_task(task_id=task.pk, by=actor, now=now, is_done=plan.ended_at is None)
        plan.room_task = None
        if plan.ended_at is None:
            trail.record("journeys.joint_plan_fits", **told)
    elif task is not None:
        bring_up_to_date(
            task_id=task.pk, owner_id=plan.account.owner_id, title=_title(case), due_at=task.due_at
        )
    elif not was or word == "infeasible":
        plan.room_task = open_task(
            account=plan.account,
            owner=owner,
            title=_title(case),
            reason=_reason(case),
            due_at=calendar().add_hours(now, ANSWER_WITHIN_HOURS),
            now=now,
            priority=ASKED[word],
        )
        trail.record("journeys.joint_plan_short", **told, word=word, owner=str(owner or "nobody"))
    plan.room_word = word
    plan.save(update_fields=["room_word", "room_task"])


def _word(case: JointCase) -> str:
    """What is asked about; nothing for a draft that nobody has changed, begun or agreed to."""
    if case.plan.ended_at is not None or case.word not in ASKED:
        return ""
    is_taken_up = case.plan.terms > 1 or case.accord.ours or case.accord.theirs
    return case.word if is_taken_up or any(step.state != "open" for step in case.steps) else ""


def _title(case: JointCase) -> str:
    on = formats.day(case.plan.anchor_on)
    if case.word == "infeasible":
        return f"Joint plan cannot hold {on}: agree on another way with them"
    return f"Joint plan is tight before {on}: see to its next step"


def _reason(case: JointCase) -> str:
    """The first step without room, and why."""
    steps = case.causes or case.narrow
    return f"{steps[0].label}: {case.rooms[steps[0].key].reason}" if steps else ""
