"""All accounts: one list to find, filter, sort, choose and export."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.queries.custom import all_fields
from accounts.queries.reach import in_reach
from accounts.rules.safe_csv import csv_lines
from health.forms.lists import ColumnsForm, FilterForm
from health.models import AccountRow
from health.queries.rows import BadCursor, ordered, page_of, totals
from health.queries.views import saved_views
from health.rules.lists import ACCOUNTS, MINE
from health.views.cells import exported, shown
from health.views.listing import (
    Wanted,
    account_url,
    address,
    chips,
    export_words,
    find,
    heads,
    page_named,
    view_tabs,
    wanted,
)
from health.views.walk import carried, suffix
from tenants.access import TenantRequest, needs
from tenants.formats import money_short, plural
from tenants.queries.people import members
from tenants.roles import Can, Reach

MOST_EXPORTED = 20_000
EMPTY_TEXTS = {
    "accounts": "Make one by hand, import a file, or let the API bring them in.",
    "at_risk": "Nothing stands here that needs somebody.",
}
BULK = (
    (Can.WORK_TASKS, "Start play", "play", "play", "plays:chosen_play"),
    (Can.ASSIGN_ACCOUNTS, "Assign", "assign", "user-check", "health:bulk"),
    (Can.WORK_TASKS, "Add task", "task", "plus", "plays:chosen_tasks"),
    (Can.EDIT_ACCOUNTS, "Tag", "tag", "tag", "health:bulk"),
)


@needs(Can.READ_ACCOUNTS)
@require_GET
def accounts(request: TenantRequest) -> HttpResponse:
    """The list; a part of it where htmx asks for the part."""
    want = wanted(request, ACCOUNTS)
    return answer(request, want, "health/accounts.html", lambda: {"built_in": _tabs(want)})


def answer(
    request: TenantRequest,
    want: Wanted,
    template: str,
    frame: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """A list as a page, as its table where htmx filters it, or as the next rows of it.

    frame: what stands around the list, asked for only with the whole page: `built_in` tabs, and
    `totals` of the list (accounts, ARR, newest score) where they are known already.
    """
    after = request.GET.get("after", "")
    try:
        page = page_of(want.rows, want.asked, after)
        is_bad = bool(want.form.errors)
    except BadCursor:
        page, is_bad = page_of(want.rows, want.asked), True
    context: dict[str, Any] = {
        "want": want,
        "rows": shown(
            page.rows,
            want.today,
            request.actor,
            want.segments,
            own=want.asked.own_shown,
            suffix=suffix(want.page, request.GET),
        ),
        "width": len(want.asked.columns) + 1,
        "more_url": request.path + address(request.GET, after=page.after) if page.after else "",
        "is_bad": is_bad,
    }
    status = 422 if is_bad else 200
    if request.htmx and after and not is_bad:
        return render(request, "health/_rows.html", context, status=status)
    is_part = bool(request.htmx) and request.htmx.target == "list"
    around = {} if is_part else frame()
    n, arr_minor, scored_on = around.get("totals") or totals(want.rows)
    asked = address(request.GET, on=want.page.key)
    on = chips(request, want)
    context |= {
        "heads": heads(request, want),
        "n": n,
        "scored_on": scored_on,
        "summary": f"{plural(n, 'account')}, {money_short(arr_minor, request.tenant.currency)}",
        "actions": _actions(request, asked),
        "bulk_url": reverse("health:bulk") + asked,
        "here": request.path + address(request.GET),
        "export_url": reverse("health:export") + asked,
        "export_words": export_words(request),
        "all_url": reverse("health:accounts") + "?owner=all",
        "empty_text": EMPTY_TEXTS[want.page.key],
        "is_filtered": bool(want.asked.q or on),
        "is_part": is_part,
    }
    if is_part:
        return render(request, "health/_list.html", context, status=status)
    views = saved_views(want.page.key, want.me)
    tabs, view, is_new = view_tabs(request, want, views, around["built_in"])
    context |= around | {
        "tabs": tabs,
        "view": view,
        "owns_view": view is not None and view.owner_id == want.me,
        "is_new": is_new,
        "find": find(request, want),
        "chips": on,
        "filter_url": reverse("health:filters") + asked,
        "condition_url": reverse("health:condition") + asked,
        "columns_url": reverse("health:columns") + asked,
        "save_url": reverse("health:save_view") + asked,
        "view_url": reverse("health:view", args=[view.pk]) + asked if view else "",
        "can_add": request.actor.may(Can.EDIT_ACCOUNTS),
    }
    return render(request, template, context, status=status)


def _actions(request: TenantRequest, asked: str) -> list[dict[str, str]]:
    """What a person may do with chosen rows, each with the address that asks what it needs."""
    return [
        {"name": name, "value": value, "icon": icon, "url": reverse(view) + asked}
        for can, name, value, icon, view in BULK
        if request.actor.may(can)
    ]


def _tabs(want: Wanted) -> list[dict[str, Any]]:
    if want.own_first:
        return [{"label": "My book", "query": ""}, {"label": "All accounts", "query": "owner=all"}]
    return [
        {"label": "All accounts", "query": ""},
        {"label": "My book", "query": f"owner={MINE}"},
    ]


@needs(Can.READ_ACCOUNTS)
@require_GET
def peek(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """An account at a glance, beside the list."""
    row = get_object_or_404(AccountRow, account_id=account_id)
    want = wanted(request, ACCOUNTS)
    context = {
        "title": row.name,
        "row": shown([row], want.today, request.actor, want.segments, suffix=carried(request))[0],
        "account_url": account_url(),
        "can_edit": request.actor.covers(Can.EDIT_ACCOUNTS, owner_id=row.owner_id, team=row.team),
    }
    return render(request, "health/peek.html", context)


@needs(Can.READ_ACCOUNTS)
@require_GET
def filters(request: TenantRequest) -> HttpResponse:
    """The dialog that chooses filters; it leads back to the list by its address."""
    page = page_named(request)
    want = wanted(request, page)
    rows = AccountRow.objects.filter(is_archived=False)
    teams = rows.exclude(team="").order_by("team").values_list("team", flat=True).distinct()
    form = FilterForm(
        people=[(str(one.user_id), str(one.user)) for one in members(request.tenant)],
        teams=[(team, team) for team in teams],
        segments=want.segments.items(),
        own=all_fields(),
        initial=_initial(request, want),
    )
    context = {"title": "Filter", "form": form, "action": reverse(page.view)}
    return render(request, "health/choose.html", context | _kept(request, {"col"}))


@needs(Can.READ_ACCOUNTS)
@require_GET
def columns(request: TenantRequest) -> HttpResponse:
    """The dialog that chooses columns."""
    page = page_named(request)
    asked = wanted(request, page).asked
    form = ColumnsForm(initial={"col": asked.columns}, own=asked.own)
    context = {"title": "Columns", "form": form, "action": reverse(page.view)}
    return render(request, "health/choose.html", context | _kept(request, None))


@needs(Can.EXPORT)
@require_GET
def export(request: TenantRequest) -> HttpResponse:
    """The rows of the list as a file no spreadsheet runs: as filtered, within one's reach."""
    want = wanted(request, page_named(request))
    back = reverse(want.page.view) + address(request.GET, on=None)
    if want.form.errors:
        text = "A part of this address cannot be read, so nothing is exported. Filter anew."
        context = {"text": text, "url": back}
        return render(request, "health/too_many.html", context, status=422)
    rows = want.rows
    if request.actor.reach(Can.EXPORT) is not Reach.TENANT:
        rows = rows.filter(account_id__in=in_reach(request.actor, Can.EXPORT).values("pk"))
    n = rows.count()
    if n > MOST_EXPORTED:
        text = f"{n:,} accounts match, and a file holds {MOST_EXPORTED:,} at most. Filter first."
        context = {"text": text, "url": back}
        return render(request, "health/too_many.html", context, status=409)
    asked = want.asked
    labels = (asked.column(key).label for key in asked.columns)
    header = ["Account id", *labels, "Band", "Currency"]
    lines = csv_lines(header, exported(ordered(rows, asked), asked), byte_order_mark=True)
    file = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    name = f"{request.tenant.slug}-{want.page.key.replace('_', '-')}-{timezone.now():%Y-%m-%d}.csv"
    file["Content-Disposition"] = f'attachment; filename="{name}"'
    return file


def _initial(request: TenantRequest, want: Wanted) -> dict[str, Any]:
    given = request.GET.dict()
    return given | {"owner": want.asked.owner, "kind": want.asked.kind or "all"}


def _kept(request: TenantRequest, only: set[str] | None) -> dict[str, Any]:
    """What the dialog does not choose and the address keeps: all but columns, or only some."""
    return {
        "kept": [
            (key, value)
            for key, values in request.GET.lists()
            for value in values
            if (key in only if only else key not in ("col", "after", "on"))
        ]
    }
