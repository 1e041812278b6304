"""Does the score tell the truth: the backtest, and the decisions behind each of its figures."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from accounts.queries.reach import in_reach
from accounts.rules.safe_csv import csv_lines
from health.actions.replays import ask_replay
from health.forms.truth import KEPT, LOST, DecisionsForm, TruthForm
from health.queries.backtest import HORIZONS, MAIN, Backtest, backtest
from health.queries.replays import replayed
from health.queries.today import today_of_tenant
from health.rules.proof.calibration import Calibration
from health.rules.proof.ranking import Ranking
from health.rules.proof.verdict import Seen, Verdict
from health.rules.proof.words import EARLY, NO, WRONG, YES, answer, interval, sentence
from health.rules.scoring import GREEN, RED, YELLOW
from tenants.access import TenantRequest, needs
from tenants.formats import NONE, exponent, number, plural, rate
from tenants.roles import Can

LISTED = 10
ROWS = 200
TITLE = "Does the score tell the truth?"
ANSWERS = {YES: "Yes", NO: "It does not separate", WRONG: "It points the wrong way"}
OUTCOMES = {"churned": "Left", "contracted": "Contracted", "renewed": "Stayed"}
TONES = {RED: "risk", YELLOW: "watch", GREEN: "good"}


@needs(Can.READ_HEALTH)
@require_GET
def truth(request: TenantRequest) -> HttpResponse:
    """How scores did that were given some days before the decisions of a year."""
    form = TruthForm(request.GET)
    until, horizon = _asked(form)
    if not form.errors:
        form = TruthForm(initial={"until": until, "horizon": horizon})
    found = backtest(until, timezone.now())
    verdict = found.verdicts[horizon]
    context = {
        "title": TITLE,
        "form": form,
        "found": found,
        "verdict": verdict,
        "sentence": sentence(verdict),
        "tabs": [
            {
                "label": f"{each} days before",
                "url": _address(until, horizon=each),
                "current": each == horizon,
            }
            for each in HORIZONS
        ],
        "stats": _stats(found, verdict),
        "chart": _chart(verdict) if verdict.calibration else None,
        "bands": [(row, f"{_rows_url(until, horizon)}&band={row.band}") for row in verdict.bands],
        "readings": _readings(verdict),
        "distances": [_distance(found.verdicts[each], until) for each in HORIZONS],
        "lists": [
            (
                "Green, and lost",
                _listed(verdict.green_but_lost),
                _url_of(until, horizon, GREEN, LOST),
            ),
            ("Red, and kept", _listed(verdict.red_but_renewed), _url_of(until, horizon, RED, KEPT)),
        ],
        "rows_url": _rows_url(until, horizon),
        "replayed": replayed(),
        "may_design": request.actor.may(Can.DESIGN_HEALTH),
    }
    return render(request, "health/truth.html", context, status=422 if form.errors else 200)


@needs(Can.DESIGN_HEALTH)
@require_POST
def ask(request: TenantRequest) -> HttpResponse:
    """Have the weeks gone by scored from what is known today."""
    ask_replay(author=request.user, now=timezone.now())
    return redirect("health:truth")


@needs(Can.READ_HEALTH)
@require_GET
def score_proof(request: TenantRequest) -> HttpResponse:
    """The short answer, as the at-risk page shows it."""
    found = backtest(today_of_tenant(timezone.now()), timezone.now(), horizons=(MAIN,))
    context = {
        "title": TITLE,
        "sentence": sentence(found.main),
        "chart": _chart(found.main) if found.main.calibration else None,
        "bands": found.main.bands if found.main.is_enough else (),
        "url": reverse("health:truth"),
    }
    part = "#proof" if request.htmx else ""
    return render(request, f"health/proof.html{part}", context)


@needs(Can.READ_HEALTH)
@require_GET
def decisions(request: TenantRequest) -> HttpResponse:
    """The decisions behind a figure, the largest first."""
    form = DecisionsForm(request.GET)
    until, horizon = _asked(form)
    found = backtest(until, timezone.now(), horizons=(horizon,))
    rows = _chosen(found.verdicts[horizon], form)
    shown = {"band": form.cleaned_data.get("band"), "outcome": form.cleaned_data.get("outcome")}
    asked = {key: value for key, value in shown.items() if value}
    context = {
        "title": " ".join(["Decisions", *asked.values()]),
        "back": _address(until, horizon=horizon),
        "until": until,
        "horizon": horizon,
        "n": len(rows),
        "rows": _listed(rows[:ROWS]),
        "hidden": max(len(rows) - ROWS, 0),
        "undecided": found.undecided,
        "csv": f"{reverse('health:truth_export')}?{urlencode(_query(until, horizon) | asked)}",
        "may_export": request.actor.may(Can.EXPORT),
    }
    return render(
        request, "health/truth_decisions.html", context, status=422 if form.errors else 200
    )


@needs(Can.EXPORT)
@require_GET
def export(request: TenantRequest) -> HttpResponse:
    """The judged decisions within one's reach as a file: what was read, and what came of it."""
    form = DecisionsForm(request.GET)
    until, horizon = _asked(form)
    if form.errors:
        words = "One of these filters cannot be read, so nothing is exported."
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    verdict = backtest(until, timezone.now(), horizons=(horizon,)).verdicts[horizon]
    reached = set(in_reach(request.actor, Can.EXPORT).values_list("pk", flat=True))
    currency = request.tenant.currency
    header = (
        *("account", "decided on", "due on", "score of", "score", "band", "coverage"),
        *("usage alone", "sentiment alone", "outcome", "is lost", "replayed", "play in between"),
        *(f"ARR before {currency}", f"ARR after {currency}"),
    )
    lines = [
        (
            each.decision.name,
            each.decision.decided_on,
            each.decision.due_on,
            each.day or "",
            "" if each.score is None else each.score,
            each.band,
            each.coverage,
            "" if each.usage is None else each.usage,
            "" if each.sentiment is None else each.sentiment,
            str(each.decision.outcome),
            int(each.is_lost),
            int(each.is_replayed),
            int(each.is_treated),
            Decimal(each.decision.before_minor).scaleb(-exponent(currency)),
            Decimal(each.decision.after_minor).scaleb(-exponent(currency)),
        )
        for each in _chosen(verdict, form)
        if each.decision.account_id in reached
    ]
    file = HttpResponse(
        "".join(csv_lines(header, lines, byte_order_mark=True)),
        content_type="text/csv; charset=utf-8",
    )
    name = f"{request.tenant.slug}-decisions-{until}-{horizon}.csv"
    file["Content-Disposition"] = f'attachment; filename="{name}"'
    return file


