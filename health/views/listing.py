"""What every list of accounts does with a request: read its address, find rows, name things."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.queries.custom import all_fields
from bowtie.rules.stages import Stage
from health.forms.lists import BANDS, ListForm
from health.models import AccountRow, SavedView
from health.queries.rows import Standing, rows_of, standing
from health.queries.segments import segment_choices
from health.rules.lists import (
    ANYBODY,
    LISTS,
    MINE,
    NOBODY,
    Asked,
    List,
)
from health.rules.sentences import phrase
from health.rules.standing import KINDS
from tenants.access import TenantRequest
from tenants.queries.people import names
from tenants.roles import Can, Reach, Role

PLACE = "00000000-0000-0000-0000-000000000000"
FIRST_DOWN = {"arr", "plays", "coverage", "touch"}


@dataclass(frozen=True)
class Wanted:
    """A list as a request asks for it."""

    page: List
    form: ListForm
    asked: Asked
    today: date
    lists: Standing
    segments: dict[str, str]
    own_first: bool
    me: UUID | None

    @property
    def rows(self) -> QuerySet[AccountRow]:
        return rows_of(self.asked, me=self.me, lists=self.lists)


def wanted(request: TenantRequest, page: List, query: QueryDict | None = None) -> Wanted:
    """What an address asks of a list, the request's where none is given. Three queries."""
    form = ListForm(request.GET if query is None else query, own=all_fields())
    own_first = request.actor.role is Role.CSM
    asked = form.asked(page, own_first=own_first)
    today = timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()
    segments, me = dict(segment_choices()), request.actor.user_id
    return Wanted(page, form, asked, today, standing(today), segments, own_first, me)


def page_named(request: TenantRequest) -> List:
    """The list that a dialog or an export was opened from."""
    return LISTS.get(request.GET.get("on", ""), LISTS["accounts"])


def address(query: QueryDict, **changes: Any) -> str:
    """The query with some keys changed, None removes; always from the first page on."""
    kept = query.copy()
    for key in [key for key, values in kept.lists() if not any(values)]:
        del kept[key]
    for key, value in ({"after": None} | changes).items():
        if value is None:
            kept.pop(key, None)
        elif isinstance(value, list | tuple):
            kept.setlist(key, list(value))
        else:
            kept[key] = str(value)
    return f"?{kept.urlencode()}"


def chips(request: TenantRequest, want: Wanted) -> list[dict[str, str]]:
    """The filters that are on, each with the address without it."""
    asked, found = want.asked, []
    words = {
        "kind": ("Kind", KINDS.get(asked.kind, "") if want.page.key == "accounts" else ""),
        "owner": ("Owner", _owner_words(request, asked.owner)),
        "band": ("Health", BANDS.get(asked.band, "")),
        "segment": ("Segment", want.segments.get(asked.segment, asked.segment)),
        "stage": ("Stage", Stage(asked.stage).label if asked.stage else ""),
        "team": ("Team", asked.team),
        "renews": ("Renews", f"within {asked.renews} days" if asked.renews else ""),
        "tag": ("Tag", asked.tag),
    }
    for key, (name, value) in words.items():
        if value:
            without = ANYBODY if key == "owner" and want.own_first else None
            url = address(request.GET, **{key: without})
            found.append({"name": name, "value": value, "remove_url": url})
    if where := want.form.cleaned_data.get("where"):
        told, url = phrase(where, _names(want)), address(request.GET, where=None)
        found.append({"name": "Where", "value": told, "remove_url": url})
    for own in want.form.own_filters:
        given = want.form.cleaned_data.get(own.name)
        if given not in (None, ""):
            url = address(request.GET, **{own.name: None})
            found.append({"name": own.row.label, "value": own.words(given), "remove_url": url})
    return found


def _names(want: Wanted) -> dict[str, str]:
    """What a condition calls own fields, definitions, segments and stages."""
    found = {each.key: each.label for each in want.asked.own}
    found |= {f"definition.{key}": label for key, label in want.lists.known.labels.items()}
    return found | want.segments | BANDS | {stage.value: stage.label for stage in Stage}


