"""The impact register: all impact across accounts, with its value, proof and age."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.queries.reach import in_reach
from accounts.rules.safe_csv import Cell, csv_lines
from bowtie.queries.recurring import recurring
from csom.pages.recurring import figure_of
from csom.pages.register_filters import DOUBTED, MINE, ONE_SIDED, asked_filters
from spiced.queries.register import Goals, Line, Sums, lines, narrowed, ordered, register, sums
from spiced.rules.register import Standing
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.formats import money_short
from tenants.roles import Can

PAGE = 50
MOST_EXPORTED = 20_000
FIRST = "-value"
HEADS = (  # sorts by, label, class
    *(("account", "Account", ""), ("", "Impact", ""), ("", "Standing", ""), ("", "Way", "end")),
    *(("value", "Value a year", "end"), ("", "Proof", "p2"), ("age", "Age", "end p2")),
    ("deadline", "By", "end p3"),
)
COLUMNS = (
    *("Account", "Account id", "Kind", "Impact", "Standing", "From", "Target", "Now", "Unit"),
    *(
        "By",
        "Way",
        "Worth a year",
        "Promised a year",
        "Times ARR",
        "Proof",
        "Confirmed by",
        "Measured on",
    ),
    *("Age in days", "Currency", "Not yet"),
)


@needs(Can.READ_SPICED)
@require_GET
def impact_register(request: TenantRequest) -> HttpResponse:
    """One page of the register; the figures above it open to the rows behind them."""
    form, asked = asked_filters(request)
    today, everything = today_of(request), _scope(request, asked)
    after, sort = asked.get("after") or 0, asked.get("sort") or FIRST
    chosen = _chosen(everything, asked)
    page = ordered(chosen, sort, today)[after : after + PAGE + 1]
    rows = lines(page.select_related("account__owner", "person"), today)
    context: dict[str, Any] = {
        "form": form,
        "rows": rows[:PAGE],
        "more": after + PAGE if len(rows) > PAGE else None,
        "sort": sort,
        "as_of": timezone.now(),
    }
    if not (request.htmx and after):
        context |= _frame(request, everything, asked, chosen)
    part = "#rows" if request.htmx and after else ""
    return render(request, f"csom/register.html{part}", context, status=422 if form.errors else 200)


@needs(Can.EXPORT)
@require_GET
def export_register(request: TenantRequest) -> HttpResponse:
    """The same rows as a file no spreadsheet runs, within one's reach."""
    form, asked = asked_filters(request)
    if form.errors:
        words = "One of these filters cannot be read, so nothing is exported."
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    today, currency = today_of(request), request.tenant.currency
    chosen = _chosen(_scope(request, asked, Can.EXPORT), asked)
    if (n := chosen.count()) > MOST_EXPORTED:
        words = f"{n:,} impacts match, and a file holds {MOST_EXPORTED:,} at most. Filter first."
        return HttpResponse(words, status=409, content_type="text/plain; charset=utf-8")
    found = ordered(chosen, asked.get("sort") or FIRST, today)
    rows = lines(found.select_related("account", "person"), today)
    text = csv_lines(COLUMNS, (list(_cells(row, currency)) for row in rows), byte_order_mark=True)
    file = HttpResponse("".join(text), content_type="text/csv; charset=utf-8")
    name = f"{request.tenant.slug}-impact-{today.isoformat()}.csv"
    file["Content-Disposition"] = f'attachment; filename="{name}"'
    return file


def _scope(request: TenantRequest, asked: Mapping[str, Any], can: Can = Can.READ_SPICED) -> Goals:
    owner = asked.get("owner") or None
    return narrowed(
        register(in_reach(request.actor, can), today_of(request)),
        kind=asked.get("kind", ""),
        words=asked.get("q", ""),
        owner=request.actor.user_id if owner == MINE else owner,
        segment=asked.get("segment", ""),
    )


