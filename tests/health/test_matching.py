"""Conditions in SQL agree with plain Python on any data, for today and for any past day."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from charter.models import Document
from health.models import Snapshot
from health.queries.matching import explain, matching
from health.rules.conditions import Is, Not, Some, leaves, parse
from tenants.models import Tenant
from tests import make
from tests.health.reference import holds
from tests.make import NOW, TODAY


def day_of(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


KEYS = ("usage_trend", "arr", "score", "coverage", "days_to_renewal")
OWNER = UUID("01890000-0000-7000-8000-000000000001")
numbers = st.sampled_from([-1.0, -0.3, 0.0, 0.5, 50.0, 1e9])
maybe = st.none() | numbers

compare = st.builds(
    lambda key, op, value: {"measure": key, "op": op, "value": value},
    st.sampled_from([*KEYS, "custom.seats"]),
    st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
    numbers,
)
texts = {
    "segment": ["mid", "high"],
    "stage": ["live", "onboarding"],
    "band": ["green", "yellow", "red"],
    "owner": [str(OWNER), ""],
    "touch_model": ["mid", "high"],
    "team": ["north", "south", ""],
    "region": ["DACH", "nordics", ""],
    "custom.tier": ["Gold", "iron", ""],
}
sets = {
    "tags": ["a", "b"],
    "caps": ["notice", "champion", ""],
    "products": ["core", "more"],
    "overlays": ["paused", "escalated"],
    "lost_roles": ["champion", ""],
}
is_in = st.sampled_from([*texts, *sets]).flatmap(
    lambda field: st.builds(
        lambda op, values: {"field": field, "op": op, "value": values},
        st.sampled_from(["in", "not in"]),
        st.lists(st.sampled_from((texts | sets)[field]), min_size=1, max_size=2),
    )
)
knows = st.builds(
    lambda what, op: {"measure" if what in (*KEYS, "custom.seats") else "field": what, "op": op},
    st.sampled_from([*KEYS, *texts, *sets, "custom.seats", "custom.pilot", "custom.live_on"]),
    st.sampled_from(["known", "unknown"]),
)
has = st.builds(
    lambda field, text: {"field": field, "op": "contains", "value": text},
    st.sampled_from(["custom.tier", "region", "team"]),
    st.sampled_from(["O", "ir", "%", "_", "dach"]),
)
yes_no = st.builds(
    lambda op, value: {"field": "custom.pilot", "op": op, "value": value},
    st.sampled_from(["=", "!="]),
    st.booleans(),
)
order = st.sampled_from(["<", "<=", ">", ">="])
on_day = st.builds(
    lambda op, days: {"field": "custom.live_on", "op": op, "value": day_of(days)},
    order,
    st.integers(-3, 3),
) | st.builds(
    lambda op, days: {"days_until": "custom.live_on", "op": op, "value": days},
    order,
    st.integers(-3, 3),
)
changed = st.sampled_from(sorted(texts)).flatmap(
    lambda field: st.builds(
        lambda was, now: (
            {"changed": field} | ({"from": was} if was else {}) | ({"to": now} if now else {})
        ),
        st.lists(st.sampled_from(texts[field]), max_size=2),
        st.lists(st.sampled_from(texts[field]), max_size=2),
    )
)
bound = st.none() | st.builds(
    lambda op, value: {"op": op, "value": value}, st.sampled_from(["<", ">=", "!="]), numbers
)
moved = st.builds(
    lambda key, was, now: (
        {"changed": key} | ({"from": was} if was else {}) | ({"to": now} if now else {})
    ),
    st.sampled_from(KEYS),
    bound,
    bound,
)
defined = st.sampled_from([{"definition": "one"}, {"definition": "two"}])
plain = compare | is_in | knows | has | yes_no | on_day | changed | moved
leaf = plain | defined


def trees(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3))
            | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3))
            | st.builds(lambda part: {"not": part}, inner)
        ),
        max_leaves=5,
    )


held = st.builds(lambda n, of: {"for_days": n, "of": of}, st.integers(1, 12), trees(leaf))
brief = st.builds(lambda n, of: {"for_days": n, "of": of}, st.integers(1, 3), trees(plain))
row = st.fixed_dictionaries(
    {
        "days_ago": st.integers(0, 15),
        "usage_trend": maybe,
        "arr": maybe,
        "days_to_renewal": maybe,
        "score": maybe,
        "coverage": st.sampled_from([0.0, 0.5]),
        "segment": st.sampled_from(texts["segment"]),
        "stage": st.sampled_from(texts["stage"]),
        "band": st.sampled_from(texts["band"]),
        "touch_model": st.sampled_from(texts["touch_model"]),
        "owner_id": st.sampled_from([None, OWNER]),
        "tags": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "caps": st.lists(st.sampled_from(["notice", "champion"]), unique=True),
        "traits": st.fixed_dictionaries(
            {},
            optional={
                "team": st.sampled_from(["north", "south"]),
                "region": st.sampled_from(["DACH", "nordics"]),
                "products": st.lists(st.sampled_from(["core", "more"]), min_size=1, unique=True),
                "overlays": st.lists(st.just("paused"), min_size=1, max_size=1),
                "lost_roles": st.lists(st.just("champion"), min_size=1, max_size=1),
                "own": st.fixed_dictionaries(
                    {},
                    optional={
                        "tier": st.sampled_from(["Gold", "iron", "", 5]),
                        "seats": st.sampled_from([0, 0.5, 50, True, "50"]),
                        "pilot": st.booleans(),
                        "live_on": st.integers(-3, 3).map(lambda days: day_of(days)),
                    },
                ),
            },
        ),
    }
)
history = st.lists(row, min_size=1, max_size=10, unique_by=lambda fields: fields["days_ago"])


def definitions(meant: list[Any]) -> list[Any]:
    """Publish definitions “one”, and “two” that is not one, each so many days ago."""
    Document.objects.filter(kind="definitions").delete()
    for number, (condition, days_ago) in enumerate(meant):
        parts = [("one", condition), ("two", {"not": {"definition": "one"}})]
        at = NOW - timedelta(days=days_ago)
        Document.objects.create(
            kind="definitions", version=number + 1, state="retired", saved_at=at, published_at=at,
            body={"definitions": [{"key": key, "condition": each} for key, each in parts]},
        )  # fmt: skip
    order = sorted(enumerate(meant), key=lambda each: (-each[1][1], each[0]))
    days = {TODAY - timedelta(days=ago): parse(condition) for _, (condition, ago) in order}
    found = [(day, {"one": each, "two": Not(each)}) for day, each in sorted(days.items())[::-1]]
    return [*found, (None, {"one": Some(()), "two": Some(())})]


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    condition=trees(leaf | held),
    rows=st.lists(history, min_size=1, max_size=3),
    meant=st.lists(st.tuples(trees(plain | brief), st.integers(0, 14)), min_size=1, max_size=2),
)
def test_sql_and_python_agree(inside: Tenant, condition: Any, rows: list[Any], meant: list[Any]):
    Snapshot.objects.all().delete()
    told = definitions(meant)
    parsed = parse(condition)
    stored: dict[UUID, list[Snapshot]] = {}
    for days in rows:
        account = make.account()
        made = [
            make.snapshot(
                account,
                TODAY - timedelta(days=fields["days_ago"]),
                **{key: value for key, value in fields.items() if key != "days_ago"},
            )
            for fields in days
        ]
        stored[account.pk] = sorted(made, key=lambda snapshot: snapshot.day)
    for back in range(16):
        day = TODAY - timedelta(days=back)
        expected = {
            account_id
            for account_id, snapshots in stored.items()
            for snapshot in snapshots
            if snapshot.day == day and holds(parsed, snapshot, snapshots, told)
        }
        assert {match.account_id for match in matching(parsed, day)} == expected


@pytest.fixture
def falling(inside: Tenant) -> Account:
    account = make.account(segment="mid")
    make.snapshot(account, TODAY - timedelta(days=1), band="yellow", usage_trend=-0.1)
    make.snapshot(account, TODAY, band="red", usage_trend=-0.38, tags=["pilot"])
    return account


def test_a_match_brings_the_values_it_read(falling: Account):
    condition = parse(
        {"all": [{"measure": "usage_trend", "op": "<", "value": 0}, {"changed": "band"}]}
    )
    (match,) = matching(condition, TODAY)
    assert match.account_id == falling.pk
    assert match.values == {"usage_trend": -0.38, "band": "yellow → red"}
    assert matching(condition, TODAY, among=[]) == []
    assert matching(condition, TODAY - timedelta(days=1)) == []


def test_a_decision_is_explained_comparison_by_comparison(falling: Account):
    condition = parse(
        {
            "any": [
                {"measure": "usage_trend", "op": "<=", "value": -0.3},
                {"measure": "nps_last", "op": "<=", "value": 6},
                {"not": {"field": "tags", "op": "=", "value": "pilot"}},
            ]
        }
    )
    told = explain(condition, falling.pk, TODAY)
    assert [(leaf.key, leaf.value, leaf.is_met) for leaf in told] == [
        ("usage_trend", -0.38, True),
        ("nps_last", None, False),
        ("tags", ["pilot"], True),
    ]
    assert told[0].words == "usage trend is at most −30%"
    assert explain(condition, falling.pk, TODAY + timedelta(days=1)) == []


@pytest.mark.case("F10")
def test_values_go_as_parameters_and_never_as_text(falling: Account):
    evil = "x') OR true --"
    condition = parse({"field": "segment", "op": "=", "value": evil})
    assert isinstance(leaves(condition)[0], Is)
    assert matching(condition, TODAY) == []
