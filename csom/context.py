"""What every page of a tenant shows around its content: the rail, the theme, the palette."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tenants.actor import Actor
from tenants.roles import Can


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
        ),
    ),
    (
        "Accounts",
        (
            Entry("All accounts", "health:accounts", "building-2", "c", Can.READ_ACCOUNTS),
            Entry("At risk", "health:at_risk", "shield-alert", "r", Can.READ_HEALTH),
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


def shell(request: HttpRequest) -> dict[str, Any]:
    """Rail, theme and palette address for the layouts."""
    theme = request.COOKIES.get("theme", "auto")
    shown: dict[str, Any] = {
        "theme": theme if theme in {"light", "dark"} else "auto",
        "sign_up_is_open": settings.CSOM_SIGNUP_IS_OPEN,
    }
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.user is not None:
        shown["nav"] = list(groups(actor, request.path))
        shown["palette_url"] = _address("palette")
    return shown


def groups(actor: Actor, path: str) -> Iterator[dict[str, Any]]:
    """The rail's groups with what this actor may open."""
    for label, entries in RAIL:
        items = [
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "key": entry.key,
                "current": path.startswith(url),
            }
            for entry in entries
            if actor.may(entry.needs) and (url := _address(entry.view))
        ]
        if items:
            yield {"label": label, "items": items}


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
