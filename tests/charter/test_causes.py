"""Causes of churn are the charter's: changed in the browser, retired, and kept in old records."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.actions.upsert import upsert
from accounts.models import ChurnRecord
from accounts.queries.custom import mappable
from accounts.targets.revenue import CHURN
from charter.actions import InvalidChapter, install_defaults, publish
from charter.forms.causes import CausesForm
from charter.queries import causes, default_body, in_force
from charter.rules.causes import Causes, key_of, problems, refusals
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]


def body(**changes: Any) -> dict[str, Any]:
    """Two groups, two causes; changes to the first cause."""
    first = {"key": "price", "label": "price", "group": "money", "retired": False}
    second = {"key": "no_impact", "label": "no impact", "group": "failure", "retired": False}
    return {
        "groups": [{"key": "money", "label": "Money"}, {"key": "failure", "label": "Failure"}],
        "causes": [first | changes, second],
    }


def test_a_cause_reads_with_its_group_and_an_unknown_one_alone():
    known = Causes.from_body(default_body("causes"))
    assert known.label("product_gap") == "Failure: product gap"
    assert known.label("moved_away") == "Moved away" and known.label("") == ""
    assert len(known.known) == 14 and list(known.asked()) == [
        "Circumstance", "Failure", "Competition or price",
    ]  # fmt: skip


def test_a_retired_cause_is_asked_for_only_where_it_is_recorded():
    known = Causes.from_body(body(retired=True))
    assert known.asked() == {"Failure": [("no_impact", "No impact")]}
    assert known.asked(also="price")["Money"] == [("price", "Price")]
    assert known.label("price") == "Money: price"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": " "}, "A name has 1 to 60"),
        ({"label": "x" * 61}, "A name has 1 to 60"),
        ({"key": ""}, "gives no key"),
        ({"key": "no_impact"}, "stands twice"),
        ({"group": "other"}, "needs a group that exists"),
        ({"retired": "no"}, "asked for or not"),
    ],
)
def test_a_contradiction_is_said_in_words(changes: dict[str, Any], words: str):
    assert [words in problem for problem in problems(body(**changes))] == [True]


def test_something_is_asked_for_and_nothing_deleted():
    assert problems(body()) == []
    nothing = body()
    nothing["causes"] = [each | {"retired": True} for each in nothing["causes"]]
    assert problems(nothing) == ["At least one cause is asked for."]
    assert refusals(body(), body(retired=True, label="dear", group="failure")) == []
    assert "keep price, or retire it" in refusals(body(), body(key="dear"))[0]
    assert key_of("Moved in-house (again)") == "moved_in_house_again" and key_of("…") == ""


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
    return sign_in(make.member(acme, Role.REVOPS))


def entered(acme: Tenant) -> dict[str, Any]:
    with act_for(acme.pk):
        document = in_force("causes")
        form = CausesForm(document.body, initial={"seen_version": document.version})
        said = {field.html_name: field.value() for field in form}
    return {name: value for name, value in said.items() if value not in (None, False)}


def test_the_tree_is_changed_in_the_browser(revops: Client, acme: Tenant):
    at = "/acme/charter/causes/edit/"
    form = entered(acme)
    answer = revops.post(at, form | {"cause-new1-label": "…"})
    assert answer.status_code == 422 and "gives no key" in answer.text
    twice = form | {"cause-new1-label": "Price", "cause-new2-label": "Moved in-house"}
    answer = revops.post(at, twice)
    assert answer.status_code == 422 and "“price” stands twice" in answer.text
    assert "Moved in-house" in answer.text, "nothing is lost"
    del form["cause-price-asked"]
    form |= {
        "cause-new1-label": "Moved in-house", "cause-new1-group": "failure",
        "group-new1-label": "Own doing", "cause-product_gap-label": "missing feature",
    }  # fmt: skip
    assert revops.post(at, form).status_code == 302
    with act_for(acme.pk):
        known = causes()
    assert known.label("moved_in_house") == "Failure: Moved in-house"
    assert known.label("product_gap") == "Failure: missing feature"
    assert known.by_key["price"].is_retired
    assert [each["key"] for each in in_body(acme)["groups"]][-1] == "own_doing"
    page = revops.get("/acme/charter/").text
    assert "Moved in-house" in page and "retired" in page
    assert "New cause" in revops.get(at).text


def in_body(acme: Tenant) -> dict[str, Any]:
    with act_for(acme.pk):
        found: dict[str, Any] = in_force("causes").body
    return found


def test_old_records_keep_their_words_and_new_ones_are_not_asked(revops: Client, acme: Tenant):
    with act_for(acme.pk):
        account, author = make.account(), make.member(acme, Role.ADMIN).user
        record = ChurnRecord.objects.create(
            account=account, external_id="1", ended_on=date(2026, 6, 1), recorded_at=NOW,
            cause="price", initiation="customer_decision",
        )  # fmt: skip
        other = ChurnRecord.objects.create(
            account=account, external_id="2", ended_on=date(2026, 7, 1), recorded_at=NOW
        )
        said = in_force("causes").body
        for each in said["causes"]:
            each["retired"] = each["key"] == "price"
        publish(kind="causes", body=said, note="", seen_version=1, author=author, now=NOW)
        with pytest.raises(InvalidChapter, match="keep price"):
            publish(
                kind="causes", note="", seen_version=2, author=author, now=NOW,
                body=said | {"causes": [c for c in said["causes"] if c["key"] != "price"]},
            )  # fmt: skip
    assert (
        "Competition or price: price" in revops.get(f"/acme/accounts/{account.pk}/contract/").text
    )
    window = "since=2026-05-01&until=2026-08-01"
    assert "Competition or price: price" in revops.get(f"/acme/retention/left/?{window}").text
    assert 'value="price" selected' in revops.get(f"/acme/churn/{record.pk}/").text
    assert 'value="price"' not in revops.get(f"/acme/churn/{other.pk}/").text


def test_causes_from_outside_are_those_of_the_charter(inside: Tenant, csm: Actor):
    install_defaults(author=None, now=NOW)
    publish(kind="causes", body=added(), note="", seen_version=1, author=csm.user, now=NOW)
    make.account(external_id="A1")
    rows = [
        {"external_id": key, "account": "A1", "ended_on": date(2026, 6, 1), "cause": cause}
        for key, cause in (("1", "Moved_Away"), ("2", "price"), ("3", "weather"), ("4", None))
    ]
    outcome = upsert(CHURN, rows, source="crm", now=NOW)
    assert [(each.index, each.code) for each in outcome.refusals] == [(2, "not_a_choice")]
    assert "moved_away" in outcome.refusals[0].reason
    assert sorted(ChurnRecord.objects.values_list("cause", flat=True)) == [
        "",
        "moved_away",
        "price",
    ]
    assert "moved_away" in mappable(CHURN)["cause"].choices


def added() -> dict[str, Any]:
    said: dict[str, Any] = default_body("causes")
    one = {"key": "moved_away", "label": "moved away", "group": "circumstance", "retired": False}
    return said | {"causes": [*said["causes"], one]}
