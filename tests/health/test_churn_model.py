"""The churn model learns from what was stored before decisions, and its page claims no more."""

import re
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client

from accounts.models import Account, ArrMovement
from health.actions.churn_models import learn, with_weights
from health.models import ChurnModel, HealthModel, Snapshot
from health.queries.churn_models import (
    HORIZON,
    foretold,
    learnable,
    lessons,
    lives,
    regression_in_use,
    values_by_measure,
)
from health.rules.catalogue import MEASURES
from health.rules.proof.churn_model import read_regression
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Job, Tenant
from tenants.roles import Role
from tests import make
from tests.health.test_backtest import BODY, DUE, NOW, START, TODAY, Told, accounts, at, version

SignIn = Callable[[Actor], Client]
URL = "/acme/health/truth/churn/"
EARLIER = DUE - timedelta(days=460)  # decided and known 90 days before the year on trial began
YEAR = timedelta(days=365)


@pytest.fixture
def model(inside: Tenant) -> HealthModel:
    return version("plain", 1, BODY, START - timedelta(days=800))


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def history(model: HealthModel, *, turned: bool = False) -> list[Account]:
    """A year of decisions and the year before it: low use goes before losses in four of five.

    turned: in the last year it is high use. Tickets are noise.
    """
    chance = np.random.default_rng(11)
    found = []
    for due_on, is_turned in ((EARLIER, False), (DUE, turned)):
        lost = chance.random(60) < 0.5
        use = np.where(chance.random(60) < 0.8, ~lost ^ is_turned, lost ^ is_turned)
        told = [Told(0, is_lost=bool(each), due_on=due_on) for each in lost]
        for account, each, used in zip(accounts(told), told, use, strict=True):
            day = each.due_on - timedelta(days=HORIZON + 1)
            share = float(0.3 + 0.5 * used + chance.normal() * 0.05)
            snapshot(account, day, share, model, open_late_tickets=float(chance.integers(0, 9)))
            found.append(account)
    return found


def snapshot(of: Account, day, use: float, model: HealthModel, **fields) -> Snapshot:
    of_day = {"coverage": 1.0, "recorded_at": at(day + timedelta(days=1)), "model": model}
    of_day |= {"capped": use * 100, "base": use * 100, "score": use * 100}
    return make.snapshot(of, day, seat_utilisation=use, **of_day | fields)


def learned() -> ChurnModel:
    tenant = Tenant.objects.get()
    learn(Work(tenant.pk, tenant.pk, None, NOW), author=None)
    return ChurnModel.objects.latest("learned_at")


def test_it_learns_from_before_and_is_tried_on_the_year_since(model: HealthModel):
    history(model)
    found = lessons(TODAY, NOW)
    assert (len(found.earlier), len(found.later)) == (60, 60)
    kept = learned()
    assert kept.separates
    assert kept.trial["learned_from"] == kept.trial["n"] == 60
    assert kept.regression is not None
    assert kept.regression["n"] == 120
    assert kept.trial["health"]["auc"] > 0.6
    weights = {each["measure"]: each["weight"] for each in kept.regression["terms"]}
    assert weights["seat_utilisation"] < 0


def test_what_came_after_the_year_began_teaches_nothing_of_before(model: HealthModel):
    """Due just before the day what is foretold first is seen, paid on, and lost after it."""
    history(model)
    since = TODAY - YEAR - timedelta(days=HORIZON)
    late = accounts([Told(0, is_lost=True, due_on=since - timedelta(days=3))])[0]
    ArrMovement.objects.filter(account=late, kind="churn").update(
        effective_on=since + timedelta(days=20)
    )
    snapshot(late, since - timedelta(days=3 + HORIZON + 1), 0.1, model)
    found = lessons(TODAY, NOW)
    assert [case.is_lost for case in found.earlier if case.group == str(late.pk)] == [False]


def test_what_was_decided_after_the_first_was_foretold_teaches_nothing(model: HealthModel):
    """The year's first decision is foretold 90 days before it: what came since is not known."""
    history(model)
    since = TODAY - YEAR
    told = [Told(0, is_lost=True, due_on=since - timedelta(days=days)) for days in (89, 30, 1)]
    for account in accounts(told):
        for each in told:
            snapshot(account, each.due_on - timedelta(days=HORIZON + 1), 0.1, model)
    assert len(lessons(TODAY, NOW).earlier) == 60


