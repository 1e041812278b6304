"""The health of one account: why the score is what it is, and a person's own word on it."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from accounts.queries.reach import account_in_reach, in_reach
from health.actions.overrides import BadOverride, end_override, override_score
from health.forms.overrides import OverrideForm, SinceForm
from health.queries.churn_models import foretold_of
from health.queries.news import awaited
from health.queries.scores import HealthView, health_of, latest, moved
from health.queries.today import today_of_tenant
from health.rules.catalogue import MEASURES
from tenants.access import TenantRequest, needs
from tenants.formats import day as day_words
from tenants.formats import number, signed
from tenants.roles import Can

BACK, A_WEEK = timedelta(days=28), timedelta(days=7)
CHANGED = {"HX-Trigger": '{"health:changed": {}, "dialog:close": {}}'}


@needs(Can.READ_HEALTH)
@require_GET
def panel(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The score with its drivers: a part of the account page, a page of its own without htmx."""
    account = account_in_reach(request.actor, Can.READ_HEALTH, account_id)
    context = panel_context(request, account)
    if request.htmx:
        return render(request, "health/panel.html#panel", context)
    return render(request, "health/panel.html", context | {"chart": _chart(context["health"])})


def panel_context(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What the partial `panel` shows."""
    now = timezone.now()
    today = today_of_tenant(now)
    health = health_of(account, today)
    return {
        "account": account,
        "health": health,
        "awaited": awaited(account.pk, health.as_of, now),
        "chance": _chance(account),
        "moved_since": today - BACK,
        "may_override": _may(request, account),
    }


def _chance(account: Account) -> dict[str, Any] | None:
    """What the churn model foretells, where one is in use."""
    found = foretold_of(account.pk)
    if found is None:
        return None
    return {"row": found, "because": [MEASURES[key].name for key in found.because]}


@needs(Can.READ_HEALTH)
@require_GET
def moved_since(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """What moved the score since a day that is asked for; without one in the last week."""
    account = account_in_reach(request.actor, Can.READ_HEALTH, account_id)
    form, today = SinceForm(request.GET), today_of_tenant(timezone.now())
    if not form.is_valid():
        return HttpResponse("Choose a day.", status=422, content_type="text/plain; charset=utf-8")
    since = form.cleaned_data["since"] or today - A_WEEK
    context = {"account": account, "since": since, "moved": moved(account.pk, today, since)}
    part = "#moved" if request.htmx else ""
    return render(request, f"health/moved.html{part}", context)


@needs(Can.READ_HEALTH)
@require_GET
def awaited_score(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Whether the score that follows what was just saved is there: `health:changed` once it is."""
    account = account_in_reach(request.actor, Can.READ_HEALTH, account_id)
    if not request.htmx:
        return redirect("health:panel", account.pk)
    now = timezone.now()
    snapshot = latest(account.pk, today_of_tenant(now))
    scored_at = snapshot.recorded_at if snapshot else None
    waits = awaited(account.pk, scored_at, now)
    if waits is None:
        return HttpResponse(status=204, headers={"HX-Trigger": "health:changed"})
    if not waits.is_late:
        return HttpResponse(status=204)
    context = {"account": account, "awaited": waits, "as_of": scored_at}
    return render(request, "health/_awaited.html", context)


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def override(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Set a person's own score, with a reason and an end."""
    account = account_in_reach(request.actor, Can.EDIT_ACCOUNTS, account_id)
    now = timezone.now()
    today = today_of_tenant(now)
    if request.method == "GET":
        return _override(request, account, OverrideForm(today))
    form = OverrideForm(today, request.POST)
    if not form.is_valid():
        return _override(request, account, form, status=422)
    last = form.cleaned_data["expires_on"] + timedelta(days=1)
    zone = ZoneInfo(request.tenant.time_zone)
    try:
        override_score(
            account=account,
            score=form.cleaned_data["score"],
            reason=form.cleaned_data["reason"],
            expires_at=datetime.combine(last, time(), zone),
            author=request.user,
            now=now,
        )
    except BadOverride as refusal:
        form.add_error(None, str(refusal))
        return _override(request, account, form, status=refusal.status)
    return _changed(request, account)


@needs(Can.EDIT_ACCOUNTS)
@require_POST
def end(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Let the computed score count again."""
    account = account_in_reach(request.actor, Can.EDIT_ACCOUNTS, account_id)
    end_override(account=account, author=request.user, now=timezone.now())
    return _changed(request, account)


def _changed(request: TenantRequest, account: Account) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers=CHANGED)
    return redirect("health:panel", account.pk)


def _override(
    request: TenantRequest, account: Account, form: OverrideForm, status: int = 200
) -> HttpResponse:
    context = {"title": f"Health of {account.name}", "account": account, "form": form}
    return render(request, "health/override.html", context, status=status)


def _may(request: TenantRequest, account: Account) -> bool:
    """Whether this person may override: their reach in edits covers the account."""
    reached = in_reach(request.actor, Can.EDIT_ACCOUNTS)
    return request.actor.user is not None and reached.filter(pk=account.pk).exists()


def _chart(health: HealthView) -> dict[str, Any] | None:
    """The score week by week as a line."""
    known = [shown for _, shown in health.history if shown is not None]
    if len(known) < 2:
        return None
    change = known[-1] - known[0]
    return {
        "title": "Health by week",
        "finding": f"From {number(known[0])} to {number(known[-1])} in {len(health.history)}"
        f" weeks, {signed(change)} points.",
        "labels": [day_words(day) for day, _ in health.history],
        "values": [None if shown is None else round(shown, 1) for _, shown in health.history],
        "low": 0,
        "high": 100,
        "tone": {"green": "good", "yellow": "watch", "red": "risk"}.get(health.band, "ink"),
        "column": "Week",
        "every": max(1, len(health.history) // 4),
    }
