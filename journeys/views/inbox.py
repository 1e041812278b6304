"""The inbox of handoffs: what comes in, what goes out, what is late."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from journeys.models import Handoff
from journeys.queries.changed_hands import changed_hands
from journeys.queries.handed import (
    MOST_DIFFERENCES,
    Kept,
    Rated,
    differences,
    promises_by_seller,
    ratings_by_seller,
    steps_kept,
)
from journeys.queries.handoffs import Case, acceptance, cases, inbox
from journeys.queries.takers import taker_of
from journeys.rules.judgement import RATING_TARGET
from journeys.rules.kinds import KINDS
from journeys.views.words import clock_words
from tenants.access import TenantRequest, needs
from tenants.formats import money_short
from tenants.models import User
from tenants.roles import Can, Role

MOST_ROWS = 200
SIDES = {"incoming": "Incoming", "outgoing": "Outgoing", "all": "All"}
STATES = {
    "open": "Open",
    "late": "Late",
    "answered": "Answered",
    "draft": "Draft",
    "submitted": "Submitted",
    "returned": "Returned",
    "accepted": "Accepted",
    "completed": "Completed",
}
KINDS_SHOWN = {"": "Every kind"} | {key: kind.label for key, kind in KINDS.items()}
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
    kind = _chosen(request, "kind", KINDS_SHOWN, "")
    giver = _giver(request)
    clocks = steps_kept(now)
    missed = next(
        (each for each in clocks if (each.kind, each.step) == (kind, request.GET.get("missed"))),
        None,
    )
    found = inbox(
        request.actor, side=side, state=state, now=now, kind=kind, giver=giver,
        only=missed.late if missed else None,
    )  # fmt: skip
    kept = {"side": side, "state": state} | ({"giver": str(giver)} if giver else {})
    sellers, rated, promised = acceptance(now), ratings_by_seller(now), promises_by_seller(now)
    unlike = differences(now)
    rows = [row(each) for each in cases(found[: MOST_ROWS + 1], now)]
    context = {
        "sides": _switch(SIDES, side, "side", kept | {"kind": kind}),
        "states": _switch(STATES, state, "state", kept | {"kind": kind}),
        "kinds": _switch(KINDS_SHOWN, kind, "kind", kept),
        "giver": next((each.name for each in sellers if each.giver_id == giver), "")
        if giver
        else "",
        "changes": changed_hands(request.actor, now),
        "sellers": [
            {
                "name": each.name,
                "n": each.n,
                "accepted": each.accepted,
                "share": each.share,
                "rated": rated.get(each.giver_id, Rated()),
                "promised": promised.get(each.giver_id, Kept()),
                "url": f"{reverse('journeys:handoffs')}?{urlencode(_of(each.giver_id))}",
            }
            for each in sellers
        ],
        "rating_target": RATING_TARGET,
        "differences": unlike[:MOST_DIFFERENCES],
        "most_differences": MOST_DIFFERENCES if len(unlike) > MOST_DIFFERENCES else 0,
        "clocks": clocks,
        "missed": missed,
        "side": side,
        "state_label": STATES[state].lower(),
        "is_filtered": state != "open" or bool(kind or giver or missed),
        "rows": rows[:MOST_ROWS],
        "is_cut": len(rows) > MOST_ROWS,
        "most": MOST_ROWS,
        "as_of": now,
    }
    return render(request, "journeys/handoffs.html", context)


def row(each: Case) -> dict[str, Any]:
    """One line of the inbox, formatted."""
    handoff, account = each.handoff, each.handoff.account
    is_out = not KINDS[handoff.kind].is_within
    is_open = handoff.state in ("draft", "returned", "submitted")
    return {
        "id": handoff.pk,
        "name": account.name,
        "kind": KINDS[handoff.kind].label,
        "is_within": handoff.kind != Handoff.Kind.SALES_TO_CS,
        "is_urgent": handoff.is_urgent,
        "returns": handoff.returns,
        "arr": money_short(account.arr_minor, account.currency),
        "from": str(handoff.sender or _seller(handoff) or "Nobody"),
        "to": str(taker_of(handoff) or (KINDS[handoff.kind].taker if is_out else "Nobody")),
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


def _seller(handoff: Handoff) -> User | None:
    return handoff.account.seller if handoff.kind == Handoff.Kind.SALES_TO_CS else None


def _giver(request: TenantRequest) -> UUID | None:
    """Whose handoffs are asked for; None where nobody's, or the word is no id."""
    try:
        return UUID(request.GET.get("giver", ""))
    except ValueError:
        return None


def _of(giver: UUID) -> dict[str, str]:
    """The rows behind an acceptance rate."""
    return {"side": "all", "state": "answered", "kind": "sales_to_cs", "giver": str(giver)}


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
