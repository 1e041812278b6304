"""At risk: what is in danger, what moved, and who does what about it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from health.models import AccountRow
from health.queries.bands import ENTERED_RED, LEFT_RED, Bands, by_week, largest, week_days
from health.queries.risk import TOUCHED_DAYS, Figures, figures
from health.queries.rows import rows_of
from health.rules.lists import ANYBODY, AT_RISK
from health.rules.sentences import sentence
from health.rules.standing import FALL_POINTS, KIND_MEANINGS, KINDS, RENEWING_DAYS
from health.views.accounts import answer
from health.views.cells import named
from health.views.listing import Wanted, address, wanted
from tenants.access import TenantRequest, needs
from tenants.formats import day as day_words
from tenants.formats import money_short, plural, rate
from tenants.roles import Can

EMPTY = {
    "at_risk": "Nobody is at risk",
    "falling": "No account is falling",
    "renewing": "No renewal in this window",
    "no_play": "A play is at work on every account at risk",
    "sponsor_lost": "No account has lost its sponsor",
    "silent": "Somebody is in touch with every green account",
    "unheld": "Every account at risk has an owner and a next step",
}
SCOPE = ("owner", "team", "segment")
BY_DEFINITION = ("at_risk", "no_play", "unheld")
SERIES = (
    ("red", "At risk", "risk"),
    ("yellow", "Watch", "watch"),
    ("green", "Healthy", "good"),
    ("unknown", "No score", "none"),
)


@needs(Can.READ_HEALTH)
@require_GET
def at_risk(request: TenantRequest) -> HttpResponse:
    """The manager's page: five numbers, the bands week by week, this week's moves, the list."""
    want = wanted(request, AT_RISK)
    return answer(request, want, "health/at_risk.html", lambda: _frame(request, want))


def _frame(request: TenantRequest, want: Wanted) -> dict[str, Any]:
    everything = replace(want.asked, q="", kind="", band="", stage="", renews=None, tag="")
    scope = rows_of(everything, me=want.me, lists=want.lists)
    found = figures(scope, want.lists)
    kept = {key: request.GET[key] for key in SCOPE if key in request.GET}
    is_whole = everything.owner == ANYBODY and not (everything.team or everything.segment)
    now = {band: (sums.n, sums.arr_minor) for band, sums in found.bands.items()}
    bands = by_week(want.today, now if is_whole else None)
    is_plain = want.asked == replace(everything, kind=want.asked.kind)
    listed = found.kinds.get(want.asked.kind, found.whole) if is_plain else None
    return {
        "totals": (listed.n, listed.arr_minor, found.scored_on) if listed else None,
        "built_in": [
            {
                "label": label,
                "query": address(_kind_query(key, kept))[1:],
                "count": found.kinds[key].n,
                "note": money_short(found.kinds[key].arr_minor, request.tenant.currency),
            }
            for key, label in KINDS.items()
        ],
        "stats": _stats(request, found, kept),
        "chart": _chart(bands, want.today, request.tenant.currency) if bands else None,
        "moves": _moves(scope, found) if found.has_before else [],
        "week_ago": want.today - timedelta(days=7),
        "scored_on": found.scored_on,
        "now": timezone.now(),
        "scope": f"{plural(found.whole.n, 'account')}",
        "meaning": _meaning(want),
        "empty_title": EMPTY.get(want.asked.kind, "No account matches"),
        "version": want.lists.known.version if want.asked.kind in BY_DEFINITION else None,
        "proof_url": reverse("health:score_proof"),
    }


def _kind_query(kind: str, kept: dict[str, str]) -> QueryDict:
    """The address of one of the standing lists, in the scope in hand."""
    query = QueryDict(mutable=True)
    query.update(kept)
    if kind != AT_RISK.kind:
        query["kind"] = kind
    return query


def _stats(request: TenantRequest, found: Figures, kept: dict[str, str]) -> list[dict[str, Any]]:
    def money(minor: int) -> str:
        return money_short(minor, request.tenant.currency)

    def url(kind: str, **more: str) -> str:
        return address(_kind_query(kind, kept), **more)

    risk, falling = found.kinds["at_risk"], found.kinds["falling"]
    renewing, unheld = found.kinds["renewing"], found.kinds["unheld"]
    share = risk.arr_minor / found.whole.arr_minor if found.whole.arr_minor else None
    touched = found.touched / risk.n if risk.n else None
    return [
        {
            "label": "ARR at risk",
            "value": money(risk.arr_minor),
            "note": f"{plural(risk.n, 'account')}, {rate(share)} of ARR",
            "tone": "risk" if risk.n else "",
            "url": url("at_risk", sort="-arr"),
        },
        {
            "label": "ARR falling",
            "value": money(falling.arr_minor),
            "note": f"{plural(falling.n, 'account')}, {FALL_POINTS} points or more",
            "url": url("falling", sort="change"),
        },
        {
            "label": f"ARR renewing in {RENEWING_DAYS} days",
            "value": money(renewing.arr_minor),
            "note": f"{plural(renewing.n, 'account')}, {found.renewing_at_risk.n} at risk",
            "url": url("renewing", sort="renews"),
        },
        {
            "label": "At risk, no owner or next step",
            "value": f"{unheld.n:,}",
            "note": f"{money(unheld.arr_minor)} of {money(risk.arr_minor)} at risk",
            "tone": "watch" if unheld.n else "",
            "url": url("unheld", sort="-arr"),
        },
        {
            "label": f"At risk and touched in {TOUCHED_DAYS} days",
            "value": rate(touched, 0),
            "note": f"{found.touched:,} of {plural(risk.n, 'account')}",
            "url": url("at_risk", sort="touch"),
        },
    ]


def _chart(bands: Bands, today: date, currency: str) -> dict[str, Any]:
    days = [day for day in week_days(today) if day in bands]
    held = {band: [bands[day].get(band, (0, 0))[1] for day in days] for band, _, _ in SERIES}
    first, last = held["red"][0], held["red"][-1]
    finding = f"{money_short(last, currency)} is red today"
    if len(days) > 1:
        way = "up from" if last > first else "down from" if last < first else "as it was,"
        finding += f", {way} {money_short(first, currency)} on {day_words(days[0], today)}"
    n = sum(accounts for accounts, _ in bands[days[-1]].values())
    return {
        "title": "ARR by health band, all accounts",
        "finding": f"{finding}; {plural(n, 'account')}.",
        "labels": [day_words(day, today) for day in days],
        "series": [(label, fill, held[band]) for band, label, fill in SERIES if any(held[band])],
        "unit": currency,
    }


def _moves(scope: QuerySet[AccountRow], found: Figures) -> list[dict[str, Any]]:
    sides = (("Entered red", found.entered, ENTERED_RED), ("Left red", found.left, LEFT_RED))
    return [
        {
            "label": label,
            "n": side.n,
            "arr_minor": side.arr_minor,
            "rows": named(largest(scope, where)) if side.n else [],
        }
        for label, side, where in sides
    ]


def _meaning(want: Wanted) -> str:
    kind = want.asked.kind
    if kind == "at_risk":
        return sentence(want.lists.known.conditions[kind])
    return KIND_MEANINGS.get(kind, "")
