"""The retention page, and the accounts and entries behind its figures."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import ChurnRecord
from bowtie.forms import BoardForm, RetentionForm
from bowtie.queries.board import Asked
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import departures, movements, movers, rollup, windows
from bowtie.queries.ways import segments_and_owners
from bowtie.rules.cohorts import Cohort
from bowtie.rules.retention import Retention, retention
from bowtie.views.board import as_query
from bowtie.views.window import MOST_ROWS
from tenants.access import TenantRequest, needs
from tenants.formats import money, money_short, rate
from tenants.roles import Can

MOVERS = 5
KIND_LABELS = {
    "new": "New",
    "reactivation": "Came back",
    "restore": "Restored",
    "expansion": "Expansion",
    "contraction": "Contraction",
    "churn": "Churn",
    "adjustment": "Adjustment",
}
COHORT_MONTHS = (0, 3, 6, 9, 12, 18, 24, 30, 36)
MOST_COHORTS = 12


@needs(Can.READ_INSIGHT)
@require_GET
def retention_page(request: TenantRequest) -> HttpResponse:
    """GRR, NRR and logo retention from the ledger, with what moved them."""
    form, asked = asked_retention(request)
    of = (asked.since, asked.until, asked.as_of, asked.chosen)
    result = rollup(*of)
    context = _shared(form, asked) | {
        "result": result,
        "stats": _retention_stats(result, request.tenant.currency, as_query(form)),
        "chart": _waterfall(result, request.tenant.currency)
        if result.opening or result.movements
        else None,
        "heat": _heat(cohorts(asked.until, asked.as_of, asked.chosen)),
        "kinds": [
            {"kind": kind, "label": label, "amount": result.movements[kind]}
            for kind, label in KIND_LABELS.items()
            if kind in result.movements
        ],
        "movers": movers(*of, most=MOVERS),
        "reasons": _reasons(departures(*of)),
    }
    return render(request, "bowtie/retention.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def ledger(request: TenantRequest) -> HttpResponse:
    """The ledger entries behind a figure of the retention page."""
    form, asked = asked_retention(request)
    kind = request.GET.get("kind", "")
    found = movements(
        asked.since, asked.until, asked.as_of, asked.chosen, kind if kind in KIND_LABELS else ""
    )
    amounts = list(found.values_list("amount_minor", flat=True))
    context = _shared(form, asked) | {
        "label": KIND_LABELS.get(kind, "All movements"),
        "n": len(amounts),
        "total": sum(amounts),
        "rows": list(found[:MOST_ROWS]),
        "hidden": max(0, len(amounts) - MOST_ROWS),
    }
    return render(request, "bowtie/ledger.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def cohort(request: TenantRequest) -> HttpResponse:
    """The accounts behind the rates: what each had at the start and what is kept of it."""
    form, asked = asked_retention(request)
    found = windows(asked.since, asked.until, asked.as_of, asked.chosen)
    rows = sorted(
        (each for each in found if each.start > 0),
        key=lambda each: (each.kept - each.start, each.name),
    )
    context = _shared(form, asked) | {
        "result": retention(found),
        "kept": sum(each.kept for each in rows),
        "least": sum(min(each.start, each.kept) for each in rows),
        "rows": [{"row": each, "least": min(each.start, each.kept)} for each in rows[:MOST_ROWS]],
        "hidden": max(0, len(rows) - MOST_ROWS),
    }
    return render(request, "bowtie/cohort.html", context)


def asked_retention(request: TenantRequest) -> tuple[BoardForm, Asked]:
    """The form of the address, and the window, slice and day of knowledge it asks for."""
    segments, owners = segments_and_owners()
    form = RetentionForm(segments, owners, request.GET or None)
    asked = form.asked(timezone.now(), ZoneInfo(request.tenant.time_zone))
    if not form.is_bound:
        given = {"since": asked.since, "until": asked.until}
        form = RetentionForm(segments, owners, initial=given)
    return form, asked


def _shared(form: BoardForm, asked: Asked) -> dict[str, Any]:
    return {
        "form": form,
        "query": as_query(form),
        "since": asked.since,
        "until": asked.until,
        "as_of": asked.as_of,
        "is_past": bool(form.is_bound and form.is_valid() and form.cleaned_data["as_of"]),
        "is_sliced": not asked.chosen.is_whole,
    }


def _reasons(records: list[ChurnRecord]) -> list[dict[str, Any]]:
    """Who decided and why, two axes, by the ARR they took; what nobody wrote is said so."""
    sums: dict[tuple[str, str], list[int]] = {}
    for record in records:
        who = record.get_initiation_display() if record.initiation else "Not recorded"
        why = record.cause.replace("_", " ").capitalize() or "Not recorded"
        sums.setdefault((who, why), []).append(record.arr_minor)
    found = [
        {"initiation": who, "cause": why, "n": len(arr), "arr_minor": sum(arr)}
        for (who, why), arr in sums.items()
    ]
    return sorted(found, key=lambda row: (-row["arr_minor"], row["initiation"], row["cause"]))


def _heat(found: list[Cohort]) -> dict[str, Any] | None:
    if not found:
        return None
    shown = found[-MOST_COHORTS:]
    return {
        "title": "ARR kept by start quarter",
        "finding": "Of the ARR won in a quarter, what is left so many months later; "
        "empty until the whole quarter is that old.",
        "columns": [f"M{month}" for month in COHORT_MONTHS],
        "rows": [
            (each.label, str(each.n), [each.arr[month] for month in COHORT_MONTHS])
            for each in shown
        ],
    }


def _retention_stats(result: Retention, currency: str, query: str) -> list[dict[str, Any]]:
    low = ", low n" if result.is_low_n else ""
    base = f"{result.n} accounts at the start{low}"
    url = f"{reverse('bowtie:cohort')}?{query}"
    ratio = "n/a" if result.quick_ratio is None else f"{result.quick_ratio:.1f}"
    return [
        {"label": "Net revenue retention", "value": rate(result.nrr), "note": base, "url": url},
        {"label": "Gross revenue retention", "value": rate(result.grr), "note": base, "url": url},
        {
            "label": "Logo retention",
            "value": rate(result.logo),
            "note": f"{result.stayed} of {result.n} accounts stayed{low}",
            "url": url,
        },
        {
            "label": "Quick ratio",
            "value": ratio,
            "note": "gains ÷ losses of ARR",
            "url": f"{reverse('bowtie:ledger')}?{query}",
        },
        {
            "label": "ARR at the end",
            "value": money_short(result.closing, currency),
            "note": money(result.closing, currency, cents=True),
        },
    ]


def _waterfall(result: Retention, currency: str) -> dict[str, Any]:
    steps: list[tuple[str, int, str]] = [("Start", result.opening, "total")]
    steps += [
        (label, result.movements[kind], "change")
        for kind, label in KIND_LABELS.items()
        if result.movements.get(kind)
    ]
    return {
        "title": "What moved ARR",
        "finding": f"From {money(result.opening, currency, cents=True)} to "
        f"{money(result.closing, currency, cents=True)}.",
        "steps": [*steps, ("End", result.closing, "total")],
        "unit": currency,
    }
