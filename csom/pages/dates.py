"""Critical events across accounts: when, what hangs on it, who suffers, and who lacks one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries.reach import in_reach
from csom.pages.register_filters import MINE, asked_filters
from spiced.queries.dates import CRITICAL, ahead, coverage
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.roles import Can

PAGE = 50


@needs(Can.READ_SPICED)
@require_GET
def critical_events(request: TenantRequest) -> HttpResponse:
    """The events ahead, the nearest first; those that are only compelling on demand."""
    form, asked = asked_filters(request)
    today, after = today_of(request), asked.get("after") or 0
    accounts = in_reach(request.actor, Can.READ_SPICED).exclude(stage="churned")
    if owner := asked.get("owner"):
        accounts = accounts.filter(owner_id=request.actor.user_id if owner == MINE else owner)
    if segment := asked.get("segment"):
        accounts = accounts.filter(segment=segment)
    is_compelling = request.GET.get("class") == "compelling"
    events = ahead(accounts, today)
    events = events.exclude(CRITICAL) if is_compelling else events.filter(CRITICAL)
    found: list[Any] = list(events[after : after + PAGE + 1])
    covered = coverage(accounts, today)
    context: dict[str, Any] = {
        "form": form,
        "rows": [{"event": e, "days": (e.when - today).days} for e in found[:PAGE]],
        "more": after + PAGE if len(found) > PAGE else None,
        "coverage": covered,
        "is_compelling": is_compelling,
        "today": today,
    }
    part = "#rows" if request.htmx and after else ""
    return render(request, f"csom/dates.html{part}", context, status=422 if form.errors else 200)
