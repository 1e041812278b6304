"""Histories from elsewhere, brought in today: past weeks are scored, and the score is judged.

The outcome is counted again from the CSV, and the area under the curve by scikit-learn's
definition from the exported file. `docs/real-data.md` holds the figures.
"""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from accounts.models import Account
from bowtie.rules.stages import LINE, Stage
from charter.rules.documents import TOUCH_MODELS
from health.actions.churn_models import learn
from health.actions.own_measures import make_measure
from health.actions.replays import replay
from health.models import ChurnModel, HealthModel
from health.queries.backtest import Backtest, backtest
from health.rules.proof.trial import read_trial
from health.rules.proof.words import NO, YES, answer, sentence
from tenants.jobs import Work
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.stories.sets import Set
from tests.stories.test_real_data import CAUSES, URGENCY

pytestmark = [pytest.mark.data, pytest.mark.full]
STAGES = [str(stage) for stage in LINE[LINE.index(Stage.COMMITTED) :]]
USE = {
    "key": "usage",
    "name": "Usage",
    "weight": 80,
    "metrics": [
        {"measure": "seat_utilisation", "weight": 50, "anchors": [0.2, 0.5, 0.8]},
        {"measure": "usage_trend", "weight": 50, "anchors": [-0.4, -0.1, 0.05]},
    ],
}
TICKETS = {
    "key": "support",
    "name": "Support",
    "weight": 20,
    "metrics": [
        {"measure": "open_late_tickets", "weight": 60, "anchors": [6, 3, 0]},
        {"measure": "csat_90", "weight": 40, "anchors": [0.6, 0.8, 0.95]},
    ],
}


def of_what_there_is(tenant: Tenant, dimensions: list[dict[str, Any]]) -> None:
    """One model of what such a source delivers in place of the defaults, for everybody."""
    body = {
        "name": "What there is",
        "scope": {"touch_models": list(TOUCH_MODELS), "stages": STAGES},
        "base": 75,
        "bands": {"green": 75, "yellow": 50},
        "least_coverage": 0.6,
        "least_of_dimension": 0.5,
        "dimensions": dimensions,
    }
    with act_for(tenant.pk):
        HealthModel.objects.all().delete()
        Account.objects.update(segment="mid_market", touch_model="mid")
        HealthModel.objects.create(
            key="there", version=1, name="What there is", body=body, saved_at=datetime.now(UTC),
            state=HealthModel.State.PUBLISHED, effective_on=date(2020, 1, 1),
        )  # fmt: skip


def judged(tenant: Tenant, until: date) -> Backtest:
    """Past weeks scored from what is known now, and the verdict on the year up to a day."""
    work = Work(tenant.pk, tenant.pk, None, datetime.now(UTC))
    is_over = False
    while not is_over:
        with act_for(tenant.pk):
            work.cursor = replay(work, until=until.isoformat())
        is_over = work.cursor is None
    with act_for(tenant.pk):
        found = backtest(until, datetime.now(UTC))
    for horizon, each in found.verdicts.items():
        told = each.calibration
        print(
            horizon,
            len(each.cases),
            len(each.covered),
            each.lost,
            each.ranking,
            each.usage,
            each.capture,
            each.separation,
            told and (round(told.brier, 3), round(told.ece, 3)),
        )
        print([(row.band, row.n, row.lost, row.rate) for row in each.bands])
    print(sentence(found.main), len(found.undecided), found.lead.median, found.lead.early_share)
    return found


def area_of_file(wizard: Wizard, until: date) -> float:
    """Over all pairs of the exported file, the share in which the lost one scored lower."""
    url = f"/{wizard.tenant.slug}/health/truth/decisions/export/?until={until}&horizon=90"
    text = wizard.client.get(url).content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["score"]]
    lost = np.array([row["is lost"] == "1" for row in rows])
    scores = np.array([float(row["score"]) for row in rows])
    pairs = scores[lost][:, None] - scores[~lost][None, :]
    return float(((pairs < 0) + 0.5 * (pairs == 0)).mean())


