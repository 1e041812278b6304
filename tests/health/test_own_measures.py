"""Measures a tenant makes of its own: taken like all others, kept in slots never given twice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contract, CustomField
from health.actions.own_measures import BadMeasure, MeasureInUse, make_measure, retire_measure
from health.actions.snapshots import keep_snapshots
from health.models import HealthModel, OwnMeasure, Snapshot
from health.queries.matching import matching
from health.queries.measuring import Chunk, Moment
from health.queries.models import InForce
from health.queries.today import zone_of_tenant
from health.rules.catalogue import FIRST_OWN, MEASURES, MOST_OWN, width
from health.rules.conditions import parse
from plays.models import Play
from pulse.actions.series import bring_in_series
from pulse.models import Feature, Series, SeriesValue, Usage, UsageDay
from tenants.actor import Actor
from tenants.models import Job, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.health.test_backtest import BODY
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
URL = "/acme/health/measures/"
EARLY = NOW - timedelta(days=300)


@pytest.fixture
def author(acme: Tenant) -> User:
    return make.member(acme, Role.REVOPS).user


@pytest.fixture
def account(inside: Tenant) -> Account:
    return make.account("One", stage="max_impact", customer_since=TODAY - timedelta(days=300))


def made(author: User, name: str = "Searches", **recipe: Any) -> OwnMeasure:
    plain = {"kind": "usage", "reads": "search", "take": "sum", "direction": "up"}
    return make_measure(author=author, now=NOW, name=name, **plain | recipe)


def used(account: Account, feature: str, n: int, days_ago: int, **more: Any) -> None:
    Feature.objects.get_or_create(key=feature, defaults={"name": feature.title()})
    day = TODAY - timedelta(days=days_ago)
    told = {"recorded_at": EARLY, "account": account, "day": day}
    Usage.objects.create(feature=feature, n=n, **told | more)
    UsageDay.objects.get_or_create(account=account, day=day, defaults=told | {"active_users": 4})


def values(day: date = TODAY) -> dict[str, dict[str, float | None]]:
    """By name of the account and key of the measure, as the night stores them."""
    moment = Moment(day, zone_of_tenant())
    keep_snapshots(moment=moment, in_force=InForce((), ()), recorded_at=NOW, chunk=Chunk())
    return {
        row.account.name: {
            each.key: row.values[each.slot - 1] if each.slot <= len(row.values) else None
            for each in MEASURES.values()
        }
        for row in Snapshot.objects.filter(day=day).select_related("account")
    }


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({}, 30.0),
        ({"days": 7}, 10.0),
        ({"per": "seats"}, 1.5),
        ({"per": "people"}, 7.5),
        ({"per": "feature", "per_feature": "save"}, 6.0),
        ({"take": "change", "days": 10}, 10 / 20 - 1),
    ],
)
def test_uses_of_a_feature_are_taken(
    account: Account, author: User, recipe: dict[str, Any], expected: float
):
    used(account, "search", 10, 1)
    used(account, "search", 20, 15)
    used(account, "search", 99, 60)
    used(account, "search", 99, 2, person="late", recorded_at=NOW + timedelta(days=2))
    used(account, "save", 5, 3)
    Contract.objects.create(
        account=account, external_id="c", starts_on=TODAY - timedelta(days=300), seats=20,
        arr_minor=1,
    )  # fmt: skip
    Contract.objects.update(created_at=EARLY)
    row = made(author, **recipe)
    assert values()["One"][row.key] == pytest.approx(expected)


def test_no_use_is_none_where_there_is_usage_and_unknown_where_there_is_not(
    account: Account, author: User
):
    silent = make.account("Two", stage="max_impact", customer_since=TODAY - timedelta(days=300))
    used(account, "save", 5, 3)
    Feature.objects.create(key="search", name="Search")
    row = made(author)
    found = values()
    assert found["One"][row.key] == 0.0
    assert found[silent.name][row.key] is None


@pytest.mark.parametrize(
    ("take", "expected"), [("last", 8.0), ("mean", 7.0), ("sum", 14.0), ("change", 7 / 4 - 1)]
)
def test_values_of_a_series_are_taken(account: Account, author: User, take: str, expected: float):
    for days, value in ((1, 8.0), (9, 6.0), (30, 4.0), (200, 100.0)):
        told(account, value, days)
    row = made(author, kind="series", reads="licences", take=take)
    assert values()["One"][row.key] == pytest.approx(expected)


def told(account: Account, value: float | None, days_ago: int, *, at=EARLY) -> None:
    day = (TODAY - timedelta(days=days_ago)).isoformat()
    row = {"account": account.external_id, "series": "licences", "day": day, "value": value}
    outcome = bring_in_series([row], source=account.source, now=at)
    assert not outcome.refusals


def test_a_series_ages_and_a_correction_changes_no_earlier_day(account: Account, author: User):
    told(account, 8.0, 10)
    row = made(author, kind="series", reads="licences", take="last", stale_after_days=20)
    day = TODAY - timedelta(days=3)
    before = values(day)["One"][row.key]
    told(account, 3.0, 10, at=NOW)
    assert before == values(day)["One"][row.key] == 8.0
    assert values()["One"][row.key] == 3.0
    assert values(TODAY + timedelta(days=20))["One"][row.key] is None
    told(account, None, 10, at=NOW)
    assert values()["One"][row.key] is None
    assert SeriesValue.objects.count() == 3


def test_fields_of_the_tenant_are_measured(account: Account, author: User):
    for key, kind in (("sites", "number"), ("is_public", "yes_no"), ("audit", "date")):
        CustomField.objects.create(key=key, label=key.title(), kind=kind)
    CustomField.objects.create(key="tier", label="Tier", kind="choice", choices=["a"])
    other = make.account("Two", stage="max_impact", customer_since=TODAY - timedelta(days=9))
    audit = (TODAY - timedelta(days=40)).isoformat()
    Account.objects.filter(pk=account.pk).update(
        custom={"sites": 12.5, "is_public": False, "audit": audit}
    )
    Account.objects.filter(pk=other.pk).update(
        custom={"sites": "many", "is_public": None, "audit": "soon"}
    )
    rows = [made(author, name, kind="field", reads=name, take="value")
            for name in ("sites", "is_public", "audit")]  # fmt: skip
    found = values()
    assert [found["One"][row.key] for row in rows] == [12.5, 0.0, 40.0]
    assert [found["Two"][row.key] for row in rows] == [None, None, None]
    with pytest.raises(BadMeasure) as refusal:
        made(author, "Tier", kind="field", reads="tier", take="value")
    assert refusal.value.field == "reads"


def test_conditions_and_models_read_it_like_any_other(account: Account, author: User):
    used(account, "search", 10, 1)
    row = made(author)
    values()
    condition = parse({"measure": row.key, "op": ">=", "value": 10})
    assert [each.account_id for each in matching(condition, TODAY)] == [account.pk]


def test_slots_are_never_given_twice_and_end(account: Account, author: User):
    used(account, "search", 1, 1)
    first = made(author, "A")
    retire_measure(row=first, author=author, now=NOW)
    second = made(author, "B")
    assert (first.slot, second.slot, width()) == (FIRST_OWN, FIRST_OWN + 1, FIRST_OWN + 1)
    assert values()["One"][first.key] is None
    assert MEASURES[first.key].is_retired
    with pytest.raises(BadMeasure, match="There is, or was"):
        made(author, "a")
    OwnMeasure.objects.filter(pk=second.pk).update(slot=FIRST_OWN + MOST_OWN - 1)
    with pytest.raises(BadMeasure, match="no more fit"):
        made(author, "C")


def test_what_is_read_cannot_be_retired(account: Account, author: User):
    used(account, "search", 1, 1)
    row = made(author)
    metric = {"measure": row.key, "weight": 1, "anchors": [0, 1, 2]}
    body = {**BODY, "dimensions": [{"key": "a", "name": "A", "weight": 1, "metrics": [metric]}]}
    model = HealthModel.objects.create(
        key="m", version=1, name="Mine", body=body, saved_at=NOW, effective_on=TODAY,
        state=HealthModel.State.PUBLISHED,
    )  # fmt: skip
    play = Play.objects.create(
        key="p", version=1, name="Call them", saved_at=NOW, state=Play.State.PUBLISHED,
        body={"when": {"all": [{"measure": row.key, "op": "<", "value": 1}]}},
    )  # fmt: skip
    with pytest.raises(MeasureInUse, match="the health model Mine, the play Call them"):
        retire_measure(row=row, author=author, now=NOW)
    model.delete()
    play.delete()
    retire_measure(row=row, author=author, now=NOW)


def test_another_company_has_none_of_it(acme: Tenant, rival: Tenant, author: User):
    with act_for(acme.pk):
        Feature.objects.create(key="search", name="Search")
        row = made(author)
        assert row.key in MEASURES
    with act_for(rival.pk):
        assert row.key not in MEASURES
        assert width() < FIRST_OWN
    assert row.key not in MEASURES


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"reads": "nothing"}, "reads"),
        ({"kind": "whim"}, "reads"),
        ({"take": "last"}, "take"),
        ({"days": 0}, "days"),
        ({"days": 183}, "days"),
        ({"per": "feature"}, "per_feature"),
        ({"take": "change", "per": "seats"}, "per"),
        ({"direction": "sideways"}, "direction"),
        ({"name": "!?"}, "name"),
    ],
)
def test_what_does_not_go_together_is_refused(
    account: Account, author: User, recipe: dict[str, Any], field: str
):
    used(account, "search", 1, 1)
    with pytest.raises(BadMeasure) as refusal:
        made(author, **recipe)
    assert refusal.value.field == field
    assert not OwnMeasure.objects.exists()


def test_it_is_made_and_retired_in_the_browser(account: Account, acme: Tenant, sign_in: SignIn):
    used(account, "search", 1, 1)
    client = sign_in(make.member(acme, Role.REVOPS))
    assert "New measure" in client.get(URL).text
    Series.objects.create(key="licences", name="Licences")
    part = client.get(f"{URL}new/?reads=series:licences&name=Mine", headers={"HX-Request": "true"})
    assert "The newest value" in part.text
    assert 'value="Mine"' in part.text
    assert "<html" not in part.text
    wrong = client.post(f"{URL}new/", {"reads": "usage:search", "name": "x"})
    assert wrong.status_code == 422
    sent = {"reads": "usage:search", "name": "Searches", "take": "sum", "days": "28"}
    sent |= {"per": "seats", "direction": "up"}
    answer = client.post(f"{URL}new/", sent)
    assert answer.status_code == 302
    page = client.get(answer.url).text
    assert "Uses of Search in 28 days ÷ seats of running contracts" in page
    assert Job.objects.filter(kind="health.rescore").count() == 1
    twice = client.post(f"{URL}new/", sent)
    assert twice.status_code == 422
    assert "There is, or was, a measure of this name" in twice.text
    assert client.post(f"{URL}own_searches/retire/").status_code == 302
    assert "Retired on" in client.get(answer.url).text
    assert client.post(f"{URL}own_searches/retire/").status_code == 404


def test_who_may_not_design_health_makes_none(account: Account, acme: Tenant, sign_in: SignIn):
    used(account, "search", 1, 1)
    client = sign_in(make.member(acme, Role.CSM))
    assert "New measure" not in client.get(URL).text
    assert client.get(f"{URL}new/").status_code == 403
    assert client.post(f"{URL}own_x/retire/").status_code == 403
