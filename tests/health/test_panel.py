"""The health of one account on a page: drivers that add up, overrides, who may."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account
from health.actions.models import install_defaults
from health.actions.overrides import BadOverride, override_score
from health.models import HealthModel, Override, Snapshot
from health.queries.scores import explained, health_of, moved
from health.rules.models import read
from health.rules.scoring import capped, score
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
VALUES = {
    "goal_on_track": 0.70, "days_since_impact": 75, "seat_utilisation": 0.62, "breadth": 0.5,
    "habit_weeks": 9, "usage_trend": -0.38, "key_roles_met": 1, "days_since_two_way": 40,
    "ticket_ratio": 1.0, "open_late_tickets": 2, "days_overdue": 61, "arr_change_12m": 0,
}  # fmt: skip


def scored_account(**fields: Any) -> Account:
    """An account with a snapshot of today as the night would have left it."""
    install_defaults(author=None, now=NOW)
    account = make.account(stage="first_impact", touch_model="mid", segment="mid_market", **fields)
    version = HealthModel.objects.get(key="core")
    found = score(read(version.body), VALUES)
    for back in (0, 7, 28):
        shown = capped(found.base, [69])
        trend = 0.0 if back else -0.38
        make.snapshot(
            account,
            TODAY - timedelta(days=back),
            **{"model": version, "base": found.base, "capped": shown, "score": shown},
            **{"band": "yellow", "coverage": found.coverage, "caps": ["overdue"]},
            **VALUES | {"usage_trend": trend},
        )
    return account


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=NOW)
        return scored_account(owner=csm.user)


def test_drivers_and_caps_add_up_from_the_base_to_the_score(inside: Tenant):
    account = scored_account()
    Snapshot.objects.filter(account=account).update(base=80.0, capped=69.0, score=69.0)
    view = health_of(account, TODAY)
    added = sum(driver.points for driver in view.drivers) + sum(step.points for step in view.steps)
    assert view.base_points + added == 69
    assert view.base_points == 75
    assert [step.name for step in view.steps] == ["Invoice overdue for more than 60 days"]
    assert view.drivers[0].points == min(driver.points for driver in view.drivers)
    assert {driver.key for driver in view.missing} >= {"nps_mean", "csat_90", "champion_status"}
    assert view.model is not None and str(view.model) == "Core v1"
    assert [day for day, _ in view.history][-1] == TODAY


def test_an_override_of_an_account_nothing_is_known_of_adds_up(inside: Tenant):
    install_defaults(author=None, now=NOW)
    account = make.account(
        stage="first_impact", touch_model="mid", segment="mid_market", customer_since=TODAY
    )
    override_score(account=account, score=30, reason="Merger talks", author=make.user(),
                   expires_at=NOW + timedelta(days=9), now=NOW)  # fmt: skip
    view = health_of(account, TODAY)
    assert (view.score, view.band) == (30, "red")
    assert (
        view.base_points
        + sum(driver.points for driver in view.drivers)
        + sum(step.points for step in view.steps)
        == 30
    )
    assert view.steps[-1].name == "Override"


def test_what_little_is_known_still_adds_up_below_a_cap(inside: Tenant):
    account = scored_account()
    low = {"score": None, "band": "unknown", "coverage": 0.5}
    Snapshot.objects.update(capped=F("base") - 11, **low)
    view = health_of(account, TODAY)
    assert not view.is_known
    assert [step.points for step in view.steps] == [-11]


def test_what_moved_it_names_the_measures(inside: Tenant):
    account = scored_account()
    found = moved(account.pk, TODAY, TODAY - timedelta(days=28))
    assert found is not None
    (move,) = found.moves
    assert (move.key, move.before, move.after) == ("usage_trend", "0%", "−38%")
    assert move.points < -3
    assert moved(account.pk, TODAY, TODAY - timedelta(days=4000)) is None


def test_moves_add_up_to_the_change_across_a_new_model_a_cap_and_an_override(
    inside: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("health.queries.scores.TOLD_FROM", 0.0)
    account = scored_account()
    after, before = Snapshot.objects.order_by("-day")[:1].get(), Snapshot.objects.earliest("day")
    other = copy.deepcopy(after.model.body)
    other["dimensions"][0]["weight"] *= 3
    former = HealthModel.objects.create(
        key="core", version=0, name="Core", body=other, saved_at=NOW, state="retired"
    )
    told = explained(read(other), before)
    Snapshot.objects.filter(pk=before.pk).update(
        model=former, base=told.base, capped=told.base, score=told.base
    )
    author = make.user()
    Override.objects.create(
        account=account, score=40, reason="They said so", author=author, created_at=NOW,
        expires_at=NOW + timedelta(days=9),
    )  # fmt: skip
    base = explained(read(after.model.body), after).base
    cap = after.model.body["caps"][0]
    Snapshot.objects.filter(pk=after.pk).update(
        base=base, capped=min(base, cap["most"]), caps=[cap["key"]], score=40
    )
    found = moved(account.pk, TODAY, before.day)
    assert found is not None
    assert found.before is not None
    assert sum(move.points for move in found.moves) == pytest.approx(40 - found.before)
    assert {"The model", cap["name"], "Override"} <= {move.name for move in found.moves}


def test_what_moved_it_since_a_day_that_is_chosen(account: Account, csm: Actor, sign_in: SignIn):
    client, url = sign_in(csm), f"/acme/accounts/{account.pk}/health/moved/"
    part = client.get(f"{url}?since={TODAY - timedelta(days=28)}", headers={"HX-Request": "true"})
    assert "Usage trend: 0% to −38%" in part.text
    early = client.get(f"{url}?since=2001-01-01", headers={"HX-Request": "true"})
    assert "No score is stored of that day" in early.text
    assert client.get(f"{url}?since=x", headers={"HX-Request": "true"}).status_code == 422
    assert "What moved the score" in client.get(url).text


@pytest.mark.case("E1")
def test_an_account_that_was_never_scored_has_no_score(inside: Tenant):
    view = health_of(make.account(), TODAY)
    assert (view.score, view.band, view.day) == (None, "unknown", None)


def test_the_panel_explains_the_score(account: Account, csm: Actor, sign_in: SignIn):
    page = sign_in(csm).get(f"/acme/accounts/{account.pk}/health/")
    assert page.status_code == 200
    assert "Starts at 75" in page.text and "Core model, version 1" in page.text
    assert "Usage trend" in page.text
    part = sign_in(csm).get(f"/acme/accounts/{account.pk}/health/", headers={"HX-Request": "true"})
    assert part.text.strip().startswith("<section") and "Override" in part.text


def test_the_panel_of_another_tenants_account_is_not_found(
    rival: Tenant, csm: Actor, sign_in: SignIn
):
    with act_for(rival.pk):
        foreign = make.account()
    client = sign_in(csm)
    for address in ("", "override/"):
        assert client.get(f"/acme/accounts/{foreign.pk}/health/{address}").status_code == 404
    assert client.post(f"/acme/accounts/{foreign.pk}/health/override/end/").status_code == 404


def entered(**fields: Any) -> dict[str, Any]:
    until = (timezone.now() + timedelta(days=10)).date()
    return {"score": "30", "reason": "Merger talks", "expires_on": until.isoformat()} | fields


def test_an_override_is_shown_at_once_and_can_be_ended(
    account: Account, csm: Actor, sign_in: SignIn, acme: Tenant
):
    client, address = sign_in(csm), f"/acme/accounts/{account.pk}/health/"
    assert client.get(f"{address}override/").status_code == 200
    assert client.post(f"{address}override/", entered()).status_code == 302
    page = client.get(address).text
    assert "Merger talks" in page and "30" in page
    with act_for(acme.pk):
        newest = Snapshot.objects.order_by("-day")[0]
        assert (newest.score, newest.band) == (30, "red")
        assert TrailEntry.objects.filter(verb="health.score_overridden").count() == 1
    assert client.post(f"{address}override/end/").status_code == 302
    with act_for(acme.pk):
        assert not Override.objects.filter(ended_at=None).exists()
        assert Snapshot.objects.order_by("-day")[0].score != 30


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": "130"},
        {"reason": ""},
        {"expires_on": (timezone.now() + timedelta(days=40)).date().isoformat()},
        {"expires_on": "soon"},
    ],
)
def test_a_bad_override_comes_back_with_the_form(
    account: Account, csm: Actor, sign_in: SignIn, wrong: dict[str, Any]
):
    answer = sign_in(csm).post(f"/acme/accounts/{account.pk}/health/override/", entered(**wrong))
    assert answer.status_code == 422
    assert "error" in answer.text


def test_overrides_are_for_those_who_edit_the_account(
    account: Account, cast: dict[Role, Actor], sign_in: SignIn
):
    address = f"/acme/accounts/{account.pk}/health/override/"
    assert sign_in(cast[Role.EXECUTIVE]).get(address).status_code == 403
    assert sign_in(cast[Role.CSM]).post(address, entered()).status_code == 404  # not their account
    assert sign_in(cast[Role.REVOPS]).put(address).status_code == 405
    assert sign_in(cast[Role.REVOPS]).get(f"{address}end/").status_code == 405


def test_the_action_refuses_what_the_form_would(inside: Tenant):
    account, author = make.account(), make.user()
    given = {"account": account, "author": author, "now": NOW}
    for value, reason, days in ((101, "x", 1), (50, " ", 1), (50, "x", 31), (50, "x", 0)):
        with pytest.raises(BadOverride):
            override_score(
                score=value, reason=reason, expires_at=NOW + timedelta(days=days), **given
            )
