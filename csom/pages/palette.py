"""The command palette: where one may go and what one may do, and accounts and people by name."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from accounts.models import Contact
from accounts.rules.names import normalised
from csom.context import groups
from health.models import AccountRow
from tenants.access import TenantRequest, needs
from tenants.actor import Actor
from tenants.addresses import outside
from tenants.formats import money_short
from tenants.roles import Can

MOST_ACCOUNTS = 8
MOST_PEOPLE = 5
LEAST_LETTERS = 2

Group = dict[str, Any]


class Command(NamedTuple):
    """Something to do or read: its words, the view it opens, and the right it takes."""

    label: str
    view: str
    icon: str
    needs: Can
    words: str = ""


ACTIONS = (
    Command("New task", "plays:new_task", "circle-plus", Can.WORK_TASKS, "to do reminder"),
    Command("New account", "health:new_account", "building-2", Can.EDIT_ACCOUNTS, "create add"),
    Command("Import a file", "accounts:imports", "file-up", Can.IMPORT, "csv xlsx upload data"),
    Command("Invite a person", "tenants:invite", "user-plus", Can.MANAGE_PEOPLE, "colleague add"),
    Command("New API key", "tenants:new_key", "key-round", Can.MANAGE_KEYS, "token connect"),
)
ELSEWHERE = (
    Command("Getting started", "first_run", "rocket", Can.MANAGE_PEOPLE, "welcome checklist"),
    Command("People", "tenants:people", "users", Can.MANAGE_PEOPLE, "members roles teams"),
    Command(
        "Onboarding templates",
        "journeys:templates",
        "list-checks",
        Can.READ_ONBOARDING,
        "plan tasks",
    ),
    Command(
        "Time to First Impact",
        "journeys:onboarding_report",
        "timer",
        Can.READ_ONBOARDING,
        "90 days cohort",
    ),
    Command("Custom fields", "accounts:fields", "columns-3", Can.EDIT_CHARTER, "own columns"),
    Command("API keys", "tenants:keys", "key-round", Can.MANAGE_KEYS, "tokens"),
    Command("Audit log", "audit", "history", Can.READ_AUDIT, "who changed what trail"),
    Command("Background work", "tenants:jobs", "loader-circle", Can.READ_AUDIT, "jobs queue"),
)
ON_THIS_PAGE = (
    {"label": "Mark as done", "icon": "check", "keys": "e", "key": "e", "words": "finish"},
    {"label": "Snooze", "icon": "clock", "keys": "s", "key": "s", "words": "later put off"},
    {"label": "Write a SPICED note", "icon": "notebook-pen", "keys": "n", "key": "n"},
    {"label": "Filter the list", "icon": "filter", "keys": "f", "key": "f", "words": "narrow"},
)


@needs(Can.READ_ACCOUNTS)
@require_GET
def palette(request: TenantRequest) -> HttpResponse:
    """What the palette offers; accounts and people whose name holds ?q=."""
    words = normalised(request.GET.get("q", "")[:100])
    is_search = len(words) >= LEAST_LETTERS
    found = search(words) if is_search else []
    context = {
        "title": "Search",
        "groups": found if is_search else offered(request.actor, request.path),
        "prefix": "found" if is_search else "fixed",
        "q": request.GET.get("q", ""),
        "is_search": is_search,
    }
    template = "components/palette.html" if request.htmx else "csom/palette.html"
    return render(request, template, context)


def offered(actor: Actor, path: str) -> list[Group]:
    """Actions, places and help, each only to whoever may use it. No query."""
    places = [
        {
            "label": item["label"],
            "icon": item["icon"],
            "url": item["url"],
            "keys": f"g {item['key']}" if item["key"] else "",
            "words": group["label"],
        }
        for group in groups(actor, path)
        for item in group["items"]
    ]
    helped = [
        {"label": "Your profile", "icon": "user-round", "url": outside("tenants:profile")},
        {
            "label": "What the API offers",
            "icon": "code",
            "url": outside("openapi"),
            "words": "rest",
        },
        {"label": "Style guide", "icon": "layers", "url": outside("styleguide")},
    ]
    return [
        {"label": "Actions", "items": _open_to(actor, ACTIONS)},
        {"label": "On this page", "items": list(ON_THIS_PAGE)},
        {"label": "Go to", "items": [*places, *_open_to(actor, ELSEWHERE)]},
        {"label": "Help", "items": helped},
    ]


def search(words: str) -> list[Group]:
    """Accounts and people by name, those that begin so first. Four queries at most."""
    accounts = [
        {
            "label": row.name,
            "mono": row.name,
            "url": _address("account", row.account_id),
            "band": row.band,
            "score": None if row.score is None else round(row.score),
            "note": money_short(row.arr_minor, row.currency),
        }
        for row in _by_name(AccountRow.objects.filter(is_archived=False), words, MOST_ACCOUNTS)
    ]
    people = [
        {
            "label": person.name,
            "icon": "user-round",
            "url": _address("account", person.account_id),
            "note": ", ".join(filter(None, [person.title, person.account.name])),
        }
        for person in _by_name(
            Contact.objects.filter(archived_at=None).select_related("account"), words, MOST_PEOPLE
        )
    ]
    found = [{"label": "Accounts", "items": accounts}, {"label": "People", "items": people}]
    return [group for group in found if group["items"]]


def _by_name(rows: Any, words: str, most: int) -> Iterable[Any]:
    """Rows that hold the words, in order: the beginning of the name, then anywhere."""
    holds = rows.filter(Q(name_norm__contains=words))
    starts = holds.filter(name_norm__startswith=words).order_by("name_norm", "pk")[:most]
    found = list(starts)
    if len(found) < most:
        others = holds.exclude(name_norm__startswith=words).order_by("name_norm", "pk")
        found += others[: most - len(found)]
    return found


def _open_to(actor: Actor, commands: Iterable[Command]) -> list[dict[str, str]]:
    return [
        {"label": each.label, "icon": each.icon, "url": url, "words": each.words}
        for each in commands
        if actor.may(each.needs) and (url := _address(each.view))
    ]


def _address(view: str, *args: Any) -> str:
    """The address of a view; empty where this installation has none."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""
