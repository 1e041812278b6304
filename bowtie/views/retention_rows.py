"""The accounts and entries behind the figures of the retention page, also as a file."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bowtie.forms import EARLIEST, LATEST
from bowtie.queries.cohorts import MONTHS, members
from bowtie.queries.ledger import departures, movements, windows
from bowtie.queries.money import renewals
from bowtie.rules.money import Renewal
from bowtie.rules.retention import retention
from bowtie.views.board import as_query
from bowtie.views.retention import (
    KIND_LABELS,
    NOT_RECORDED,
    SIGNINGS,
    STATES,
    arr_of,
    asked_retention,
    shared,
    who_decided,
)
from bowtie.views.window import MOST_ROWS
from charter.queries import causes
from tenants.access import TenantRequest, needs
from tenants.formats import money, plural, rate
from tenants.roles import Can

EXPORTED = "bowtie:export_renewals"
Row = tuple[Any, str, list[str]]  # account id, name, cells


@needs(Can.READ_INSIGHT)
@require_GET
def ledger(request: TenantRequest) -> HttpResponse:
    """The ledger entries behind a figure of the retention page."""
    form, asked = asked_retention(request)
    kind = request.GET.get("kind", "")
    found = movements(
        asked.eve, asked.until, asked.as_of, asked.chosen, kind if kind in KIND_LABELS else ""
    )
    amounts = list(found.values_list("amount_minor", flat=True))
    context = shared(form, asked) | {
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
    found = windows(asked.eve, asked.until, asked.as_of, asked.chosen)
    rows = sorted(
        (each for each in found if each.start > 0),
        key=lambda each: (each.kept - each.start, each.name),
    )
    context = shared(form, asked) | {
        "result": retention(found),
        "kept": sum(each.kept for each in rows),
        "least": sum(min(each.start, each.kept) for each in rows),
        "rows": [{"row": each, "least": min(each.start, each.kept)} for each in rows[:MOST_ROWS]],
        "hidden": max(0, len(rows) - MOST_ROWS),
    }
    return render(request, "bowtie/cohort.html", context)


@needs(Can.READ_INSIGHT)
@require_GET
def due(request: TenantRequest) -> HttpResponse:
    """What was up for renewal in the window, and what became of it."""
    form, asked = asked_retention(request)
    state = request.GET.get("state", "")
    labels = dict(STATES)
    if state and state not in labels:
        raise Http404
    found = renewals(asked.eve, asked.until, asked.as_of, asked.today, asked.chosen)
    signed = request.GET.get("signed", "")
    if signed and signed not in dict(SIGNINGS):
        raise Http404
    chosen = [each for each in found if state in ("", each.state) and _is_signed(each, signed)]
    chosen.sort(key=lambda each: (each.renewed_minor - each.due_minor, each.name, each.due_on))
    total = sum(each.due_minor for each in chosen), sum(each.renewed_minor for each in chosen)
    rows: list[Row] = [
        (
            each.account_id,
            each.name,
            [
                f"{each.due_on:%-d %b %Y}",
                labels[each.state],
                f"{each.signed_on:%-d %b %Y}" if each.signed_on else "",
                *_amounts(request, each.due_minor, each.renewed_minor),
            ],
        )
        for each in chosen
    ]
    heads = ("Due on", "What became of it", "Signed on", "Due", "Renewed")
    told = labels.get(state) or dict(SIGNINGS).get(signed)
    label = f"Renewals: {told.lower()}" if told else "Renewals due"
    more: dict[str, Any] = {"together": ["", "", "", *_amounts(request, *total)]}
    if request.actor.may(Can.EXPORT):
        more["file_url"] = f"{reverse(EXPORTED)}?{as_query(form)}"
    return _list(request, label, heads, 3, rows, shared(form, asked) | more)


def _is_signed(each: Renewal, signed: str) -> bool:
    return each.is_early if signed == "early" else signed in ("", each.signing)


@needs(Can.READ_INSIGHT)
@require_GET
def cell(request: TenantRequest, quarter: str, month: int) -> HttpResponse:
    """The accounts behind one cell of the cohort matrix."""
    form, asked = asked_retention(request)
    day = _first_day(quarter)
    if day is None or month > MONTHS:
        raise Http404
    found = members(day, month, asked.until, asked.as_of, asked.chosen)
    won, left = sum(each.won for each in found), sum(each.left for each in found)
    found.sort(key=lambda each: (each.left - each.won, each.name))
    rows: list[Row] = [
        (
            each.account_id,
            each.name,
            [f"{each.since:%-d %b %Y}", *_amounts(request, each.won, each.left)],
        )
        for each in found
    ]
    heads = ("Customer since", "Won", f"Left after {plural(month, 'month')}")
    label = f"Won in {day.year} Q{(day.month + 2) // 3}, after {plural(month, 'month')}"
    more = {
        "together": ["", *_amounts(request, won, left)],
        "said": f"{rate(left / won)} of the ARR won" if won > 0 else "",
    }
    return _list(request, label, heads, 1, rows, shared(form, asked) | more)


@needs(Can.READ_INSIGHT)
@require_GET
def left(request: TenantRequest) -> HttpResponse:
    """Who left in the window; with `who` and `why`, those of one line of the reasons."""
    form, asked = asked_retention(request)
    found = departures(asked.eve, asked.until, asked.as_of, asked.chosen)
    who, why = request.GET.get("who"), request.GET.get("why")
    if who is not None and why is not None:
        found = [each for each in found if (each.initiation, each.cause) == (who, why)]
    standing, words = arr_of(found, asked), causes()
    rows: list[Row] = [
        (
            each.account_id,
            each.account.name,
            [
                f"{each.ended_on:%-d %b %Y}",
                who_decided(each.initiation),
                words.label(each.cause) or NOT_RECORDED,
                "" if each.postmortem_at else "missing",
                *_amounts(request, each.arr_minor, standing.get(each.account_id, 0)),
            ],
        )
        for each in found
    ]
    heads = (
        "Ended",
        "Decided by",
        "Cause",
        "Post-mortem",
        "ARR lost",
        "ARR at the end, by the ledger",
    )
    lost = sum(each.arr_minor for each in found)
    more = {"together": ["", "", "", "", *_amounts(request, lost), ""]}
    return _list(request, "Who left", heads, 4, rows, shared(form, asked) | more)


def _first_day(quarter: str) -> date | None:
    """The first day of a quarter as an address names it; None where it is none."""
    try:
        day = date.fromisoformat(quarter)
    except ValueError:
        return None
    is_one = day.day == 1 and day.month % 3 == 1
    return day if is_one and EARLIEST <= day <= LATEST else None


def _amounts(request: TenantRequest, *minor: int) -> list[str]:
    return [money(each, request.tenant.currency, cents=True) for each in minor]


def _list(
    request: TenantRequest,
    label: str,
    heads: tuple[str, ...],
    words: int,
    rows: list[Row],
    context: dict[str, Any],
) -> HttpResponse:
    """A table of accounts. words: how many columns are words; those after it are amounts."""
    context |= {
        "label": label,
        "heads": heads,
        "n_words": words,
        "n": len(rows),
        "rows": rows[:MOST_ROWS],
        "hidden": max(0, len(rows) - MOST_ROWS),
    }
    return render(request, "bowtie/retention_rows.html", context)
