"""First Impact within 90 days, and time to it by cohort, each figure open to its accounts."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from journeys.queries.figures import lives
from journeys.queries.reports import ways
from journeys.rules.cohorts import TARGET, WITHIN, Way, cohorts, key_of, within_90
from journeys.rules.figures import figures
from tenants.access import TenantRequest, needs
from tenants.roles import Can

BACK = timedelta(days=900)
FIGURES_OF = timedelta(days=365)
MOST_ROWS = 300
KINDS = ("all", "within", "later", "apart", "open")


@needs(Can.READ_ONBOARDING)
@require_GET
def report(request: TenantRequest) -> HttpResponse:
    """Cohorts by quarter; with ?cohort= the accounts of one, or of the 90 days' share."""
    now = timezone.now()
    today = timezone.localdate(now)
    found = ways(today - BACK, now)
    chosen, kind = request.GET.get("cohort", ""), request.GET.get("of", "all")
    if kind not in KINDS:
        raise Http404
    rows: list[Way] = []
    if chosen == "judged":
        rows = [w for w in found if within_90([w], today).n]
    elif chosen:
        rows = [w for w in found if key_of(w.began_on) == chosen]
        if not rows:
            raise Http404
    rows = [each for each in rows if _is_of(each, kind)]
    context: dict[str, Any] = {
        "within": within_90(found, today),
        "cohorts": cohorts(found, today),
        "target": TARGET,
        "days": WITHIN,
        "chosen": chosen,
        "chosen_label": "90 to 455 days ago" if chosen == "judged" else chosen.upper(),
        "rows": rows[:MOST_ROWS],
        "hidden": max(0, len(rows) - MOST_ROWS),
        "n_rows": len(rows),
        "as_of": now,
    }
    context |= _figures(request.GET.get("figure", ""), now)
    return render(request, "journeys/report.html", context)


def _figures(key: str, now: datetime) -> dict[str, Any]:
    """How onboarding went, and the accounts behind the figure that was chosen."""
    today = timezone.localdate(now)
    found = figures(lives(today - FIGURES_OF, now), today)
    chosen = next((each for each in found if each.key == key), None)
    if key and chosen is None:
        raise Http404
    behind = chosen.lives if chosen else []
    return {
        "figures": found,
        "figure_days": FIGURES_OF.days,
        "figure_key": key,
        "chosen_figure": chosen,
        "lives": behind[:MOST_ROWS],
        "lives_hidden": max(0, len(behind) - MOST_ROWS),
    }


def _is_of(way: Way, kind: str) -> bool:
    match kind:
        case "within":
            return way.is_within
        case "later":
            return way.took is not None and not way.is_within
        case "apart":
            return bool(way.unproven)
        case "open":
            return way.reached_on is None
    return True
