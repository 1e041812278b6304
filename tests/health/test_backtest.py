"""The backtest reads what was known before each decision, and nothing that came after."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.actions.terms import keep_terms
from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from health.models import HealthModel, Override, Snapshot
from health.queries.backtest import Backtest, backtest, backtest_of
from health.rules.proof.decisions import Outcome
from health.rules.proof.ranking import ranking
from tenants.models import Tenant
from tenants.trail import record
from tests import make

NOW = timezone.now()
TODAY = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))  # where tenants are unless told
START, DUE = TODAY - timedelta(days=460), TODAY - timedelta(days=95)
HORIZONS = (180, 90, 60, 30)
BODY: dict[str, Any] = {
    "name": "Plain",
    "scope": {"touch_models": ["mid"], "stages": ["max_impact"]},
    "base": 75,
    "bands": {"green": 75, "yellow": 50},
    "least_coverage": 0.6,
    "least_of_dimension": 0.5,
    "dimensions": [
        {
            "key": "usage",
            "name": "Usage",
            "weight": 100,
            "metrics": [{"measure": "seat_utilisation", "weight": 100, "anchors": [0, 0.5, 1]}],
        }
    ],
    "caps": [
        {
            "key": "notice",
            "name": "Notice",
            "most": 20,
            "is_notice": True,
            "condition": {"measure": "notice_given", "op": ">=", "value": 1},
        }
    ],
}


@dataclass(frozen=True)
class Told:
    """An account: the score before its decision, and whether it left."""

    score: float
    is_lost: bool
    due_on: date = DUE


EXAMPLE = [
    *[Told(score, is_lost=True) for score in (22, 41, 48, 78)],
    *[Told(score, is_lost=False) for score in (35, 55, 62, 66, 70, 78, 81, 88, 90, 95)],
] * 3


@pytest.fixture
def model(inside: Tenant) -> HealthModel:
    return version("plain", 1, BODY, START - timedelta(days=400))


def version(key: str, number: int, body: dict[str, Any], on: date | None) -> HealthModel:
    state = HealthModel.State.PUBLISHED if on else HealthModel.State.DRAFT
    return HealthModel.objects.create(
        key=key, version=number, name="Plain", state=state, body=body, saved_at=NOW, effective_on=on
    )


def at(day: date, hour: int = 1) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def accounts(told: Iterable[Told]) -> list[Account]:
    """Each with a contract of a year up to its due day, and one after it where it stayed."""
    found = []
    for number, each in enumerate(told):
        account = make.account(f"Account {number}", touch_model="mid", stage="max_impact")
        start = each.due_on - timedelta(days=365)
        terms = [(start, each.due_on)]
        moves = [("new", 100_00, start)]
        if each.is_lost:
            moves.append(("churn", -100_00, each.due_on))
        else:
            terms.append((each.due_on, each.due_on + timedelta(days=365)))
        for starts_on, ends_on in terms:
            Contract.objects.create(
                account=account, external_id=f"{account.external_id}-{starts_on}",
                starts_on=starts_on, ends_on=ends_on, arr_minor=100_00,
            )  # fmt: skip
        for kind, amount, day in moves:
            ArrMovement.objects.create(
                account=account, kind=kind, amount_minor=amount, effective_on=day,
                recorded_at=at(day),
            )  # fmt: skip
        found.append(account)
    Contract.objects.update(created_at=at(START - timedelta(days=400)))
    keep_terms(account_ids=[each.pk for each in found], now=NOW)
    return found


def snapshot(of: Account, day: date, seen: float, model: HealthModel, **fields: Any) -> Snapshot:
    """A stored day with a score, as the night after recorded it."""
    defaults = {"seat_utilisation": seen / 100, "capped": seen, "base": seen, "score": seen}
    defaults |= {"coverage": 1.0, "recorded_at": at(day + timedelta(days=1)), "model": model}
    return make.snapshot(of, day, **defaults | fields)


def story(told: list[Told], model: HealthModel) -> list[Account]:
    """Accounts with the score they had on the eve of each cut-off."""
    found = accounts(told)
    for account, each in zip(found, told, strict=True):
        for horizon in HORIZONS:
            snapshot(account, each.due_on - timedelta(days=horizon + 1), each.score, model)
    return found


def judged(**more: Any) -> Backtest:
    return backtest(TODAY, NOW, **more)


def test_the_papers_example_comes_out_of_stored_snapshots(model: HealthModel):
    story(EXAMPLE, model)
    found = judged()
    areas = {key: each.ranking.auc for key, each in found.verdicts.items() if each.ranking}
    assert areas == dict.fromkeys(HORIZONS, 0.8125)
    assert found.main.capture == 0.75
    assert round((found.main.separation or 0) * 100) == 58
    assert (found.main.uncovered, found.main.replayed, found.undecided) == (0, 0, ())


def test_too_few_decisions_state_nothing(model: HealthModel):
    story(EXAMPLE[:14], model)
    found = judged().main
    assert (len(found.cases), found.lost) == (14, 4)
    assert not found.is_enough
    assert found.ranking is None


def test_a_snapshot_of_the_day_after_the_cut_off_is_not_seen(model: HealthModel):
    """Leak 1: the score had fallen by then."""
    [account] = story([Told(80, is_lost=True)], model)
    snapshot(account, DUE - timedelta(days=89), 5, model)
    assert [each.score for each in judged().main.cases] == [80]


def test_where_only_later_snapshots_are_there_is_none(model: HealthModel):
    """Leak 1: a day later, and taken for want of another."""
    [account] = accounts([Told(80, is_lost=True)])
    snapshot(account, DUE - timedelta(days=89), 5, model)
    snapshot(account, DUE - timedelta(days=98), 5, model)
    assert [each.score for each in judged().main.cases] == [None]


def test_a_snapshot_recorded_after_the_cut_off_is_not_taken_for_one_of_then(model: HealthModel):
    """Leak 1: computed later, with what was known later."""
    [account] = story([Told(80, is_lost=True)], model)
    snapshot(account, DUE - timedelta(days=90), 5, model, recorded_at=at(DUE))
    [case] = judged().main.cases
    assert (case.score, case.is_replayed) == (80, False)


def test_a_replayed_snapshot_stands_in_and_says_so(model: HealthModel):
    [account] = accounts([Told(80, is_lost=True)])
    snapshot(account, DUE - timedelta(days=92), 33, model, recorded_at=NOW)
    main = judged().main
    assert [(each.score, each.is_replayed) for each in main.cases] == [(33, True)]
    assert main.replayed == 1


def test_each_snapshot_is_scored_by_the_version_of_then(model: HealthModel):
    """Leak 2: a newer version that knows better is not applied to the past."""
    story([Told(80, is_lost=True)], model)
    better = {**BODY, "bands": {"green": 95, "yellow": 90}}
    version("plain", 2, better, TODAY - timedelta(days=10))
    [case] = judged().main.cases
    assert (case.band, case.model_id) == ("green", model.pk)


def test_the_cap_of_a_notice_does_not_count(model: HealthModel):
    """Leak 3: who gave notice is red because it gave notice."""
    [account] = accounts([Told(80, is_lost=True)])
    snapshot(
        account, DUE - timedelta(days=91), 80, model,
        notice_given=1.0, capped=20.0, caps=["notice"], band="red",
    )  # fmt: skip
    [case] = judged().main.cases
    assert (case.score, case.band) == (80, "green")


def test_a_measure_of_the_notice_does_not_count(inside: Tenant):
    """Leak 3: nor where a model weighs it."""
    metrics = [
        {"measure": "seat_utilisation", "weight": 50, "anchors": [0, 0.5, 1]},
        {"measure": "notice_given", "weight": 50, "anchors": [1, 0.5, 0]},
    ]
    weighing = version(
        "plain", 1, {**BODY, "dimensions": [BODY["dimensions"][0] | {"metrics": metrics}]}, START
    )
    [account] = accounts([Told(80, is_lost=True)])
    snapshot(account, DUE - timedelta(days=91), 80, weighing, notice_given=1.0, capped=40.0)
    assert [each.score for each in judged().main.cases] == [80]


def test_an_override_does_not_count(model: HealthModel, inside: Tenant):
    [account] = accounts([Told(80, is_lost=True)])
    Override.objects.create(
        account=account, score=10, reason="I know them", author=make.user(),
        created_at=at(START), expires_at=NOW,
    )  # fmt: skip
    snapshot(account, DUE - timedelta(days=91), 80, model, score=10.0, band="red")
    [case] = judged().main.cases
    assert (case.score, case.band) == (80, "green")


def test_chances_are_learned_from_the_year_before_alone(model: HealthModel):
    """Leak 4: what this year's decisions taught is not tried on them."""
    story(EXAMPLE, model)
    assert judged().main.calibration is None
    before = DUE - timedelta(days=365)
    story([replace(each, due_on=before) for each in EXAMPLE], model)
    found = judged().main.calibration
    assert found is not None
    assert (found.learned_from, found.n) == (42, 42)


