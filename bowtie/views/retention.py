"""The retention page and the ledger behind its figures."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bowtie.queries.ledger import movements, windows
from bowtie.rules.retention import Retention, retention
from bowtie.views.window import MOST_ROWS, as_query, asked_window
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


@needs(Can.READ_INSIGHT)
@require_GET
def retention_page(request: TenantRequest) -> HttpResponse:
    """GRR, NRR and logo retention from the ledger, with what moved them."""
    form, since, until = asked_window(request)
    found = windows(since, until)
    result = retention(found)
    moved = sorted(found, key=lambda each: (-abs(each.change), each.name))[:MOVERS]
    context = {
        "form": form,
        "query": as_query(since, until),
        "since": since,
        "until": until,
        "result": result,
        "stats": _retention_stats(result, request.tenant.currency),
        "chart": _waterfall(result, request.tenant.currency) if found else None,
        "kinds": [
            {"kind": kind, "label": label, "amount": result.movements[kind]}
            for kind, label in KIND_LABELS.items()
            if kind in result.movements
        ],
        "movers": [each for each in moved if each.change],
        "as_of": timezone.now(),
    }
    return render(request, "bowtie/retention.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def ledger(request: TenantRequest) -> HttpResponse:
    """The ledger entries behind a figure of the retention page."""
    form, since, until = asked_window(request)
    kind = request.GET.get("kind", "")
    found = movements(since, until, kind if kind in KIND_LABELS else "")
    amounts = list(found.values_list("amount_minor", flat=True))
    context = {
        "form": form,
        "label": KIND_LABELS.get(kind, "All movements"),
        "kinds": KIND_LABELS,
        "n": len(amounts),
        "total": sum(amounts),
        "rows": list(found[:MOST_ROWS]),
        "hidden": max(0, len(amounts) - MOST_ROWS),
        "since": since,
        "until": until,
    }
    return render(request, "bowtie/ledger.html", context)


def _retention_stats(result: Retention, currency: str) -> list[dict[str, Any]]:
    base = f"{result.n} accounts at the start"
    return [
        {"label": "Net revenue retention", "value": rate(result.nrr), "note": base},
        {"label": "Gross revenue retention", "value": rate(result.grr), "note": base},
        {
            "label": "Logo retention",
            "value": rate(result.logo),
            "note": f"{result.kept} of {result.n} accounts stayed",
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