def test_what_was_stored_nearer_the_decision_teaches_nothing(model: HealthModel):
    for account in history(model):
        for days in (HORIZON - 1, 30):
            snapshot(account, DUE - timedelta(days=days), 0.0, model)
    found = lessons(TODAY, NOW)
    assert {case.values["seat_utilisation"] for case in (*found.earlier, *found.later)} != {0.0}
    assert all(case.values["seat_utilisation"] != 0.0 for case in found.later)


def test_measures_the_leaving_writes_take_no_part(model: HealthModel):
    told = {key for key, each in MEASURES.items() if each.tells_outcome}
    assert "notice_given" in told
    assert not told & set(learnable())
    history(model)
    for each in Snapshot.objects.all():  # known of all, and nothing but the outcome
        is_lost = ArrMovement.objects.filter(account_id=each.account_id, kind="churn").exists()
        each.values[MEASURES["notice_given"].slot - 1] = float(is_lost)
        each.save(update_fields=["values"])
    regression = learned().regression
    assert regression is not None
    assert "notice_given" not in {each["measure"] for each in regression["terms"]}


def test_the_database_ranks_accounts_as_the_rule_does(model: HealthModel):
    """Also a value beyond the cuts, one that is not known, and an array that is too short."""
    told = history(model)
    kept = learned()
    regression = regression_in_use(kept)
    assert regression
    uses = (0.2, 0.9, 5.0, None, 0.5)
    for account, use in zip(told, uses, strict=False):
        fields = {} if use is None else {"seat_utilisation": use}
        make.snapshot(account, TODAY, **fields, open_late_tickets=3.0, arr_minor=100_00)
    short = make.snapshot(told[5], TODAY, arr_minor=100_00)
    Snapshot.objects.filter(account=told[5], day=TODAY).update(values=short.values[:2])
    found = foretold(regression, None, 10)
    assert len(found) == 6
    assert [each.chance for each in found] == sorted((each.chance for each in found), reverse=True)
    by_id = {each.account_id: each.chance for each in found}
    for account in told[:6]:
        values = Snapshot.objects.get(account=account, day=TODAY).values
        assert by_id[account.pk] == regression.chance(values_by_measure(values))
    assert [each.account_id for each in foretold(regression, [told[1].pk], 10)] == [told[1].pk]


def test_an_account_shows_its_chance_while_a_model_is_in_use(model: HealthModel, revops: Client):
    told = history(model)
    make.snapshot(told[0], TODAY, seat_utilisation=0.2, arr_minor=100_00, model=model)
    url = f"/acme/accounts/{told[0].pk}/health/"
    assert "Churn model" not in words(revops.get(url).text)
    kept = learned()
    assert kept.regression is not None
    chance = read_regression(kept.regression).chance({"seat_utilisation": 0.2})
    page = words(revops.get(url).text)
    assert f"Churn model : {round(chance * 100)}% chance that its next decision is lost" in page
    assert f"{MEASURES['seat_utilisation'].name} speaks for it" in page


def test_archived_accounts_and_those_without_arr_are_not_named(model: HealthModel):
    told = history(model)
    regression = regression_in_use(learned())
    assert regression
    for account, arr in zip(told, (100, 0, 100), strict=False):
        make.snapshot(account, TODAY, seat_utilisation=0.2, arr_minor=arr)
    Account.objects.filter(pk=told[2].pk).update(archived_at=NOW)
    assert [each.account_id for each in foretold(regression, None, 10)] == [told[0].pk]


def test_lives_run_from_the_first_arr_to_the_day_none_was_left(inside: Tenant):
    gone, stays, back, never = (make.account(name, segment="mid") for name in "ABCD")
    day = TODAY - timedelta(days=400)
    for account, moves in (
        (gone, [(0, 100), (50, 20), (200, -120)]),
        (stays, [(100, 100)]),
        (back, [(0, 100), (60, -100), (90, 70)]),
        (never, [(0, 0)]),
    ):
        for after, amount in moves:
            ArrMovement.objects.create(
                account=account, kind="new", amount_minor=amount, recorded_at=NOW,
                effective_on=day + timedelta(days=after),
            )  # fmt: skip
    found = lives(TODAY, NOW, [each.pk for each in (gone, stays, back, never)])
    told = sorted(
        (round(each.months * 365.25 / 12), each.has_left, each.arr_minor) for each in found
    )
    assert told == [(60, True, 100), (200, True, 100), (300, False, 100)]