def test_what_had_no_score_is_uncovered_not_dropped(model: HealthModel):
    """Leak 5: accounts that nobody could score are told apart, not left out."""
    story(EXAMPLE, model)
    [unseen, thin] = accounts([Told(0, is_lost=True)] * 2)
    snapshot(thin, DUE - timedelta(days=91), 10, model, seat_utilisation=None, coverage=0.0)
    main = judged().main
    assert (len(main.cases), main.uncovered, len(main.covered)) == (44, 2, 42)
    assert {each.decision.account_id for each in main.cases if each.score is None} == {
        unseen.pk,
        thin.pk,
    }


def test_an_outcome_that_is_learned_later_is_not_known_yet(model: HealthModel):
    """Leak 6: an entry recorded after the day of judging is not there."""
    [account] = story([Told(80, is_lost=True)], model)
    ArrMovement.objects.filter(kind="churn").update(recorded_at=NOW + timedelta(days=1))
    assert [each.decision.outcome for each in judged().main.cases] == [Outcome.RENEWED]
    ChurnRecord.objects.create(
        account=account, external_id="c", notice_on=DUE - timedelta(days=50), ended_on=DUE,
        recorded_at=NOW + timedelta(days=1),
    )  # fmt: skip
    assert [each.decision.decided_on for each in judged().main.cases] == [DUE]


