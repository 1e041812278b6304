"""Learn a churn model from past decisions, and draft the weights it suggests."""

from copy import deepcopy
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from health.actions.models import save_draft
from health.models import ChurnModel, HealthModel
from health.queries.churn_models import is_learning, learnable, lessons, lives
from health.queries.today import today_of_tenant
from health.rules.catalogue import MEASURES
from health.rules.freshness import CHURN_MODEL
from health.rules.models import Model, read
from health.rules.proof.churn_model import Regression, learned, shares
from health.rules.proof.lifetimes import hazards, survival
from health.rules.proof.trial import YES, tried
from tenants import trail
from tenants.errors import Refused
from tenants.jobs import Work, job, later
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe(
    "health.churn_model_asked",
    "{who} had a churn model learned from past decisions",
    icon="heart-pulse",
)
LEAST_WEIGHT = 1  # of a measure that told nothing: a person takes it out, not a regression


class NothingLearned(Refused):
    """No regression tells losses apart, so it suggests nothing."""


@job(CHURN_MODEL, label="Learn a churn model from past decisions")
def learn(work: Work, *, author: str | None) -> None:
    """Learn on the years before, try on the last one, then learn from all; keep what came of it."""
    until = today_of_tenant(work.now)
    found = lessons(until, work.now)
    trial, _ = tried(found.earlier, found.later, found.scores, learnable())
    regression = None
    if trial.ranking is not None:
        regression = learned([*found.earlier, *found.later], learnable())
    stays = lives(until, work.now, found.accounts.account_ids)
    beside = hazards(stays)
    ChurnModel.objects.create(
        until=until,
        learned_at=work.now,
        author_id=author,
        regression=regression and regression.stored(),
        trial=trial.stored(),
        separates=trial.answer == YES,
        survival={
            "groups": [asdict(each) for each in survival(stays)],
            "hazards": beside and asdict(beside),
        },
        accounts=len(found.accounts.account_ids),
        of=found.accounts.of,
    )
    work.statistics["accounts"] = len(found.accounts.account_ids)


@transaction.atomic
def ask_churn_model(*, author: User, now: datetime) -> None:
    """Have a churn model learned by a worker, once at a time."""
    hold("churn model")
    if is_learning():
        return
    later(learn, key=now.isoformat(), now=now, author=str(author.pk))
    trail.record("health.churn_model_asked", at=now, actor=author)


def suggested(regression: Regression, model: Model) -> dict[str, float]:
    """How the weight of a health model would fall on its measures, 0 to 1; see `shares`."""
    return shares(
        regression, {metric.measure: MEASURES[metric.measure].direction for metric in model.metrics}
    )


def with_weights(body: dict[str, Any], parts: dict[str, float]) -> dict[str, Any]:
    """A stored health model with its weights as suggested, in hundredths and at least 1."""
    body = deepcopy(body)
    for dimension in body["dimensions"]:
        whole = sum(parts.get(metric["measure"], 0.0) for metric in dimension["metrics"])
        dimension["weight"] = max(LEAST_WEIGHT, round(100 * whole))
        for metric in dimension["metrics"]:
            part = parts.get(metric["measure"], 0.0) / whole if whole else 1.0
            metric["weight"] = max(LEAST_WEIGHT, round(100 * part))
    return body


def draft_suggested(
    *, model: HealthModel, regression: Regression | None, author: User, now: datetime
) -> HealthModel:
    """Draft the next version of a model with the suggested weights, for a person to look at.

    Raises NothingLearned, and what save_draft raises.
    """
    parts = suggested(regression, read(model.body)) if regression else {}
    if not parts:
        raise NothingLearned("No churn model that separates speaks of what this model measures.")
    body = with_weights(model.body, parts)
    return save_draft(key=model.key, body=body, seen_version=model.version, author=author, now=now)
