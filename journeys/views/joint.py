"""A joint plan as it is shown: the steps backwards from the anchor, the room, who agreed."""

from typing import Any
from uuid import UUID

from django.db.models import Exists
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.queries.reach import account_in_reach, in_reach
from journeys.models import JointPlan, JointStep
from journeys.queries.joint import (
    JointCase,
    changes_since,
    goals_of,
    joint_cases,
    joint_of,
    last_terms,
    risks_of,
)
from pulse.queries.norms import norm_of
from tenants.access import TenantRequest
from tenants.formats import day, joined, plural
from tenants.roles import Can
from tenants.views.acts import Home

TONES = {"infeasible": "risk", "tight": "watch", "on time": "good", "done": "good"}
MARKS = {"open": "todo", "begun": "next", "done": "done"}


def joint_plan_of(request: TenantRequest, can: Can, joint_plan_id: UUID) -> JointPlan:
    """A plan whose account a capability covers. Raises Http404."""
    found = get_object_or_404(
        JointPlan.objects.select_related("account__owner", "event"), pk=joint_plan_id
    )
    account_in_reach(request.actor, can, found.account_id)
    return found


def home_of(request: TenantRequest, account: Account) -> Home:
    """The page that acts on a joint plan are done over."""
    url = reverse("account_plan", args=[account.pk])
    return Home(request.user, url, "Back to the plan", ("joint:changed",))


def joint_context(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What the tab shows: the open plan or the last one, and the ones before it."""
    found = joint_of(account.pk)
    shown = _may(request, account)
    earlier = JointPlan.objects.filter(account=account).exclude(ended_at=None)
    shown["earlier"] = list(earlier.order_by("-ended_at", "-pk")[:20])
    shown["plan"] = None
    if found is None or found.ended_at is not None:
        return shown
    now = timezone.now()
    (case,) = joint_cases([found], now)
    before = last_terms(found) if case.accord.is_changed else 0
    return shown | {
        "plan": found,
        "case": case,
        "tone": TONES.get(case.word, ""),
        "rows": [_row(each, case) for each in case.steps],
        "loud": _loud(case),
        "moved": _moved(case),
        "alone": [e.label for e in case.steps if not e.closed_at and not e.is_joint],
        "changes": changes_since(found, before) if before else [],
        "chart": _chart(case) if case.steps else None,
        "goals": goals_of(found, timezone.localdate(now)),
        "risks": risks_of(found),
        "norm": norm_of(account.pk, timezone.localdate(now)),
        "as_of": now,
    }


def _may(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What this person may do here. One query."""
    asked = {"may_plan": Can.EDIT_SPICED, "may_show": Can.SHARE, "may_close": Can.HAND_OVER}
    reach = [Exists(in_reach(request.actor, can).filter(pk=account.pk)) for can in asked.values()]
    found = Account.objects.filter(pk=account.pk).values_list(*reach).get()
    return dict(zip(asked, found, strict=True))


def _row(step: JointStep, case: JointCase) -> dict[str, Any]:
    room = case.rooms.get(step.key)
    labels = {each.key: each.label for each in case.steps}
    return {
        "step": step,
        "state": step.state,
        "room": room,
        "slack": plural(abs(room.slack), "day") if room else "",
        "after": [labels[key] for key in step.after if key in labels],
        "contact_left": bool(step.contact and step.contact.departed_on),
    }


def _loud(case: JointCase) -> list[dict[str, str]]:
    """The steps that cannot hold their date, or hardly, with reason and owners of both sides."""
    if case.word not in ("infeasible", "tight"):
        return []
    found = case.causes if case.word == "infeasible" else case.narrow[:1]
    return [
        {
            "label": each.label,
            "reason": case.rooms[each.key].reason,
            "who": joined(
                [person.name for person in (each.owner, each.contact) if person] or ["nobody"]
            ),
        }
        for each in found
    ]


def _moved(case: JointCase) -> str:
    """That the event or renewal has another day than the plan counts from, or none."""
    plan, today = case.plan, timezone.localdate()
    if plan.anchor_on < today and case.slack is not None:
        was = f"{plan.anchor_name} was on {day(plan.anchor_on, today)}"
        return f"{was}. Count back from a day to come."
    if case.now_on is None:
        return f"{plan.anchor_name} is over, or was taken out. Count back from another day."
    if case.now_on != plan.anchor_on:
        return (
            f"{plan.anchor_name} is on {day(case.now_on, today)} now; "
            f"the plan counts back from {day(plan.anchor_on, today)}."
        )
    return ""


def _chart(case: JointCase) -> dict[str, Any]:
    today = timezone.localdate()
    plan = case.plan
    late = {each.key for each in case.steps if each.key in case.rooms} & {
        key for key, room in case.rooms.items() if room.is_infeasible
    }
    marks = [(e.label, e.due_on, "late" if e.key in late else MARKS[e.state]) for e in case.steps]
    words = case.word if case.slack is None or case.slack < 0 else plural(case.slack, "working day")
    words += " of slack" if case.slack is not None and case.slack >= 0 else ""
    start = min(each.begun_on or each.starts_on for each in case.steps)
    if start > today:
        words += f"; the first starts by {day(start, today)}"
    return {
        "title": f"Working back from {day(plan.anchor_on, today)}",
        "finding": f"{plural(len(case.steps), 'step')}, {words}.",
        "today": today,
        "event": (plan.anchor_name, plan.anchor_on),
        "milestones": marks,
        "start": min(start, case.steps[0].due_on),
    }