def test_the_page_says_what_it_learned_and_names_accounts(model: HealthModel, revops: Client):
    told = history(model)
    make.snapshot(told[0], TODAY, seat_utilisation=0.2, arr_minor=100_00)
    assert "Nothing learned yet" in revops.get(URL).text
    kept = learned()
    page = words(revops.get(URL).text)
    assert "It separates" in page
    assert MEASURES["seat_utilisation"].name in page
    assert told[0].name in page
    assert kept.regression is not None
    chance = read_regression(kept.regression).chance({"seat_utilisation": 0.2})
    assert f"{round(chance * 100)}%" in page


def test_a_model_that_does_not_separate_names_nobody_and_suggests_nothing(
    model: HealthModel, revops: Client
):
    told = history(model, turned=True)
    make.snapshot(told[0], TODAY, seat_utilisation=0.2, arr_minor=100_00)
    learned()
    page = words(revops.get(URL).text)
    assert "It points the wrong way" in page
    assert told[0].name not in page
    assert "Weights it suggests" not in page
    response = revops.post(f"{URL}draft/plain/")
    assert response.status_code == 409
    assert "No churn model that separates" in response.text
    assert not HealthModel.objects.filter(state="draft").exists()


def test_suggested_weights_become_a_draft_and_change_nothing(model: HealthModel, revops: Client):
    history(model)
    learned()
    assert "Weights it suggests for Plain" in words(revops.get(URL).text)
    response = revops.post(f"{URL}draft/plain/")
    assert response.status_code == 302
    drafted = HealthModel.objects.get(state="draft")
    assert drafted.body["dimensions"][0]["weight"] == 100
    assert HealthModel.objects.get(state="published").body == model.body
    assert "A draft is open" in words(revops.get(URL).text)
    again = revops.post(f"{URL}draft/plain/")
    assert again.status_code == 409
    assert "Somebody changed this model meanwhile" in words(again.text)
    assert revops.post(f"{URL}draft/gone/").status_code == 409


def test_weights_fall_as_suggested_and_none_goes_below_one():
    body = {
        **BODY,
        "dimensions": [
            {"key": "a", "name": "A", "weight": 5,
             "metrics": [{"measure": "x", "weight": 1}, {"measure": "y", "weight": 1}]},
            {"key": "b", "name": "B", "weight": 5, "metrics": [{"measure": "z", "weight": 70}]},
        ],
    }  # fmt: skip
    told = with_weights(body, {"x": 0.6, "y": 0.2})
    assert [each["weight"] for each in told["dimensions"]] == [80, 1]
    assert [each["weight"] for each in told["dimensions"][0]["metrics"]] == [75, 25]
    assert told["dimensions"][1]["metrics"][0]["weight"] == 100
    assert body["dimensions"][0]["weight"] == 5


def test_asking_lets_a_worker_learn_and_is_on_the_trail(model: HealthModel, revops: Client):
    assert revops.post(f"{URL}learn/").status_code == 302
    assert Job.objects.filter(kind="health.churn_model").count() == 1
    page = revops.get(URL).text
    assert "A worker is learning" in page
    assert revops.post(f"{URL}learn/").status_code == 302
    assert Job.objects.filter(kind="health.churn_model").count() == 1
    assert "churn/learn/" not in page


def test_whoever_may_not_design_health_reads_and_asks_for_nothing(
    model: HealthModel, acme: Tenant, sign_in: SignIn
):
    csm = sign_in(make.member(acme, Role.CSM))
    assert csm.get(URL).status_code == 200
    assert csm.post(f"{URL}learn/").status_code == 403
    assert csm.post(f"{URL}draft/plain/").status_code == 403
    assert not Job.objects.exists()


def test_too_few_decisions_teach_nothing_and_the_page_says_so(model: HealthModel, revops: Client):
    learned()
    page = words(revops.get(URL).text)
    assert "Too early to say" in page
    assert "There are 0 decisions with 0 lost before" in page


def test_accounts_that_no_health_model_scores_teach_it_too(model: HealthModel):
    history(model)
    Snapshot.objects.update(model=None, capped=None, base=None, score=None)
    kept = learned()
    assert kept.separates
    assert kept.trial["health"] is None