def _asked(form: TruthForm) -> tuple[date, int]:
    """Which day and distance are asked for; what cannot be read is as if it were not asked."""
    today = today_of_tenant(timezone.now())
    form.is_valid()
    until = form.cleaned_data.get("until") or today
    return min(until, today), form.cleaned_data.get("horizon") or MAIN


def _query(until: date, horizon: int) -> dict[str, str]:
    return {"until": until.isoformat(), "horizon": str(horizon)}


def _address(until: date, horizon: int) -> str:
    return f"{reverse('health:truth')}?{urlencode(_query(until, horizon))}"


def _rows_url(until: date, horizon: int) -> str:
    return f"{reverse('health:truth_decisions')}?{urlencode(_query(until, horizon))}"


def _url_of(until: date, horizon: int, band: str, outcome: str) -> str:
    return f"{_rows_url(until, horizon)}&{urlencode({'band': band, 'outcome': outcome})}"


def _chosen(verdict: Verdict, form: DecisionsForm) -> list[Seen]:
    band, outcome = form.cleaned_data.get("band"), form.cleaned_data.get("outcome")
    found = [
        each
        for each in verdict.cases
        if (not band or each.band == band) and (not outcome or each.is_lost == (outcome == LOST))
    ]
    return sorted(found, key=lambda each: (-each.decision.before_minor, each.decision.name))


def _listed(cases: Sequence[Seen]) -> list[dict[str, Any]]:
    return [
        {"seen": each, "outcome": OUTCOMES[each.decision.outcome], "decision": each.decision}
        for each in cases
    ]


def _stats(found: Backtest, verdict: Verdict) -> list[dict[str, Any]]:
    n, until, horizon = len(verdict.covered), found.until, verdict.horizon
    lead, early = found.lead.median, found.lead.early_share
    base = f", {rate(verdict.lost / n, 0)}" if verdict.is_enough else ""
    return [
        {
            "label": "Lost had the lower score",
            "value": rate(verdict.ranking.auc, 0) if verdict.ranking else NONE,
            "note": interval(verdict.ranking) if verdict.ranking else "too few decisions",
            "tone": {YES: "good", WRONG: "risk", NO: "watch", EARLY: ""}[answer(verdict)],
        },
        {
            "label": "Decisions with a score",
            "value": number(n),
            "note": f"{verdict.lost} lost{base}",
            "url": _rows_url(until, horizon),
        },
        {
            "label": "Of those lost, red before",
            "value": rate(verdict.capture, 0),
            "note": "" if verdict.capture is None else f"of {verdict.lost} lost",
            "url": _url_of(until, horizon, RED, LOST),
        },
        {
            "label": "Warned before they left",
            "value": NONE if lead is None else plural(int(lead), "day"),
            "note": f"median; {rate(early, 0)} were warned of 90 days before"
            if lead is not None
            else f"{plural(found.churned, 'account')} left, too few",
        },
        {
            "label": "Without a score",
            "value": number(verdict.uncovered),
            "note": f"of {plural(len(verdict.cases), 'decision')}",
            "url": f"{_rows_url(until, horizon)}&band=unknown",
        },
    ]


def _chart(verdict: Verdict) -> dict[str, Any]:
    told: Calibration | None = verdict.calibration
    bins, low = [], 0.0
    for each in told.bins if told else ():
        label = f"{number(low, 0)}–{number(each.upto, 0)}"
        bins.append((label, _tone_of(each.chance), each.chance, each.lost, each.n))
        low = each.upto
    off = rate(told.ece, 0) if told else NONE
    return {
        "title": "What a score meant, and what came",
        "finding": f"The line is the chance learned from the year before; on average it was {off} "
        "off.",
        "bins": bins,
        "outcome": "lost",
    }


def _tone_of(chance: float) -> str:
    return "risk" if chance >= 0.3 else "watch" if chance >= 0.1 else "good"


def _readings(verdict: Verdict) -> list[tuple[str, str, Ranking | None]]:
    """The score beside what a person or the use alone would have told."""
    return [
        ("Health score", "churn, or a fifth of ARR or more lost", verdict.ranking),
        ("Health score, churn alone", "contractions count as kept", verdict.churn_only),
        ("Health score, untreated", "without accounts a play worked on", verdict.untreated),
        ("Usage alone", "the dimension of that name", verdict.usage),
        ("CSM sentiment alone", "1 to 5, while it is fresh", verdict.sentiment),
    ]


def _distance(verdict: Verdict, until: date) -> dict[str, Any]:
    red = next(row for row in verdict.bands if row.band == RED)
    return {
        "horizon": verdict.horizon,
        "url": _address(until, verdict.horizon),
        "n": len(verdict.covered),
        "lost": verdict.lost,
        "ranking": verdict.ranking,
        "precision": red.rate,
        "recall": verdict.capture,
        "separation": verdict.separation,
    }
