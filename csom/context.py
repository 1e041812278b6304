"""What every page of a tenant shows around its content: the rail, the theme, the palette."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

import health.queries.freshness
import journeys.queries.handoffs
import journeys.queries.onboardings
import plays.queries.waiting
from health.queries.views import pinned_views
from health.rules.freshness import words
from health.rules.lists import LISTS
from health.views.listing import view_query
from tenants.actor import Actor
from tenants.roles import Can
from tenants.scope import is_inside

FRESHNESS_ON = {"health:accounts", "health:at_risk", "plays:today"}
CLOSE = timedelta(hours=2)  # a promised time so near turns a count red


class Entry(NamedTuple):
    """A place in the rail: the view it opens, and the right it takes to see it."""

    label: str
    view: str
    icon: str
    key: str
    needs: Can


RAIL: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Work",
        (
            Entry("Today", "plays:today", "sun", "t", Can.READ_TASKS),
            Entry("Handoffs", "journeys:handoffs", "handshake", "h", Can.READ_ACCOUNTS),
            Entry("Onboarding", "journeys:onboardings", "sprout", "n", Can.READ_ONBOARDING),
            Entry("Coaching", "spiced:coaching", "graduation-cap", "", Can.READ_REVIEWS),
        ),
    ),
    (
        "Accounts",
        (
            Entry("All accounts", "health:accounts", "building-2", "c", Can.READ_ACCOUNTS),
            Entry("At risk", "health:at_risk", "shield-alert", "r", Can.READ_HEALTH),
            Entry("Impact", "register", "target", "o", Can.READ_SPICED),
        ),
    ),
    (
        "Insight",
        (
            Entry("Bowtie", "bowtie:board", "git-compare-arrows", "b", Can.READ_INSIGHT),
            Entry("Retention", "bowtie:retention", "chart-line", "e", Can.READ_INSIGHT),
        ),
    ),
    (
        "Operate",
        (
            Entry("Health models", "health:models", "heart-pulse", "m", Can.READ_HEALTH),
            Entry("Measures", "health:measures", "ruler", "", Can.READ_HEALTH),
            Entry("Plays", "plays:plays", "play", "p", Can.READ_HEALTH),
            Entry("Charter", "charter:charter", "scroll-text", "", Can.READ_CHARTER),
            Entry("Data and imports", "accounts:imports", "file-up", "i", Can.IMPORT),
            Entry("Settings", "tenants:settings", "settings", "s", Can.BE_MEMBER),
        ),
    ),
)
WITH_PINS = "Accounts"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Rail, theme and palette address for the layouts."""
    theme = request.COOKIES.get("theme", "auto")
    shown: dict[str, Any] = {
        "theme": theme if theme in {"light", "dark"} else "auto",
        "sign_up_is_open": settings.CSOM_SIGNUP_IS_OPEN,
    }
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.user is not None:
        is_page = not getattr(request, "htmx", False) and is_inside(actor.tenant.pk)
        now = timezone.now()
        counts = counted(actor, now) if is_page else {}
        pins = pinned(request, actor) if is_page else []
        shown["nav"] = list(groups(actor, request.path, counts, pins))
        shown["palette_url"] = _address("palette")
        shown["banners"] = list(banners(actor))
        if is_page and _tells_freshness(request):
            shown["banners"] += out_of_date(actor, now)
    return shown


def banners(actor: Actor) -> Iterator[dict[str, str]]:
    """What every page of a tenant says above all else."""
    if actor.tenant.has_sample_data:
        may_remove = actor.may(Can.MANAGE_PEOPLE)
        yield {
            "tone": "info",
            "text": "Some of these accounts are sample data.",
            "url": _address("first_run") if may_remove else "",
            "action": "Remove it" if may_remove else "",
        }


def out_of_date(actor: Actor, now: datetime) -> Iterator[dict[str, str]]:
    """What of the scores and figures on a page is not fresh, and where to look. One query."""
    if connection.needs_rollback:
        return
    found = health.queries.freshness.freshness(actor.tenant, now)
    if found:
        places = {
            "tenants:jobs": ("Background work", found.night_due, Can.READ_AUDIT),
            "accounts:imports": ("Imports", found.usage_until, Can.IMPORT),
        }
        view = next((v for v, (_, is_it, can) in places.items() if is_it and actor.may(can)), "")
        yield {
            "tone": "watch",
            "text": words(found, timezone.localdate(now)),
            "url": _address(view) if view else "",
            "action": places[view][0] if view else "",
        }


def _tells_freshness(request: HttpRequest) -> bool:
    """Whether a page shows scores or usage: the lists, Today, and every tab of an account."""
    match = request.resolver_match
    name = match.view_name if match else ""
    return name in FRESHNESS_ON or name == "account" or name.startswith("account_")


def counted(actor: Actor, now: datetime) -> dict[str, dict[str, Any]]:
    """What waits for a person behind entries of the rail, by view. One query each."""
    found: dict[str, dict[str, Any]] = {}
    if connection.needs_rollback:  # an error page of a broken transaction asks nothing
        return found
    waiting = {
        "plays:today": plays.queries.waiting.waiting(actor, now),
        "journeys:handoffs": journeys.queries.handoffs.waiting(actor),
        "journeys:onboardings": journeys.queries.onboardings.waiting(actor, now),
    }
    for view, (n, nearest) in waiting.items():
        found[view] = {"count": n, "alarm": nearest is not None and nearest <= now + CLOSE}
    return found


def pinned(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """The saved views a person has pinned, as items of the rail. One query."""
    if connection.needs_rollback:
        return []
    chosen, items = request.GET.get("view", ""), []
    for view in pinned_views(actor.user_id):
        if view.page not in LISTS:  # of a list that is no more
            continue
        url = _address(LISTS[view.page].view)
        is_current = chosen == str(view.pk) and request.path == url
        items.append(
            {"label": view.name, "url": url + view_query(view), "icon": "pin", "key": "",
             "current": is_current}
        )  # fmt: skip
    return items


def groups(
    actor: Actor,
    path: str,
    counts: Mapping[str, dict[str, Any]] | None = None,
    pins: Sequence[dict[str, Any]] = (),
) -> Iterator[dict[str, Any]]:
    """The rail's groups with what this actor may open; pinned views stand with the accounts."""
    counts = counts or {}
    is_pinned = any(item["current"] for item in pins)
    for label, entries in RAIL:
        items = [
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "key": entry.key,
                "current": path.startswith(url) and not is_pinned,
                **counts.get(entry.view, {}),
            }
            for entry in entries
            if actor.may(entry.needs) and (url := _address(entry.view))
        ]
        if label == WITH_PINS:
            items += pins
        if items:
            yield {"label": label, "items": items}


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
