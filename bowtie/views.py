"""The bowtie and retention pages, each figure open to what stands behind it."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from bowtie.actions.moves import GateClosed, NoSuchMove, OverrideNeeded, move
from bowtie.forms import MoveForm, WindowForm
from bowtie.queries.board import PARTS, deals, journeys, standing, steps
from bowtie.queries.facts import facts
from bowtie.queries.ledger import movements, windows
from bowtie.rules.funnel import Step, weakest
from bowtie.rules.retention import Retention, retention
from bowtie.rules.stages import Stage, missing, next_stage
from tenants.access import TenantRequest, needs
from tenants.formats import money, money_short, rate
from tenants.roles import Can, Reach

MOST_ROWS = 200
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
def board(request: TenantRequest) -> HttpResponse:
    """The whole bowtie for a window of time: volume, conversion and days at each step."""
    form, since, until = _window(request)
    found = _steps(request, since, until)
    context = {
        "form": form,
        "query": _query(since, until),
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
    form, since, until = _window(request)
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
            for each in journeys(*_moments(request, since, until))
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
        "query": _query(since, until),
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


@needs(Can.READ_INSIGHT)
@require_GET
def retention_page(request: TenantRequest) -> HttpResponse:
    """GRR, NRR and logo retention from the ledger, with what moved them."""
    form, since, until = _window(request)
    found = windows(since, until)
    result = retention(found)
    moved = sorted(found, key=lambda each: (-abs(each.change), each.name))[:MOVERS]
    context = {
        "form": form,
        "query": _query(since, until),
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
    form, since, until = _window(request)
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


@needs(Can.MOVE_STAGE)
@require_http_methods(["GET", "POST"])
def move_account(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Move an account: what the gate asks, the evidence for it, or a lead's override."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    may_override = request.actor.reach(Can.MOVE_STAGE) is not Reach.OWN
    wanted = request.POST.get("to_stage") or request.GET.get("to_stage", "")
    to_stage = Stage(wanted) if wanted in Stage.__members__.values() else _suggested(account)
    if to_stage is None:
        context = {"title": f"Move {account.name}", "account": account, "form": None}
        return render(request, "bowtie/move.html", context)
    if request.method == "GET":
        return _move(request, account, MoveForm(to_stage, may_override), to_stage)
    form = MoveForm(to_stage, may_override, request.POST)
    if not form.is_valid():
        return _move(request, account, form, to_stage, status=422)
    try:
        move(
            account=account,
            to_stage=to_stage,
            actor=request.user,
            now=timezone.now(),
            evidence=form.evidence(),
            override_reason=form.cleaned_data.get("override_reason", ""),
        )
    except (NoSuchMove, GateClosed, OverrideNeeded) as refusal:
        form.add_error(None, str(refusal))
        return _move(request, account, form, to_stage, status=409)
    if request.htmx:
        return HttpResponseClientRedirect(reverse("account", args=[account.pk]))
    return redirect("account", account.pk)


def _suggested(account: Account) -> Stage | None:
    before = Stage(account.stage)
    return Stage.COMMITTED if before is Stage.CHURNED else next_stage(before)


def _move(
    request: TenantRequest, account: Account, form: MoveForm, to_stage: Stage, status: int = 200
) -> HttpResponse:
    today = timezone.now().date()
    context = {
        "title": f"Move {account.name}",
        "account": account,
        "form": form,
        "before": Stage(account.stage),
        "after": to_stage,
        "gaps": missing(to_stage, facts(account, today), {}),
        "stages": [each for each in Stage if each != account.stage],
    }
    return render(request, "bowtie/move.html", context, status=status)


def _window(request: TenantRequest) -> tuple[WindowForm, date, date]:
    form = WindowForm(request.GET or None)
    today = timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()
    since, until = form.window(today)
    if not form.is_bound:
        form = WindowForm(initial={"since": since, "until": until})
    return form, since, until


def _query(since: date, until: date) -> str:
    return urlencode({"since": since.isoformat(), "until": until.isoformat()})


def _moments(request: TenantRequest, since: date, until: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(request.tenant.time_zone)
    end = datetime.combine(until + timedelta(days=1), time(), zone)
    return datetime.combine(since, time(), zone).astimezone(UTC), end.astimezone(UTC)


def _steps(request: TenantRequest, since: date, until: date) -> list[Step]:
    return steps(deals(since, until), journeys(*_moments(request, since, until)))


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
