"""What an open onboarding asks for by a task, once for each reason: a reset, a plan agreed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from bowtie.rules.gates import PLANNED_TOUCH
from charter.queries import body_at, calendar
from charter.rules.calendar import Calendar
from charter.rules.numbers import Limits
from journeys.actions.reckoning import end_of
from journeys.models import Onboarding
from journeys.queries.agreed import kickoff_day, was_agreed
from journeys.rules.standing import is_overrun
from plays.actions.own_tasks import open_task, settle_task
from tenants.formats import day
from tenants.jobs import Work, job

AT_ONCE = 200
DUE_DAYS = 2  # working days
AGREED_WITHIN = 10  # working days after the kickoff


@dataclass(frozen=True)
class Ask:
    """What is asked for. stamp: the reason in short; another one is asked for again."""

    title: str
    reason: str
    stamp: str


Wanted = Callable[[Onboarding, date, Calendar, Limits], Ask | None]


def executive_reset(
    onboarding: Onboarding, today: date, hours: Calendar, limits: Limits
) -> Ask | None:
    """Far past the time agreed for First Impact; again where another day was agreed since."""
    if not is_overrun(onboarding.anchor_on, onboarding.agreed_on, today, limits):
        return None
    return Ask(
        "Have executives of both sides reset the onboarding",
        f"Past {limits.overrun:g} × the time to First Impact, agreed for "
        f"{day(onboarding.agreed_on)}",
        onboarding.agreed_on.isoformat(),
    )


def agreed_plan(onboarding: Onboarding, today: date, hours: Calendar, limits: Limits) -> Ask | None:
    """Ten working days after the kickoff both sides have agreed to a joint plan (high, mid)."""
    if onboarding.account.touch_model not in PLANNED_TOUCH:
        return None
    held_on = kickoff_day(onboarding, hours)
    if held_on is None or hours.days_between(held_on, today) <= AGREED_WITHIN:
        return None
    if was_agreed(onboarding.account_id):
        return None
    return Ask(
        "Get the joint plan agreed by both sides",
        f"The kickoff was held on {day(held_on)}, {AGREED_WITHIN} working days have passed",
        held_on.isoformat(),
    )


ASKS: dict[str, Wanted] = {"reset": executive_reset, "joint_plan": agreed_plan}


@job("journeys.asks", label="Ask for what onboardings lack", nightly_at=time(0, 55))
def ask_all(work: Work, *, day: str) -> str | None:
    """Look at open onboardings, some at a time."""
    found = Onboarding.objects.filter(ended_at=None, account__archived_at=None)
    if work.cursor:
        found = found.filter(pk__gt=work.cursor)
    found = found.select_for_update(of=("self",), skip_locked=True)
    some = list(found.select_related("account__owner", "owner").order_by("pk")[:AT_ONCE])
    hours, limits = calendar(), Limits.from_body(body_at("handoffs", work.now)[1])
    asked = sum(ask(each, now=work.now, hours=hours, limits=limits) for each in some)
    work.statistics["asked"] = work.statistics.get("asked", 0) + asked
    return str(some[-1].pk) if len(some) == AT_ONCE else None


def ask(onboarding: Onboarding, *, now: datetime, hours: Calendar, limits: Limits) -> int:
    """Ask for what one lacks, settle what it lacks no longer; the caller holds it.

    Returns how many tasks it opened.
    """
    today, opened = now.astimezone(hours.zone).date(), 0
    before = dict(onboarding.asked)
    for key, wanted in ASKS.items():
        found, asked = wanted(onboarding, today, hours, limits), onboarding.asked.get(key)
        if found is None:
            _settle(asked, now, is_done=True)
        elif asked is None or asked["stamp"] != found.stamp:
            _settle(asked, now)
            task = open_task(
                account=onboarding.account,
                owner=onboarding.owner or onboarding.account.owner,
                title=found.title,
                reason=found.reason,
                due_at=end_of(hours.add_days(today, DUE_DAYS), hours),
                now=now,
            )
            onboarding.asked[key] = {"stamp": found.stamp, "task": str(task.pk)}
            opened += 1
    if onboarding.asked != before:
        onboarding.save(update_fields=["asked"])
    return opened


def settle_asks(onboarding: Onboarding, now: datetime) -> None:
    """Close what an onboarding that ends asked for."""
    for asked in onboarding.asked.values():
        _settle(asked, now)


def _settle(asked: dict[str, str] | None, now: datetime, *, is_done: bool = False) -> None:
    if asked is not None:
        settle_task(task_id=UUID(asked["task"]), by=None, now=now, is_done=is_done)
