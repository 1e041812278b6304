"""Files from elsewhere through the wizard: every row accounted for, the same again no change."""

import csv
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account
from health.actions.rescore import rescore
from pulse.models import SurveyAnswer, UsageDay
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard, adds_up
from tests.stories.nights import night
from tests.stories.sets import FOLDER, Set

pytestmark = pytest.mark.data
StartWorker = Callable[..., subprocess.Popen[bytes]]
CAUSES = {
    "pricing": "price",
    "support": "service_support",
    "features": "product_gap",
    "competitor": "competitor",
    "budget": "budget_cut",
    "unknown": "—",
}
URGENCY = {"urgent": "1", "high": "2", "medium": "3", "low": "4"}
STAGES = {"Engaging": "sql", "Prospecting": "prospect"}


@pytest.mark.django_db(transaction=True)
def test_ravenstack(
    wizard: Wizard,
    at: Callable[[date], None],
    celery_worker_process: StartWorker,
    request: pytest.FixtureRequest,
):
    at(date(2024, 12, 31))
    wizard.client.force_login(make.member(wizard.tenant, Role.REVOPS).user)
    some = None if request.config.getoption("--full") else 5000
    data = Set(wizard, "ravenstack-saas", "ravenstack")
    item = data.bring_in("ravenstack_accounts.csv", "accounts", stage="recurring_impact")
    assert item.counts["new"] == item.counts["rows"] == 500
    item = data.bring_in(
        "ravenstack_subscriptions.csv", "contracts", arr_minor="arr_amount", plan="plan_tier"
    )
    assert item.counts["rows"] == 5000
    item = data.bring_in("ravenstack_feature_usage.csv", "usage", some)
    assert item.counts["rows"] == (some or 25000)
    item = data.bring_in(
        "ravenstack_support_tickets.csv",
        "tickets",
        opened_at="submitted_at",
        priority="priority",
        csat="satisfaction_score",
        is_escalated="escalation_flag",
        words=URGENCY,
    )
    assert item.counts["rows"] == 2000
    item = data.bring_in(
        "ravenstack_churn_events.csv",
        "churn",
        ended_on="churn_date",
        cause="reason_code",
        comment="feedback_text",
        words=CAUSES,
    )
    assert item.counts["rows"] == 600
    placed(wizard.tenant, datetime(2024, 12, 31, 12, tzinfo=UTC))
    celery_worker_process("--concurrency=1")
    bands, plays = night(wizard.tenant, date(2025, 1, 1))
    assert sum(bands.values()) == 500
    assert bands["red"] > 0 and plays["usage_drop"] > 0
    assert plays["health_red"] == 0  # red since they were first scored, so none turned red


def placed(tenant: Tenant, now: datetime) -> None:
    """What the news of the imports brings, by the clock of the story: a segment and a touch model.

    A worker's clock says today, and what it places then is not known of a day gone by.
    """
    with act_for(tenant.pk):
        rescore(account_ids=list(Account.objects.values_list("pk", flat=True)), now=now)


@pytest.mark.django_db(transaction=True)
def test_churnsim(
    wizard: Wizard,
    at: Callable[[date], None],
    celery_worker_process: StartWorker,
    request: pytest.FixtureRequest,
):
    at(date(2024, 1, 20))
    wizard.client.force_login(make.member(wizard.tenant, Role.REVOPS).user)
    some = None if request.config.getoption("--full") else 1000
    data = Set(wizard, "churnsim-crm6", "churnsim")
    item = data.bring_in("accounts.csv", "accounts", name="account_id", stage="recurring_impact")
    assert item.counts["new"] == 744
    item = data.bring_in(
        "subscriptions.csv", "contracts", arr_minor="mrr", t_arr_minor="12", ends_on="end_date"
    )
    assert item.counts["rows"] == 6244
    item = data.bring_in("usage_weekly.csv", "usage", some, span_days="=", x_span_days="7")
    assert item.counts["new"] == item.counts["rows"] == (some or 38624)
    with act_for(wizard.tenant.pk):
        assert UsageDay.objects.filter(span_days=7).count() == item.counts["rows"]
    celery_worker_process("--concurrency=1")
    bands, _ = night(wizard.tenant, date(2024, 1, 21))
    assert sum(bands.values()) == 744


