"""The tab one works in: the SPICED note, the date that matters, and what moves the account now."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Account
from accounts.queries.custom import all_fields, values_of
from csom.pages.account_tabs.timeline import newest
from health.views.panel import panel_context as health_panel
from plays.models import Task
from plays.views.panel import panel_context as plays_panel
from spiced.models import CriticalEvent
from spiced.queries.impact import progress
from spiced.rules.events import moved, why_compelling
from spiced.views.editor import editor, today_of
from tenants.access import TenantRequest
from tenants.formats import day, days, plural
from tenants.roles import Can

LATEST = 6
MOST_STEPS = 8


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The editor, the critical event, the latest activity; the rail beside them."""
    today = today_of(request)
    shown = editor(request, account, letter=request.GET.get("step", ""))
    event = shown["picture"].event
    shown |= {
        "event": event,
        "event_chart": _worked_back(account, event, event.happens_on, today)
        if event and event.happens_on
        else None,
        "event_days": (event.happens_on - today).days if event and event.happens_on else None,
        "event_note": why_compelling(consequence=event.consequence, times_moved=event.times_moved)
        if event
        else "",
        "event_moved": moved(event.times_moved) if event else "",
        "latest": newest(request, account, LATEST),
        "impacts": [each for each in progress(account, today) if each.is_open],
    }
    own, retired = values_of(account, all_fields(), today)
    shown |= {
        "own_fields": own,
        "retired_fields": retired,
    }
    shown |= plays_panel(request, account)
    if request.actor.may(Can.READ_HEALTH):
        shown |= health_panel(request, account)
    return shown


def _worked_back(account: Account, event: CriticalEvent, on: date, today: date) -> dict[str, Any]:
    """The event at the right; before it the dated tasks of the account, then today."""
    dated = Task.objects.filter(account=account, due_at__date__lte=on)
    tasks = dated.exclude(state=Task.State.DROPPED).order_by("due_at", "pk")
    found = list(tasks.values_list("title", "due_at", "state"))
    ahead = [each for each in found if each[2] != Task.State.DONE][:MOST_STEPS]
    behind = [each for each in found if each[2] == Task.State.DONE]
    drawn = behind[len(behind) - min(len(behind), MOST_STEPS - len(ahead)) :] + ahead
    steps: list[tuple[str, date, str]] = []
    for title, due_at, standing in sorted(drawn, key=lambda each: timezone.localdate(each[1])):
        due = timezone.localdate(due_at)
        state = "done" if standing == Task.State.DONE else "late" if due < today else "todo"
        steps.append((title, due, state))
    following = next((i for i, step in enumerate(steps) if step[2] == "todo"), None)
    if following is not None:
        steps[following] = (steps[following][0], steps[following][1], "next")
    late = sum(state == "late" for _, _, state in steps)
    left = days((on - today).days)
    finding = f"{event.statement} is {left}; {plural(len(found), 'dated task')} before it"
    return {
        "title": f"Working back from {day(on, today)}",
        "finding": f"{finding}, {late} late." if late else f"{finding}.",
        "today": today,
        "event": (event.statement, on),
        "milestones": steps,
    }
