"""Does the score tell the truth: the backtest, and the decisions behind each of its figures."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from health.actions.replays import ask_replay
from health.forms.truth import KEPT, LOST, TruthForm
from health.queries.backtest import HORIZONS, MAIN, Backtest, backtest
from health.queries.overrides import overrides_judged
from health.queries.replays import replayed
from health.queries.today import today_of_tenant
from health.rules.proof.calibration import Calibration
from health.rules.proof.ranking import Ranking
from health.rules.proof.verdict import Verdict
from health.rules.proof.words import EARLY, NO, WRONG, YES, answer, interval, sentence
from health.rules.scoring import GREEN, RED, YELLOW
from health.views.judged import address, asked, listed, rows_url, url_of
from tenants.access import TenantRequest, needs
from tenants.formats import NONE, number, plural, rate
from tenants.roles import Can

LISTED = 10
TITLE = "Does the score tell the truth?"
ANSWERS = {YES: "Yes", NO: "It does not separate", WRONG: "It points the wrong way"}
TONES = {RED: "risk", YELLOW: "watch", GREEN: "good"}


@needs(Can.READ_HEALTH)
@require_GET
def truth(request: TenantRequest) -> HttpResponse:
    """How scores did that were given some days before the decisions of a year."""
    form = TruthForm(request.GET)
    until, horizon = asked(form)
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
                "url": address(until, horizon=each),
                "current": each == horizon,
            }
            for each in HORIZONS
        ],
        "stats": _stats(found, verdict),
        "chart": _chart(verdict) if verdict.calibration else None,
        "bands": [(row, f"{rows_url(until, horizon)}&band={row.band}") for row in verdict.bands],
        "readings": _readings(verdict),
        "distances": [_distance(found.verdicts[each], until) for each in HORIZONS],
        "lists": [
            (
                "Healthy, and lost",
                listed(verdict.green_but_lost),
                url_of(until, horizon, GREEN, LOST),
            ),
            (
                "At risk, and kept",
                listed(verdict.red_but_renewed),
                url_of(until, horizon, RED, KEPT),
            ),
        ],
        "rows_url": rows_url(until, horizon),
        "overrides": overrides_judged(until, timezone.now()),
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
            "url": rows_url(until, horizon),
        },
        {
            "label": "Of those lost, at risk before",
            "value": rate(verdict.capture, 0),
            "note": "" if verdict.capture is None else f"of {verdict.lost} lost",
            "url": url_of(until, horizon, RED, LOST),
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
            "url": f"{rows_url(until, horizon)}&band=unknown",
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
        "url": address(until, verdict.horizon),
        "n": len(verdict.covered),
        "lost": verdict.lost,
        "ranking": verdict.ranking,
        "precision": red.rate,
        "recall": verdict.capture,
        "separation": verdict.separation,
    }