def heads(request: TenantRequest, want: Wanted) -> list[dict[str, str]]:
    """The columns shown, each with the address that sorts by it."""
    asked, found = want.asked, []
    for key in asked.columns:
        is_current = asked.sort.lstrip("-") == key
        down = not asked.is_descending if is_current else key in FIRST_DOWN
        way = ("descending" if asked.is_descending else "ascending") if is_current else ""
        column = asked.column(key)
        url = address(request.GET, sort=f"-{key}" if down else key)
        found.append({"label": column.label, "url": url, "sort": way, "cls": column.cls})
    return found


def find(request: TenantRequest, want: Wanted) -> dict[str, Any]:
    """The search field, with everything else the address asks for."""
    kept = [
        (key, value)
        for key, values in request.GET.lists()
        for value in values
        if key not in ("q", "after")
    ]
    url = reverse(want.page.view)
    return {"name": "q", "value": want.asked.q, "label": "Find an account", "url": url,
            "kept": kept}  # fmt: skip


def canonical(query: str, page: List, *, own_first: bool) -> str:
    """A query string that is equal for equal lists, and the same list for everybody."""
    given = QueryDict(query, mutable=True)
    given["owner"] = given.get("owner") or (MINE if own_first else ANYBODY)
    usual = {("kind", page.kind or "all"), ("sort", page.sort)}
    kept = [
        (key, value)
        for key, values in given.lists()
        for value in values
        if value and (key, value) not in usual and key not in ("after", "view", "on")
    ]
    told = QueryDict(mutable=True)
    for key, value in sorted(kept):
        told.appendlist(key, value)
    return told.urlencode()


def view_tabs(
    request: TenantRequest, want: Wanted, views: list[SavedView], built_in: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], SavedView | None, bool]:
    """Tabs of a list: pinned, its own, saved; the saved view in hand; whether this is new.

    views: as `saved_views` gives them. built_in: {label, query, count}.
    """

    def same(query: str) -> str:
        return canonical(query, want.page, own_first=want.own_first)

    now, chosen = same(request.GET.urlencode()), request.GET.get("view", "")
    current = next((view for view in views if str(view.pk) == chosen), None)
    if current is None:
        current = next((view for view in views if same(view.query) == now), None)
    standing = [
        {
            "label": each["label"],
            "url": f"?{each['query']}" if each["query"] else request.path,
            "count": each.get("count"),
            "note": each.get("note", ""),
            "current": current is None and same(each["query"]) == now,
        }
        for each in built_in
    ]
    pinned: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for view in views:
        icon = "pin" if view.pinned_at else ""  # type: ignore[attr-defined]
        tab = {"label": view.name, "url": view_query(view), "icon": icon}
        (pinned if icon else others).append(tab | {"count": None, "current": view is current})
    known = {same(each["query"]) for each in built_in} | {same(view.query) for view in views}
    return pinned + standing + others, current, now not in known


def view_query(view: SavedView) -> str:
    """The query string that shows a saved view."""
    return f"?{view.query}{'&' if view.query else ''}view={view.pk}"


def account_url(view: str = "account") -> str:
    """The address of an account's page or part, with PLACE where its id goes."""
    try:
        return reverse(view, args=[PLACE])
    except NoReverseMatch:
        return ""


def export_words(request: TenantRequest) -> str:
    """What the export button says: how far it reaches; nothing without the right."""
    how_far = request.actor.reach(Can.EXPORT)
    return {
        None: "",
        Reach.OWN: "CSV of mine",
        Reach.TEAM: "CSV of my team",
        Reach.TENANT: "CSV",
    }[how_far]


def _owner_words(request: TenantRequest, owner: str) -> str:
    if owner in (ANYBODY, ""):
        return ""
    if owner == MINE:
        return "me"
    if owner == NOBODY:
        return "nobody"
    return names(request.tenant, {UUID(owner)}).get(UUID(owner), "somebody who left")
