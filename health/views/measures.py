"""The catalogue of measures: what each means, how it is computed, how much of it is known."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from health.models import OwnMeasure
from health.queries.coverage import bins, coverage, middle, newest_day, values_of
from health.queries.models import published
from health.queries.today import today_of_tenant
from health.rules.catalogue import MEASURES, Measure, by_slot, shown
from health.rules.models import read
from tenants.access import TenantRequest, needs
from tenants.formats import plural
from tenants.roles import Can

ENDS = 10
DIRECTIONS = {"up": "more is better", "down": "less is better", "none": "neither is better"}


@needs(Can.READ_HEALTH)
@require_GET
def measures(request: TenantRequest) -> HttpResponse:
    """Every measure with its definition and how many accounts have it."""
    found = coverage()
    rows = [
        {
            "measure": measure,
            "direction": DIRECTIONS[measure.direction],
            "known": found.known.get(measure.slot, 0),
            "share": found.share(measure),
        }
        for measure in sorted(by_slot(), key=lambda each: each.name)
    ]
    context = {
        "rows": rows,
        "coverage": found,
        "may_design": request.actor.may(Can.DESIGN_HEALTH),
    }
    return render(request, "health/measures.html", context)


@needs(Can.READ_HEALTH)
@require_GET
def measure(request: TenantRequest, key: str) -> HttpResponse:
    """One measure: definition, statement, coverage, how its values spread, who is at the ends."""
    return measure_page(request, key)


def measure_page(request: TenantRequest, key: str, error: str = "") -> HttpResponse:
    """The page of a measure, with why something was refused."""
    found = MEASURES.get(key)
    if found is None:
        raise Http404
    day = newest_day()
    values = values_of(found, day) if day else []
    numbers = [each.value for each in values]
    known = coverage()
    names = [
        version.name
        for version in published().on(today_of_tenant(timezone.now()))
        if key in {metric.measure for metric in read(version.body).metrics}
    ]
    context = {
        "measure": found,
        "direction": DIRECTIONS[found.direction],
        "coverage": known,
        "known": len(values),
        "share": known.share(found),
        "median": shown(key, middle(numbers)),
        "used_in": names,
        "chart": _chart(found, numbers),
        "lowest": [(each, shown(key, each.value)) for each in values[:ENDS]],
        "highest": [(each, shown(key, each.value)) for each in values[::-1][:ENDS]],
        "statement": f"{found.sql}\n\n-- value\n{found.value}".strip(),
        "own": OwnMeasure.objects.filter(key=key).select_related("author").first(),
        "may_design": request.actor.may(Can.DESIGN_HEALTH),
        "error": error,
    }
    return render(request, "health/measure.html", context, status=409 if error else 200)


def _chart(measure: Measure, values: list[float]) -> dict[str, Any] | None:
    parts = bins(values)
    if not parts:
        return None
    most = max(parts, key=lambda part: part[2])
    said = f"{shown(measure.key, most[0])} to {shown(measure.key, most[1])}"
    return {
        "title": "How the values spread",
        "finding": f"Most, {most[2]} of {plural(len(values), 'account')}, are at {said}.",
        "labels": [shown(measure.key, low) for low, _, _ in parts],
        "series": [("Accounts", "accent", [count for _, _, count in parts])],
        "column": "From",
        "height": 180,
    }
