"""The rows of a condition, as they come back while somebody fills them in."""

import json
import re
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from health.forms.conditions import (
    PRESSED,
    TEMPLATE,
    ConditionForm,
    Rows,
    Setting,
    built,
    button,
)
from health.forms.lists import LONGEST_WHERE
from health.queries.things import things
from health.rules.building import Group
from health.rules.lists import List
from health.rules.things import Use
from health.views.listing import address, page_named
from tenants.access import TenantRequest, needs
from tenants.roles import Can

NAME = re.compile(r"[a-z][a-z0-9_-]{0,79}")
USES: dict[str, Use] = {"any-day": "any day", "lists": "lists", "cap": "cap"}


def setting_of(request: TenantRequest, use: Use = "any day") -> Setting:
    """What conditions of the tenant in hand may look at, as of today."""
    today = timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()
    return Setting(things(request.tenant, use), today, request.tenant.currency, use)


@needs(Can.READ_HEALTH)
@require_POST
def build(request: TenantRequest) -> HttpResponse:
    """The rows after a change or a button, or only what they mean. Nothing is written."""
    name, use = request.GET.get("name", ""), USES.get(request.GET.get("use", ""))
    if not NAME.fullmatch(name) or use is None:
        raise Http404
    setting = setting_of(request, use)
    group = Rows(setting).value_from_datadict(request.POST, None, name)
    if group is None:
        return HttpResponse("The rows are missing.", status=422, content_type="text/plain")
    drawn = built(setting, name, group, _focus(button(request.POST, name), name, group))
    if request.GET.get("part") == "meaning":
        return render(request, "components/_build_meaning.html", drawn)
    return render(request, TEMPLATE, drawn)


@needs(Can.READ_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def condition(request: TenantRequest) -> HttpResponse:
    """Build the condition of a list; it leads back to the list by its address, to be kept there."""
    page = page_named(request)
    setting, kept = setting_of(request, "lists"), request.GET.copy()
    kept.pop("on", None)
    if request.method == "GET":
        form = ConditionForm(setting, initial={"where": _stored(request)})
        return _condition(request, page, form)
    form = ConditionForm(setting, request.POST)
    if PRESSED in request.POST:
        return _condition(request, page, form)
    if not form.is_valid():
        return _condition(request, page, form, status=422)
    made = form.cleaned_data["where"]
    where = json.dumps(made, separators=(",", ":"), ensure_ascii=False) if made else None
    if where and len(where) > LONGEST_WHERE:
        form.add_error(None, "This is longer than an address can hold. Take some rows out.")
        return _condition(request, page, form, status=422)
    return redirect(reverse(page.view) + address(kept, where=where))


def _condition(
    request: TenantRequest, page: List, form: ConditionForm, status: int = 200
) -> HttpResponse:
    back = reverse(page.view) + address(request.GET, on=None)
    context = {"form": form, "page": page, "back": back, "here": request.get_full_path()}
    return render(request, "health/condition.html", context, status=status)


def _stored(request: TenantRequest) -> Any:
    """The condition in the address; none where it cannot be read."""
    try:
        return json.loads(request.GET.get("where") or "null")
    except (ValueError, RecursionError):
        return None


def _focus(pressed: str, name: str, group: Group) -> str:
    """What takes the focus after a button: a new row, or what stands above a row that went."""
    verb, _, place = pressed.partition(":")
    if verb == "remove":
        return f"{name}:{place.rpartition('-')[0]}"
    spot: Any = group
    for step in [part for part in place.split("-") if part.isdigit()]:
        spot = spot.parts[int(step)] if int(step) < len(getattr(spot, "parts", ())) else spot
    if verb not in ("add", "group") or not isinstance(spot, Group) or not spot.parts:
        return ""
    last = spot.parts[-1]
    return f"{name}:{cast(Group, last).parts[0].place if verb == 'group' else last.place}"
