"""The plan of an onboarding: two sides, dates, whose turn it is, and how it stands."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.queries.reach import account_in_reach, in_reach
from bowtie.queries.first_impact import confirmed, proof
from journeys.models import Onboarding, PlanTask
from journeys.queries.onboardings import OnboardingCase, cases, pushed_by
from journeys.rules.templates import PHASES, ROLES_OF
from tenants.access import TenantRequest, needs
from tenants.formats import day, number, plural, rate
from tenants.roles import Can

SIDE_NAMES = {"us": "us", "them": "the account"}


@needs(Can.READ_ONBOARDING)
@require_GET
def onboarding(request: TenantRequest, onboarding_id: UUID) -> HttpResponse:
    """One onboarding with its plan; the plan alone where the page asks for it again."""
    found = onboarding_of(request, Can.READ_ONBOARDING, onboarding_id)
    context = plan_context(request, found)
    part = "#plan" if request.htmx else ""
    return render(request, f"journeys/onboarding.html{part}", context)


def onboarding_of(request: TenantRequest, can: Can, onboarding_id: UUID) -> Onboarding:
    """An onboarding whose account a capability covers. Raises Http404."""
    found = get_object_or_404(
        Onboarding.objects.select_related(
            "account", "template", "owner", "handoff", "evidence__confirmed_by"
        ),
        pk=onboarding_id,
    )
    account_in_reach(request.actor, can, found.account_id)
    return found


def plan_context(request: TenantRequest, found: Onboarding) -> dict[str, Any]:
    """What the partial `plan` shows."""
    now = timezone.now()
    (case,) = cases([found], now)
    account = found.account
    may_run = in_reach(request.actor, Can.RUN_ONBOARDING).filter(pk=account.pk).exists()
    is_open = found.ended_at is None
    today = timezone.localdate(now)
    return {
        "account": account,
        "onboarding": found,
        "case": case,
        "is_open": is_open,
        "may_run": may_run and is_open,
        "phases": _phases(case, today, now, may_run=may_run),
        "stats": _stats(case, now),
        "turn": _turn(case, now),
        "split": split_words(case),
        "has_proof": is_open and may_run and proof(account, confirmed(account), now) is not None,
        "phase": PHASES.get(case.standing.phase, case.standing.phase),
        "as_of": now,
    }


def _stats(case: OnboardingCase, now: datetime) -> list[dict[str, Any]]:
    found, standing = case.onboarding, case.standing
    window = (found.agreed_on - found.anchor_on).days
    moved = "as planned"
    if found.agreed_on != found.planned_on:
        moved = f"planned {day(found.planned_on)}"
    pace = standing.pace
    late = f"{plural(standing.late_days, 'day')} late" if standing.late_days else ""
    return [
        {"label": "Day", "value": f"{case.day} of {window}", "note": late or "since commit",
         "tone": "risk" if late else ""},
        {"label": "First Impact agreed for", "value": day(found.agreed_on), "note": moved},
        {
            "label": "At this pace",
            "value": day(standing.projected_on) if standing.projected_on else "n/a",
            "note": "two gates are needed" if pace is None else f"{number(pace, 2)} × planned time",
            "tone": "watch" if standing.warnings else "",
        },
        {"label": "Done", "value": rate(standing.progress, 0), "note": _counted(case.tasks)},
    ]  # fmt: skip


def _counted(tasks: Sequence[PlanTask]) -> str:
    done = sum(each.state == PlanTask.State.DONE for each in tasks)
    skipped = sum(each.state == PlanTask.State.SKIPPED for each in tasks)
    words = f"{done} of {len(tasks) - skipped} tasks"
    return f"{words}, {skipped} left out" if skipped else words


def _turn(case: OnboardingCase, now: datetime) -> dict[str, Any] | None:
    """Whose turn it is, and for how long."""
    if case.turn is None:
        return None
    return {
        "side": case.turn.side,
        "words": f"Waits on {SIDE_NAMES[case.turn.side]}",
        "since": case.turn.began_at,
        "for": plural((now - case.turn.began_at).days, "day"),
    }


def split_words(case: OnboardingCase) -> dict[str, Any]:
    """Days with each side, with one decimal, so that they can be seen to add up."""
    us, them = (span.total_seconds() / 86_400 for span in (case.split.us, case.split.them))
    return {
        "us": number(us, 1),
        "them": number(them, 1),
        "whole": number(us + them, 1),
        "share": rate(case.split.their_share, 0),
        "max": max(1, round((us + them) * 100)),
        "value": round(them * 100),
    }


def _phases(
    case: OnboardingCase, today: date, now: datetime, *, may_run: bool
) -> list[dict[str, Any]]:
    rows = [_row(each, case, today, now, may_run=may_run) for each in case.tasks]
    shown = []
    for key, label in PHASES.items():
        inside = [row for row in rows if row["task"].phase == key]
        if inside:
            shown.append(
                {
                    "key": key,
                    "label": label,
                    "is_current": case.is_open and key == case.standing.phase,
                    "sides": [
                        (words, [row for row in inside if row["task"].side == side])
                        for side, words in (("us", "Us"), ("them", "The account"))
                    ],
                    "closed": sum(not row["is_open"] for row in inside),
                    "n": len(inside),
                }
            )
    return shown


def _row(
    task: PlanTask, case: OnboardingCase, today: date, now: datetime, *, may_run: bool
) -> dict[str, Any]:
    is_open = task.state == PlanTask.State.OPEN
    is_late = is_open and task.due_on < today and case.is_open
    goes_on = case.is_open or (
        task.phase == "transition" and case.onboarding.state == Onboarding.State.REACHED
    )
    person = task.owner.name if task.owner else task.contact.name if task.contact else ""
    waits = ""
    if task.waiting_since:
        span = plural((now - task.waiting_since).days, "day")
        waits = f"waits on {SIDE_NAMES[task.waiting_on]} for {span}"
    return {
        "task": task,
        "is_open": is_open,
        "is_late": is_late,
        "late": plural((today - task.due_on).days, "day") if is_late else "",
        "pushes": [each.label for each in pushed_by(task, case.tasks, today)] if is_late else [],
        "in_hand": task.key in case.hand and case.is_open,
        "person": person or ROLES_OF.get(task.side, {}).get(task.role, ""),
        "is_nobody": not person,
        "waits": waits,
        "moved": task.due_on != task.first_due_on,
        "may_work": may_run and goes_on and is_open,
        "may_reopen": may_run and case.is_open and (not is_open or bool(task.waiting_on)),
    }