@pytest.mark.django_db(transaction=True)
def test_seats_and_trend_do_not_tell_churnsim_apart(wizard: Wizard, at: Callable[[date], None]):
    until = date(2023, 12, 31)
    at(until)
    wizard.client.force_login(make.member(wizard.tenant, Role.ADMIN).user)
    data = Set(wizard, "churnsim-crm6", "churnsim")
    data.bring_in("accounts.csv", "accounts", name="account_id", stage="recurring_impact")
    data.bring_in(
        "subscriptions.csv", "contracts", arr_minor="mrr", t_arr_minor="12", ends_on="end_date"
    )
    data.bring_in("usage_weekly.csv", "usage", span_days="=", x_span_days="7")
    of_what_there_is(wizard.tenant, [USE])
    found = judged(wizard.tenant, until)
    churned = [each for each in found.main.cases if each.decision.after_minor <= 0]
    terms = pd.read_csv(data.folder / "subscriptions.csv", parse_dates=["end_date"])
    last = terms.groupby("account_id").end_date.max()
    grace = pd.Timestamp(until) - timedelta(days=60)
    gone = last[(last > "2022-12-31") & (last <= grace)]
    assert len(churned) == len(gone)
    assert {each.decision.name for each in churned} == {str(each) for each in gone.index}
    assert found.main.ranking is not None
    assert answer(found.main) == NO  # its outcome lies in which actions people take
    assert area_of_file(wizard, until) == pytest.approx(found.main.ranking.auc)
    measured_by_action(
        wizard.tenant, make.member(wizard.tenant, Role.REVOPS).user, datetime.now(UTC)
    )
    judged(wizard.tenant, until)
    told = learned(wizard.tenant, until)
    assert told.trial["ranking"]["auc"] > 0.5


ACTIONS = (
    "add_competitor", "add_contact", "add_lead", "advance_stage", "call_lead", "cancel_meeting",
    "create_list", "create_opportunity", "create_search", "delete_list", "delete_search",
    "disqualify_opportunity", "edit_contact", "edit_lead", "edit_meeting", "edit_search",
    "email_lead", "email_list", "lose_opportunity", "meeting", "quote", "schedule_meeting",
    "search", "unsub_lead", "win_opportunity",
)  # fmt: skip


def measured_by_action(tenant: Tenant, author: User, now: datetime) -> None:
    """How often each action is taken for each active person, and how many deals are lost for one
    that is won."""
    with act_for(tenant.pk):
        for action in ACTIONS:
            make_measure(
                author=author, now=now, name=action, kind="usage", reads=action, take="sum",
                per="people", direction="up",
            )  # fmt: skip
        make_measure(
            author=author, now=now, name="Lost for one won", kind="usage", reads="lose_opportunity",
            take="sum", per="feature", per_feature="win_opportunity", days=56, direction="down",
        )  # fmt: skip


def learned(tenant: Tenant, until: date) -> ChurnModel:
    """The churn model of a company, with what it was tried on printed."""
    at_night = datetime(until.year, until.month, until.day, 12, tzinfo=UTC)
    with act_for(tenant.pk):
        learn(Work(tenant.pk, tenant.pk, None, at_night), author=None)
        found = ChurnModel.objects.latest("learned_at")
    trial = read_trial(found.trial)
    print(trial.words, trial)
    for term in sorted((found.regression or {}).get("terms", []), key=lambda each: each["weight"]):
        print(f"{term['measure']:30} {term['weight']:+.2f}")
    print(found.survival)
    return found


@pytest.mark.django_db(transaction=True)
def test_ravenstack_has_none(wizard: Wizard, at: Callable[[date], None]):
    until = date(2024, 12, 31)
    at(until)
    wizard.client.force_login(make.member(wizard.tenant, Role.ADMIN).user)
    data = Set(wizard, "ravenstack-saas", "ravenstack")
    data.bring_in("ravenstack_accounts.csv", "accounts", stage="recurring_impact")
    data.bring_in(
        "ravenstack_subscriptions.csv", "contracts", arr_minor="arr_amount", plan="plan_tier",
        ends_on=None, cancelled_on="end_date",
    )  # fmt: skip
    data.bring_in("ravenstack_feature_usage.csv", "usage")
    data.bring_in(
        "ravenstack_support_tickets.csv", "tickets", opened_at="submitted_at", priority="priority",
        csat="satisfaction_score", is_escalated="escalation_flag", words=URGENCY,
    )  # fmt: skip
    data.bring_in(
        "ravenstack_churn_events.csv", "churn", ended_on="churn_date", cause="reason_code",
        comment="feedback_text", words=CAUSES,
    )  # fmt: skip
    of_what_there_is(wizard.tenant, [USE, TICKETS])
    found = judged(wizard.tenant, until)
    assert answer(found.main) != YES
    assert found.main.ranking is None or answer(found.main) == NO
