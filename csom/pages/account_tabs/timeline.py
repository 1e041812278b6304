"""What happened at an account: the trail in words, contacts and tickets in one order of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Account
from pulse.models import Activity, Ticket
from pulse.rules.activities import KINDS
from tenants.access import TenantRequest
from tenants.models import TrailEntry, User
from tenants.timeline import WORDINGS, told

PAGE = 40
FILTERS = {"": "Everything", "done": "What was done", "contact": "Contacts", "ticket": "Tickets"}
SAID_ELSEWHERE = "pulse.activity_logged"


@dataclass(frozen=True)
class Entry:
    """One line of a timeline, as the feed draws it."""

    at: datetime
    title: str
    text: str
    icon: str


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """A page of the timeline, filtered by what is asked for."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in FILTERS else ""
    until = _moment(request.GET.get("before", ""))
    entries = newest(request, account, PAGE + 1, kind, until)
    more = entries[PAGE - 1].at.isoformat() if len(entries) > PAGE else ""
    query = {"kind": kind, "before": more}
    return {
        "entries": entries[:PAGE],
        "kinds": [
            {"label": label, "url": f"?kind={key}" if key else "?", "current": key == kind}
            for key, label in FILTERS.items()
        ],
        "more_url": f"?{urlencode(query)}" if more else "",
        "is_first": until is None,
    }


def newest(
    request: TenantRequest,
    account: Account,
    most: int,
    kind: str = "",
    before: datetime | None = None,
) -> list[Entry]:
    """The newest lines before a moment. Four queries at most, whatever their number."""
    limit = before or timezone.now()
    lines: list[Entry] = []
    if kind in ("", "done"):
        lines += _trail(account, limit, most)
    if kind in ("", "contact"):
        lines += _activities(account, limit, most)
    if kind in ("", "ticket"):
        lines += _tickets(account, limit, most)
    return sorted(lines, key=lambda line: line.at, reverse=True)[:most]


def _trail(account: Account, limit: datetime, most: int) -> list[Entry]:
    known = [
        verb
        for verb, wording in WORDINGS.items()
        if verb != SAID_ELSEWHERE and not wording.is_aside
    ]
    rows = list(
        TrailEntry.objects.filter(account_id=account.pk, verb__in=known, at__lt=limit).order_by(
            "-at", "-id"
        )[:most]
    )
    wanted = {row.actor_id for row in rows if row.actor_id}
    names = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    lines = []
    for row in rows:
        who = names.get(row.actor_id, "") if row.actor_id else ""
        said = told(row.verb, row.facts, who or ("The API" if row.key_id else "CSOM"))
        lines.append(Entry(row.at, said.title, said.text, said.icon))
    return lines


def _activities(account: Account, limit: datetime, most: int) -> list[Entry]:
    rows = Activity.objects.filter(account=account, at__lt=limit).select_related("author")
    return [
        Entry(
            row.at,
            f"{KINDS.get(row.kind, row.kind.capitalize())}: {row.purpose or 'no purpose noted'}",
            " · ".join(filter(None, (row.outcome, row.author.name if row.author else ""))),
            "message-circle",
        )
        for row in rows.order_by("-at", "-id")[:most]
    ]


def _tickets(account: Account, limit: datetime, most: int) -> list[Entry]:
    rows = Ticket.objects.filter(account=account, opened_at__lt=limit)
    return [
        Entry(
            row.opened_at,
            f"Ticket opened: {row}",
            f"Priority {row.priority}, {row.status}",
            "life-buoy",
        )
        for row in rows.order_by("-opened_at", "-id")[:most]
    ]


def _moment(words: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return found if found.tzinfo else None