def test_a_renewal_that_may_still_come_is_undecided(model: HealthModel):
    story([Told(80, is_lost=True, due_on=TODAY - timedelta(days=20))], model)
    found = judged()
    assert found.main.cases == ()
    assert [each.outcome for each in found.undecided] == [Outcome.OPEN]


def test_a_play_between_snapshot_and_decision_is_treatment(model: HealthModel):
    first, before, after = story([Told(30, is_lost=False)] * 3, model)
    begun = {first: -40, before: -200, after: 1}
    for account, day in ((each, DUE + timedelta(days=away)) for each, away in begun.items()):
        record("plays.run_opened", account_id=account.pk, at=at(day))
    treated = {each.decision.account_id: each.is_treated for each in judged().main.cases}
    assert treated == {first.pk: True, before.pk: False, after.pk: False}


def test_lead_time_runs_from_the_warning_that_lasted(model: HealthModel):
    """Red in spring, well again, and red from 50 days before the decision on."""
    [account] = accounts([Told(80, is_lost=True)])
    for before in range(1, 200):
        score = 30 if before <= 50 or 120 <= before <= 150 else 80
        snapshot(account, DUE - timedelta(days=before), score, model)
    assert judged().lead.days == (50,)


def test_lead_time_counts_a_fall_into_yellow_and_never_warned_as_zero(model: HealthModel):
    falling, calm = accounts([Told(80, is_lost=True)] * 2)
    for before in range(1, 120):
        snapshot(falling, DUE - timedelta(days=before), 60 if before <= 20 else 80, model)
        snapshot(calm, DUE - timedelta(days=before), 60, model)
    assert sorted(judged().lead.days) == [0, 20]


def test_a_draft_is_judged_on_the_same_decisions(model: HealthModel):
    story(EXAMPLE, model)
    turned = BODY["dimensions"][0] | {
        "metrics": [{"measure": "seat_utilisation", "weight": 100, "anchors": [1, 0.5, 0]}]
    }
    draft = version("plain", 2, {**BODY, "dimensions": [turned]}, None)
    found = backtest_of(draft, TODAY, NOW).main
    assert found.ranking is not None
    assert found.ranking.auc == pytest.approx(1 - 0.8125)
    assert judged().main.ranking == ranking(
        [each.score for each in EXAMPLE], [each.is_lost for each in EXAMPLE]
    )


def test_of_many_accounts_some_are_drawn_always_the_same(
    model: HealthModel, monkeypatch: pytest.MonkeyPatch
):
    story(EXAMPLE, model)
    monkeypatch.setattr("health.queries.decisions.MOST", 20)
    first, second = judged(), judged()
    assert first.accounts == second.accounts
    assert (len(first.accounts.account_ids), first.accounts.of) == (20, 42)
    assert first.accounts.is_sample
    assert {each.decision.account_id for each in first.main.cases} == {*first.accounts.account_ids}
    monkeypatch.setattr("health.queries.decisions.MOST", 42)
    assert not judged().accounts.is_sample
    assert len(judged().main.cases) == 42