def test_crm_sales(wizard: Wizard):
    data = Set(wizard, "crm-sales-opportunities", "crm")
    item = data.bring_in("accounts.csv", "accounts", parent="subsidiary_of")
    assert item.counts["rows"] == 85 == item.counts["new"]
    item = data.bring_in(
        "sales_pipeline.csv",
        "opportunities",
        name="opportunity_id",
        amount_minor="close_value",
        seller_name="sales_agent",
        opened_on="engage_date",
        words=STAGES,
    )
    assert item.counts["new"] == item.counts["rows"] == 8800


def test_telco(wizard: Wizard):
    data = Set(wizard, "telco-churn-ibm", "telco")
    item = data.bring_in(
        "Telco-Customer-Churn.csv", "accounts", key="customerID", name="customerID"
    )
    assert item.counts["new"] == 7043


@pytest.mark.parametrize("name", ["responses_iso_dates.csv", "responses_mdy_text_dates.csv"])
def test_nps(wizard: Wizard, name: str):
    data = Set(wizard, "nps-sudzilla", "survey")
    how = {"key": "Timestamp", "answered_at": "Timestamp", "comment": "...why?"}
    if "mdy" in name:
        how["o_answered_at"] = "MDY"
    score = "On a scale of 0-10, how would you rate Sudzilla?"
    item = data.bring_in(name, "answers", score=score, kind="=", x_kind="nps", **how)
    assert item.counts["new"] == 39
    with act_for(wizard.tenant.pk):
        scores = list(SurveyAnswer.objects.values_list("score", flat=True))
    promoters, detractors = sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)
    with (data.folder / "expected_nps.csv").open() as file:
        [expected] = csv.DictReader(file)
    assert round(100 * (promoters - detractors) / len(scores), 1) == float(expected["NPS Score"])


def odd_files() -> list[Path]:
    folders = ("csv-horror", "csv-opendata", "csv-spectrum")
    found = [path for folder in folders for path in sorted((FOLDER / folder).rglob("*"))]
    return [path for path in found if path.suffix in {".csv", ".tsv", ".psv", ".ssv"}]


def test_odd_files_are_brought_in_or_refused_with_a_reason(wizard: Wizard):
    told = {}
    for number, path in enumerate(odd_files()):
        sent = {
            "file": SimpleUploadedFile(path.name, path.read_bytes() or b""),
            "target": "accounts",
            "source": f"odd-{number}",
        }
        answer = wizard.client.post(wizard.at, sent)
        if answer.status_code == 422:
            told[f"{path.parent.name}/{path.name}"] = answer.context["form"].errors["file"][0]
            continue
        item = wizard.columns(wizard.item(answer["Location"].rstrip("/").split("/")[-1]))
        said = wizard.proposed(item)
        said |= {"key": said.get("key") or ["0"], "f-name": said.get("f-name") or "0"}
        answer = wizard.post(item, "mapping", said)
        if answer.status_code == 422:
            form = answer.context["form"]
            said |= {field: "" for field in form.fields if field[:2] == "v-"}
            said |= {field: "DMY" for field in form.fields if field[:2] == "o-"}
            said |= {field: "." for field in form.fields if field[:2] == "m-"}
            answer = wizard.post(item, "mapping", said)
        assert answer.status_code == 302, (path, answer.context["form"].errors)
        wizard.work()
        item = wizard.item(item.pk)
        assert item.state == "checked" and adds_up(item), (path, item.counts, item.problem)
        if item.counts["new"]:
            item = wizard.run(item)
            assert item.state == "done" and adds_up(item), (path, item.counts)
        told[f"{path.parent.name}/{path.name}"] = item.counts
    print(told)
    assert len(told) == len(odd_files()) >= 30
    with act_for(wizard.tenant.pk):
        assert Account.objects.exists()