def _chosen(everything: Goals, asked: Mapping[str, Any]) -> Goals:
    standing = asked.get("standing", "")
    if standing in (ONE_SIDED, DOUBTED):
        return narrowed(
            everything, is_one_sided=standing == ONE_SIDED, is_doubted=standing == DOUBTED
        )
    return narrowed(everything, standing=standing)


def _frame(
    request: TenantRequest,
    everything: Goals,
    asked: Mapping[str, Any],
    chosen: Goals,
) -> dict[str, Any]:
    """Everything above the rows."""
    counted, standing = sums(everything), asked.get("standing", "")
    accounts = set(everything.values_list("account_id", flat=True))
    again = recurring(accounts, today_of(request), request.tenant.time_zone)
    one_sided = narrowed(everything, is_one_sided=True).count()
    doubted = narrowed(everything, is_doubted=True).count()
    return {
        "n": chosen.count(),
        "n_accounts": len(accounts),
        "tabs": [
            _tab(request, "All", "", sum(each.n for each in counted.values()), standing),
            *(_tab(request, s.label, str(s), counted[s].n, standing) for s in Standing),
            _tab(request, "Not yet", DOUBTED, doubted, standing),
            _tab(request, "No emotional side", ONE_SIDED, one_sided, standing),
        ],
        "stats": [
            *(_stat(request, s, counted[s]) for s in Standing),
            figure_of(request, again),
        ],
        "columns": [_column(request, each, asked.get("sort") or FIRST) for each in HEADS],
        "meaning": _meaning(standing),
        "may_export": request.actor.may(Can.EXPORT),
        "again": again,
        "is_filtered": any(asked.get(name) for name in ("q", "kind", "segment", "standing")),
    }


def _meaning(standing: str) -> str:
    if standing == DOUBTED:
        return "the account says that the newest measurement is not so yet"
    return Standing(standing).means if standing in list(Standing) else ""


def _column(request: TenantRequest, head: tuple[str, str, str], sort: str) -> dict[str, str]:
    key, label, cls = head
    if not key:
        return {"label": label, "cls": cls}
    query = request.GET.copy()
    query.pop("after", None)
    query["sort"] = key if sort == f"-{key}" else f"-{key}"
    now = {key: "ascending", f"-{key}": "descending"}.get(sort, "none")
    return {"label": label, "cls": cls, "url": f"?{query.urlencode()}", "sort": now}


def _address(request: TenantRequest, standing: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query["standing"] = standing
    return f"{reverse('register')}?{query.urlencode()}"


def _tab(request: TenantRequest, label: str, standing: str, n: int, current: str) -> dict[str, Any]:
    url = _address(request, standing)
    return {"label": label, "url": url, "count": n, "current": standing == current}


def _stat(request: TenantRequest, standing: Standing, found: Sums) -> dict[str, Any]:
    is_ahead = standing in (Standing.PROMISED, Standing.ACHIEVED)
    minor = found.promised_minor if is_ahead else found.realised_minor
    value = money_short(minor, request.tenant.currency)
    what = "promised a year" if is_ahead else "a year, confirmed"
    return {
        "label": standing.label,
        "value": f"{found.n:,}",
        "note": f"{value} {what}, n = {found.n_valued:,}",
        "url": _address(request, str(standing)),
    }


def _cells(row: Line, currency: str) -> Iterator[Cell]:
    goal, current = row.goal, row.progress.current
    yield from (goal.account.name, str(goal.account_id), goal.kind)
    yield from (goal.measure or goal.statement, row.standing.label)
    yield from (goal.baseline, goal.target, current.value if current else None, goal.unit)
    yield from (goal.deadline_on, row.progress.achieved)
    for minor in (row.realised_minor, row.promised_minor):
        yield None if minor is None else minor / 100
    yield row.progress.roi
    yield current.evidence if current else ""
    yield current.confirmed_by.name if current and current.confirmed_by else ""
    yield from (current.measured_on if current else None, row.age_days, currency)
    yield (row.doubt.doubt or "without a reason") if row.doubt else ""
