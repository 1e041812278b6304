"""The bowtie page, each figure open to what stands behind it."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Account
from bowtie.queries.board import PARTS, deals, journeys, standing, steps
from bowtie.rules.funnel import Step, weakest
from bowtie.rules.stages import Stage
from bowtie.views.window import MOST_ROWS, as_query, asked_window, moments
from tenants.access import TenantRequest, needs
from tenants.formats import rate
from tenants.roles import Can


@needs(Can.READ_INSIGHT)
@require_GET
def board(request: TenantRequest) -> HttpResponse:
    """The whole bowtie for a window of time: volume, conversion and days at each step."""
    form, since, until = asked_window(request)
    found = _steps(request, since, until)
    context = {
        "form": form,
        "query": as_query(since, until),
        "chart": _bowtie_chart(found, since, until),
        "steps": [_step_row(each) for each in found],
        "standing": standing(),
        "as_of": timezone.now(),
    }
    return render(request, "bowtie/board.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def part(request: TenantRequest, key: str) -> HttpResponse:
    """The opportunities or accounts behind one volume of the bowtie."""
    labels = {each: (label, unit) for each, label, unit in PARTS}
    if key not in labels:
        raise Http404
    form, since, until = asked_window(request)
    position = list(labels).index(key)
    rows: list[dict[str, Any]]
    if position < 3:
        found = [each for each in deals(since, until) if each.came_to >= position]
        rows = [
            {
                "id": each.account_id,
                "name": each.name,
                "entered": each.opened_on,
                "went_on": each.came_to > position,
            }
            for each in found
        ]
    else:
        ladder = ("committed_at", "live_at", "first_impact_at", "recurring_at")
        entered = ladder[position - 3]
        then = ladder[position - 2] if position < 6 else ""
        rows = [
            {
                "id": each.account_id,
                "name": each.name,
                "entered": getattr(each, entered),
                "went_on": bool(then and getattr(each, then)),
                "arr_minor": each.arr_minor,
            }
            for each in journeys(*moments(request, since, until))
            if getattr(each, entered)
        ]
    context = {
        "form": form,
        "label": labels[key][0],
        "unit": labels[key][1],
        "n": len(rows),
        "rows": rows[:MOST_ROWS],
        "hidden": max(0, len(rows) - MOST_ROWS),
        "is_last": position == 6,
        "query": as_query(since, until),
        "since": since,
        "until": until,
    }
    return render(request, "bowtie/part.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def stage(request: TenantRequest, stage: str) -> HttpResponse:
    """The accounts that stand in a stage now."""
    if stage not in Stage.__members__.values():
        raise Http404
    found = Account.objects.filter(stage=stage, archived_at=None).order_by("-arr_minor", "pk")
    n = found.count()
    context = {
        "label": Stage(stage).label,
        "n": n,
        "hidden": max(0, n - MOST_ROWS),
        "rows": list(found[:MOST_ROWS]),
    }
    return render(request, "bowtie/stage.html", context)


def _steps(request: TenantRequest, since: date, until: date) -> list[Step]:
    return steps(deals(since, until), journeys(*moments(request, since, until)))


def _bowtie_chart(found: list[Step], since: date, until: date) -> dict[str, Any]:
    weak = weakest(found)
    if weak is None:
        finding = "No step is under its target." if any(s.volume for s in found) else NOTHING
    else:
        finding = (
            f"{weak.label} is furthest under its target: {weak.reached} of {weak.volume} went on "
            f"({rate(weak.conversion)}), target {rate(weak.target, 0)}."
        )
    return {
        "title": f"Opened or signed {since:%-d %b %Y} to {until:%-d %b %Y}",
        "finding": finding,
        "stages": [(s.label, f"{s.volume:,}", s.unit) for s in found],
        "rates": [
            (
                rate(s.conversion),
                "" if s.median_days is None else f"{s.median_days:.0f} days",
                "risk" if s is weak else "",
            )
            for s in found[:-1]
        ],
        "weakest": None if weak is None else found.index(weak) + 1,
    }


NOTHING = "Nothing was opened or signed in this window."


def _step_row(each: Step) -> dict[str, Any]:
    return asdict(each) | {"is_low_n": each.is_low_n, "gap": each.gap}
