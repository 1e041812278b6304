"""The inbox of handoffs: what comes in, what goes out, what is late."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from journeys.models import Handoff
from journeys.queries.handoffs import Case, cases, inbox
from journeys.views.words import clock_words
from tenants.access import TenantRequest, needs
from tenants.formats import money_short
from tenants.roles import Can, Role

MOST_ROWS = 200
SIDES = {"incoming": "Incoming", "outgoing": "Outgoing", "all": "All"}
STATES = {
    "open": "Open",
    "late": "Late",
    "draft": "Draft",
    "submitted": "Submitted",
    "returned": "Returned",
    "accepted": "Accepted",
    "completed": "Completed",
}
STARTS_AT = {Role.CSM: "incoming", Role.SALES: "outgoing"}
TONES = {"submitted": "watch", "returned": "risk", "accepted": "good"}


@needs(Can.READ_ACCOUNTS)
@require_GET
def handoffs(request: TenantRequest) -> HttpResponse:
    """Handoffs by side and state, the most urgent first."""
    default = STARTS_AT.get(request.actor.role, "all")
    side = _chosen(request, "side", SIDES, default)
    state = _chosen(request, "state", STATES, "open")
    now = timezone.now()
    found = inbox(request.actor, side=side, state=state, now=now)
    rows = [row(each) for each in cases(found[: MOST_ROWS + 1], now)]
    context = {
        "sides": _switch(SIDES, side, "side", {"state": state}),
        "states": _switch(STATES, state, "state", {"side": side}),
        "side": side,
        "state_label": STATES[state].lower(),
        "is_filtered": state != "open",
        "rows": rows[:MOST_ROWS],
        "is_cut": len(rows) > MOST_ROWS,
        "most": MOST_ROWS,
        "as_of": now,
    }
    return render(request, "journeys/handoffs.html", context)


def row(each: Case) -> dict[str, Any]:
    """One line of the inbox, formatted."""
    handoff, account = each.handoff, each.handoff.account
    is_open = handoff.state in ("draft", "returned", "submitted")
    return {
        "id": handoff.pk,
        "name": account.name,
        "arr": money_short(account.arr_minor, account.currency),
        "from": str(handoff.sender or account.seller or "Nobody"),
        "to": str(account.owner or handoff.receiver or "Nobody"),
        "state": Handoff.State(handoff.state).label,
        "tone": TONES.get(handoff.state, ""),
        "level": each.judgement.level,
        "points": each.judgement.points,
        "missing": ", ".join(each.judgement.lacks_in_short(each.waived))
        if is_open or each.is_overdue
        else "",
        "is_overdue": each.is_overdue,
        "clock": clock_words(each.clock, handoff.due_at),
        "was_late": handoff.breached_at is not None,
    }


def _chosen(request: TenantRequest, name: str, known: dict[str, str], default: str) -> str:
    wanted = request.GET.get(name, "")
    return wanted if wanted in known else default


def _switch(
    labels: dict[str, str], chosen: str, name: str, kept: dict[str, str]
) -> list[dict[str, Any]]:
    address = reverse("journeys:handoffs")
    return [
        {
            "label": label,
            "url": f"{address}?{urlencode(kept | {name: key})}",
            "current": key == chosen,
        }
        for key, label in labels.items()
    ]
