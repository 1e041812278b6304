"""The churn model beside the score: what went before losses, whether that held, and whom it names.

Also how long accounts of each segment stay.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.queries.reach import in_reach
from health.actions.churn_models import ask_churn_model, draft_suggested, suggested
from health.models import ChurnModel, HealthModel
from health.queries.churn_models import (
    MOST,
    foretold,
    is_learning,
    newest,
    regression_in_use,
)
from health.queries.models import drafts, published
from health.queries.segments import segment_choices
from health.queries.today import today_of_tenant
from health.rules.catalogue import MEASURES, shown
from health.rules.models import read
from health.rules.proof.churn_model import Regression, Term, read_regression
from health.rules.proof.trial import NO, WRONG, YES, Trial, read_trial
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import NONE, number, plural, rate
from tenants.roles import Can, Reach

TITLE = "Churn model"
LISTED = 20
TONES = {YES: "good", WRONG: "risk", NO: "watch"}


@needs(Can.READ_HEALTH)
@require_GET
def churn_model(request: TenantRequest) -> HttpResponse:
    """The newest churn model, or what it takes to have one."""
    return _page(request)


@needs(Can.DESIGN_HEALTH)
@require_POST
def learn(request: TenantRequest) -> HttpResponse:
    """Have a worker learn from the decisions known today."""
    ask_churn_model(author=request.user, now=timezone.now())
    return redirect("health:churn_model")


@needs(Can.DESIGN_HEALTH)
@require_POST
def draft(request: TenantRequest, key: str) -> HttpResponse:
    """Draft a health model with the suggested weights; nothing counts until it is published."""
    now = timezone.now()
    of_key = [each for each in published().on(today_of_tenant(now)) if each.key == key]
    if not of_key:
        return _page(request, error="There is no such health model any more.")
    try:
        draft_suggested(
            model=of_key[0],
            regression=regression_in_use(newest()),
            author=request.user,
            now=now,
        )
    except Refused as refusal:
        return _page(request, error=str(refusal))
    return redirect("health:model_edit", key)


def _page(request: TenantRequest, error: str = "") -> HttpResponse:
    found = newest()
    may_design = request.actor.may(Can.DESIGN_HEALTH)
    context: dict[str, Any] = {
        "title": TITLE,
        "found": found,
        "is_learning": is_learning(),
        "may_design": may_design,
        "error": error,
    }
    if found:
        regression = found.regression and read_regression(found.regression)
        in_use = regression_in_use(found)
        context |= _told(found, read_trial(found.trial), regression)
        context["chances"] = _chances(request, in_use)
        context["weights"] = _weights(in_use) if in_use else []
    return render(request, "health/churn_model.html", context, status=409 if error else 200)


def _told(found: ChurnModel, trial: Trial, regression: Regression | None) -> dict[str, Any]:
    names = dict(segment_choices())
    groups = [
        {**each, "name": names.get(each["name"], each["name"]) or "No segment"}
        for each in found.survival["groups"]
    ]
    hazards = found.survival["hazards"]
    return {
        "trial": trial,
        "stats": _stats(trial) if trial.ranking else [],
        "terms": [_term(each) for each in _strongest(regression)] if regression else [],
        "regression": regression,
        "groups": groups,
        "against": hazards and (names.get(hazards["against"], hazards["against"]) or "no segment"),
        "hazards": hazards
        and [
            {
                **each,
                "name": "Ten times the ARR at commit"
                if each["name"] == "ARR"
                else names.get(each["name"], each["name"]) or "No segment",
                "is_told": each["low"] > 1 or each["high"] < 1,
            }
            for each in hazards["hazards"]
        ],
        "concordance": hazards and hazards["concordance"],
        "is_sample": found.accounts < found.of,
        "most": MOST,
    }


def _stats(trial: Trial) -> list[dict[str, Any]]:
    found, health = trial.ranking, trial.health
    if found is None:
        return []
    return [
        {
            "label": "Lost had the higher chance",
            "value": rate(found.auc, 0),
            "note": f"95% interval {rate(found.low, 0)} to {rate(found.high, 0)}",
            "tone": TONES.get(trial.answer, ""),
        },
        {
            "label": "Health score, the same decisions",
            "value": rate(health.auc, 0) if health else NONE,
            "note": f"{plural(health.n, 'decision')} had a score" if health else "too few scores",
        },
        {
            "label": "Tried on",
            "value": number(trial.n),
            "note": f"decisions of the last year, {trial.lost} lost",
        },
        {
            "label": "Learned from",
            "value": number(trial.learned_from),
            "note": f"decisions before, {trial.learned_lost} lost",
        },
        {
            "label": "Brier score",
            "value": number(trial.brier, 3),
            "note": f"{number(trial.base_brier, 3)} for the same chance to all; less is better",
        },
    ]


def _strongest(regression: Regression) -> list[Term]:
    return sorted(regression.terms, key=lambda each: -abs(each.weight))


def _term(term: Term) -> dict[str, Any]:
    """A coefficient in words: which way is worse, how far a step is, what it does to the odds."""
    measure = MEASURES[term.measure]
    way = "Lower" if term.weight < 0 else "Higher"
    is_odd = (term.weight < 0) == (measure.direction == "down") and measure.direction != "none"
    return {
        "measure": measure,
        "way": way,
        "middle": shown(term.measure, term.mean),
        "step": shown(term.measure, term.deviation),
        "odds": term.odds,
        "known": term.known,
        "is_odd": is_odd,
    }


def _chances(request: TenantRequest, regression: Regression | None) -> list[dict[str, Any]]:
    if regression is None:
        return []
    reached = None
    if request.actor.reach(Can.READ_HEALTH) is not Reach.TENANT:
        reached = list(in_reach(request.actor, Can.READ_HEALTH).values_list("pk", flat=True))
    rows = foretold(regression, reached, LISTED)
    return [{"row": each, "because": [MEASURES[key].name for key in each.because]} for each in rows]


def _weights(regression: Regression) -> list[dict[str, Any]]:
    """Of each health model in force the share of weight that measures have, and would have."""
    waiting = drafts()
    return [
        {"version": each, "draft": waiting.get(each.key), "rows": rows}
        for each in published().on(today_of_tenant(timezone.now()))
        if (rows := _shares(each, regression))
    ]


def _shares(version: HealthModel, regression: Regression) -> list[dict[str, Any]]:
    model = read(version.body)
    parts = suggested(regression, model)
    if not parts:
        return []
    rows = []
    for dimension in model.dimensions:
        inside = sum(metric.weight for metric in dimension.metrics)
        for metric in dimension.metrics:
            rows.append(
                {
                    "measure": MEASURES[metric.measure],
                    "now": dimension.weight / model.weight * metric.weight / inside,
                    "suggested": parts[metric.measure],
                }
            )
    return sorted(rows, key=lambda row: (-row["suggested"], -row["now"]))
