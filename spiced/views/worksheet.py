"""The impact worksheet: one A4 page of an account, filled from what is known, to write on."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries.reach import account_in_reach
from spiced.models import CriticalEvent, ImpactGoal
from spiced.queries.events import events_of
from spiced.queries.impact import Progress, progress, return_of
from spiced.queries.notes import names_in, picture
from spiced.queries.records import on_paper
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.formats import day, days
from tenants.roles import Can

RATIONAL, EMOTIONAL = 4, 3  # rows on the page, those still to be written among them
PAINS, DECIDERS = 3, 4


@needs(Can.READ_SPICED)
@require_GET
def worksheet(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Rational and emotional impact and the critical event on a time line; lines where none is."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    today = today_of(request)
    goals = [each for each in progress(account, today) if each.is_open]
    dated = [each.event for each in events_of(account) if each.is_open]
    event = next((each for each in dated if each.happens_on and each.happens_on >= today), None)
    seen, currency = picture(account, today), request.tenant.currency
    names = names_in({letter: seen.values(letter) for letter in ("P", "D")})
    pains = on_paper(seen.elements.get("P"), "pains", names, currency)
    context: dict[str, Any] = {
        "account": account,
        "today": today,
        "picture": seen,
        "pains": pains[:PAINS],
        "deciders": on_paper(seen.elements.get("D"), "people", names, currency)[:DECIDERS],
        "n_pains_left_out": len(pains[PAINS:]),
        "rational": _rows(goals, ImpactGoal.Kind.RATIONAL, RATIONAL),
        "emotional": _rows(goals, ImpactGoal.Kind.EMOTIONAL, EMOTIONAL),
        "n_left_out": sum(
            max(0, sum(each.goal.kind == kind for each in goals) - most)
            for kind, most in (
                (ImpactGoal.Kind.RATIONAL, RATIONAL),
                (ImpactGoal.Kind.EMOTIONAL, EMOTIONAL),
            )
        ),
        "return": return_of(account, goals),
        "event": event,
        "chart": _line(event, dated, goals, today) if event else None,
        "back_url": "../",
    }
    return render(request, "spiced/worksheet.html", context)


def _rows(goals: Sequence[Progress], kind: str, most: int) -> list[Progress | None]:
    """Goals of a kind; None for each line that is still to be written."""
    found = [each for each in goals if each.goal.kind == kind][:most]
    return [*found, *[None] * (most - len(found))]


def _line(
    event: CriticalEvent, dated: Sequence[CriticalEvent], goals: Sequence[Progress], today: date
) -> dict[str, Any] | None:
    on = event.happens_on
    if on is None:
        return None
    before = [
        (other.statement[:40], other.happens_on, "todo")
        for other in dated
        if other.pk != event.pk and other.happens_on and today <= other.happens_on < on
    ]
    before += [
        (each.goal.measure[:40], each.goal.deadline_on, "todo")
        for each in goals
        if each.goal.deadline_on and today <= each.goal.deadline_on < on
    ]
    return {
        "title": f"Until {day(on, today)}",
        "finding": f"{event.statement[:80]} is {days((on - today).days)}.",
        "today": today,
        "event": (event.statement[:40], on),
        "milestones": sorted(before, key=lambda each: each[1])[:4],
    }
