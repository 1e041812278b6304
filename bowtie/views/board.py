"""The bowtie page, each figure open to what stands behind it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import Account
from bowtie.forms import BoardForm
from bowtie.queries.board import (
    AFTER_IMPACT,
    BEFORE_IMPACT,
    FIRST_EXPANSION,
    FIRST_REFERRAL,
    FIRST_RENEWAL,
    UNPROVEN_IMPACT,
    Board,
    standing,
)
from bowtie.queries.ways import choices
from bowtie.rules.funnel import COHORT, COUNTED, OF_DEALS, Passage, weakest
from bowtie.rules.lines import Way
from bowtie.rules.stages import LEFT, Stage
from bowtie.views.picture import FLOWS, flow_rows, picture, rate_rows, stats
from bowtie.views.window import MOST_ROWS
from tenants.access import TenantRequest, needs
from tenants.roles import Can

STAGES = frozenset(Stage.__members__.values())
CHURN = {
    BEFORE_IMPACT: "Left before First Impact",
    AFTER_IMPACT: "Left after First Impact",
    UNPROVEN_IMPACT: "Left after First Impact nobody confirmed",
}
SINCE_IMPACT = {
    FIRST_RENEWAL: "First Impact to first renewal",
    FIRST_EXPANSION: "First Impact to first expansion",
    FIRST_REFERRAL: "Recurring Impact to first referral",
}


@needs(Can.READ_INSIGHT)
@require_GET
def board(request: TenantRequest) -> HttpResponse:
    """The whole bowtie for a window of time: volume, conversion and days at each step."""
    form, found = asked_board(request)
    weak = weakest(list(found.rates.values()))
    context = _shared(request, form, found) | {
        "chart": picture(found, weak, request.tenant.currency),
        "stats": stats(found, request.tenant.currency, as_query(form)),
        "rates": rate_rows(found, weak),
        "flows": flow_rows(found),
        "reconciles": all(flow.reconciles for flow in found.flows.values()),
        "gain": found.gain,
        "counts_advocacy": "cr8" in found.rates,
        "standing": standing(),
    }
    return render(request, "bowtie/board.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def part(request: TenantRequest, key: str) -> HttpResponse:
    """The opportunities or accounts behind one figure of the bowtie."""
    form, found = asked_board(request)
    rows: list[dict[str, Any]]
    kind = "passages"
    if key in COUNTED:
        rate = found.rates[key]
        label, rows = found.labels[key], _passages(rate.passages, found, key not in OF_DEALS)
    elif key in SINCE_IMPACT:
        label, rows = SINCE_IMPACT[key], _passages(found.waits[key], found, False)
    elif key == "cr6" or key == "cr7":
        kind, label, rows = "money", found.labels[key], _money(found, key)
    elif key == "cr8" and key in found.rates:
        kind, label, rows = "ways", found.labels[key], [_way(way) for way in found.referred]
    elif key in CHURN:
        kind, label, rows = "ways", CHURN[key], [_way(way) for way in found.churn[key]]
    else:
        raise Http404
    context = _shared(request, form, found) | {
        "label": label,
        "kind": kind,
        "is_growth": key == "cr7",
        "rate": found.rates.get(key),
        "has_arr": key in COUNTED and key not in OF_DEALS,
        "is_wait": key in SINCE_IMPACT,
        "begun": SINCE_IMPACT.get(key, "").partition(" to ")[0],
        "unit": "opportunity" if key in OF_DEALS else "account",
        **_cut(rows),
    }
    return render(request, "bowtie/part.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def stage(request: TenantRequest, stage: str) -> HttpResponse:
    """The accounts that stand in a stage now; with `what`, those of a flow of the window."""
    if stage not in Stage.__members__.values():
        raise Http404
    what = request.GET.get("what", "")
    if what in FLOWS and stage != Stage.CHURNED:
        form, found = asked_board(request)
        ways: list[Way] = getattr(found.flows[stage], what)
        context = _shared(request, form, found) | {
            "label": f"{Stage(stage).label}: {FLOWS[what].lower()}",
            "kind": "ways",
            "rate": None,
            "unit": "opportunity" if stage in LEFT else "account",
            "what": what,
            **_cut([_way(way) for way in ways]),
        }
        return render(request, "bowtie/part.html", context)
    rows = Account.objects.filter(stage=stage, archived_at=None).order_by("-arr_minor", "pk")
    n = rows.count()
    context = {
        "label": Stage(stage).label,
        "n": n,
        "hidden": max(0, n - MOST_ROWS),
        "rows": list(rows[:MOST_ROWS]),
    }
    return render(request, "bowtie/stage.html", context)


def asked_board(request: TenantRequest) -> tuple[BoardForm, Board]:
    """The form of the address, and the board it asks for."""
    found = choices()
    form = BoardForm(found, request.GET or None)
    zone = ZoneInfo(request.tenant.time_zone)
    asked = form.asked(timezone.now(), zone)
    if not form.is_bound:
        given = {"since": asked.since, "until": asked.until, "method": COHORT}
        form = BoardForm(found, initial=given)
    return form, Board(asked)


def as_query(form: BoardForm) -> str:
    """What was asked, as an address says it."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    return urlencode({key: value for key, value in given.items() if value})


def _shared(request: TenantRequest, form: BoardForm, found: Board) -> dict[str, Any]:
    asked = found.asked
    return {
        "form": form,
        "query": as_query(form),
        "since": asked.since,
        "until": asked.until,
        "as_of": asked.as_of,
        "is_period": asked.method != COHORT,
        "is_past": asked.as_of < timezone.now() and bool(form.is_bound and form["as_of"].value()),
        "is_sliced": not asked.chosen.is_whole,
        "charter_version": found.charter_version,
    }


def _passages(some: Sequence[Passage], found: Board, has_arr: bool) -> list[dict[str, Any]]:
    return [
        {
            "account_id": each.way.account_id,
            "name": each.way.name,
            "entered": each.entered_at,
            "went_on": each.went_on_at,
            "days": each.days,
            "open_days": each.open_days,
            "has_ended": each.way.ended() is not None,
            "unproven": each.unproven,
            "arr": found.arr_at(each.way, each.entered_at) if has_arr else None,
            "arr_then": found.arr_at(each.way, each.went_on_at)
            if has_arr and each.went_on_at
            else None,
        }
        for each in sorted(some, key=lambda each: each.entered_at, reverse=True)
    ]


def _money(found: Board, key: str) -> list[dict[str, Any]]:
    if key == "cr6":
        return [
            {
                "account_id": d.account_id,
                "name": d.name,
                "before": d.due_minor,
                "after": d.renewed_minor,
            }
            for d in sorted(found.dues, key=lambda d: (d.renewed_minor - d.due_minor, d.name))
        ]
    return [
        {
            "account_id": g.account_id,
            "name": g.name,
            "before": g.kept_minor,
            "after": max(g.kept_minor, g.end_minor),
        }
        for g in sorted(found.growth, key=lambda g: (g.kept_minor - g.end_minor, g.name))
    ]


def _way(way: Way) -> dict[str, Any]:
    last = way.entries[-1]
    return {
        "account_id": way.account_id,
        "name": way.name,
        "entered": way.entries[0].at,
        "last_label": Stage(last.stage).label if last.stage in STAGES else last.stage.capitalize(),
        "last_at": last.at,
        "is_imported": way.is_imported,
    }


def _cut(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"n": len(rows), "rows": rows[:MOST_ROWS], "hidden": max(0, len(rows) - MOST_ROWS)}
