"""Moving accounts: gates, evidence, overrides, lifecycles."""

from datetime import date, timedelta

import pytest

from accounts.models import Contract
from bowtie.actions.moves import GateClosed, NoSuchMove, OverrideNeeded, move, place
from bowtie.models import Stay
from bowtie.rules.stages import GO_LIVE, Stage
from spiced.models import Element, ImpactGoal, ImpactMeasurement, Note
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tests import make
from tests.make import NOW, TODAY


def go(account, to_stage: Stage, **more):
    account.refresh_from_db()
    return move(account=account, to_stage=to_stage, actor=None, now=NOW, **more)


def sign(account) -> None:
    Contract.objects.create(
        account=account, external_id="c1", starts_on=TODAY, ends_on=date(2027, 11, 19), arr_minor=1
    )


def test_a_gate_names_what_is_missing(inside: Tenant):
    account = make.account(stage="mql")
    with pytest.raises(GateClosed, match="the Situation in SPICED and a Pain we solve"):
        go(account, Stage.SQL)
    note = Note.objects.create(account=account, version=1, saved_at=NOW)
    for letter in "SP":
        Element.objects.create(note=note, letter=letter, score=1)
    assert go(account, Stage.SQL).came_from == "mql"


def test_a_signature_is_never_blocked_but_needs_a_contract(inside: Tenant):
    account = make.account(stage="prospect")
    with pytest.raises(GateClosed, match="signed contract"):
        go(account, Stage.COMMITTED)
    sign(account)
    go(account, Stage.COMMITTED)
    account.refresh_from_db()
    assert account.stage == "committed"


def test_onboarding_opens_only_with_an_accepted_handoff(inside: Tenant, csm: Actor):
    account = make.account(stage="committed", owner=csm.user)
    with pytest.raises(GateClosed, match="accepted handoff"):
        go(account, Stage.ONBOARDING)
    go(account, Stage.ONBOARDING, evidence={"handoff": "some id"})


def test_skipping_takes_an_override_with_a_reason(inside: Tenant):
    account = make.account(stage="committed")
    with pytest.raises(OverrideNeeded):
        go(account, Stage.LIVE, evidence=dict.fromkeys(GO_LIVE, True))
    stay = go(account, Stage.LIVE, override_reason="Pilot ran before the contract")
    assert stay.override_reason


def test_tasks_alone_do_not_reach_first_impact(inside: Tenant):
    account = make.account(stage="live")
    with pytest.raises(GateClosed, match="confirmed"):
        go(account, Stage.FIRST_IMPACT, evidence={"tasks": "all done"})
    champion = make.contact(account, roles=["champion"])
    goal = ImpactGoal.objects.create(
        account=account, kind="rational", statement="Faster", baseline=8, target=2, recorded_at=NOW
    )
    measurement = ImpactMeasurement.objects.create(
        goal=goal, value=7, measured_on=TODAY, evidence="report", recorded_at=NOW
    )
    measurement.confirmed_by, measurement.confirmed_at = champion, NOW
    measurement.save()
    with pytest.raises(GateClosed):
        go(account, Stage.FIRST_IMPACT)
    measurement.value = 6
    measurement.save()
    go(account, Stage.FIRST_IMPACT)


def test_moves_that_do_not_exist_are_refused(inside: Tenant):
    account = make.account(stage="first_impact")
    with pytest.raises(NoSuchMove):
        go(account, Stage.LIVE)


def test_every_move_closes_the_stay_before_and_is_on_the_trail(inside: Tenant):
    account = make.account(stage="max_impact")
    place(accounts=[account], stage=Stage.MAX_IMPACT, actor=None, now=NOW - timedelta(days=9))
    go(account, Stage.RECURRING_IMPACT, override_reason="Impact lapsed")
    stays = list(Stay.objects.order_by("entered_at"))
    assert [(each.stage, each.left_at) for each in stays] == [
        ("max_impact", NOW),
        ("recurring_impact", None),
    ]
    entry = TrailEntry.objects.get(verb="bowtie.stage_entered")
    assert entry.facts["stage"] == ["max_impact", "recurring_impact"]


def test_coming_back_starts_a_new_life(inside: Tenant):
    account = make.account(stage="churned")
    sign(account)
    assert go(account, Stage.COMMITTED).lifecycle == 2
    account.refresh_from_db()
    assert account.lifecycle == 2


def test_placing_marks_accounts_as_imported_and_leaves_history_alone(inside: Tenant):
    one, two = make.account("One"), make.account("Two")
    go(one, Stage.MQL)
    assert place(accounts=[one, two], stage=Stage.LIVE, actor=None, now=NOW) == 1
    assert list(Stay.objects.filter(is_imported=True).values_list("account_id")) == [(two.pk,)]
    one.refresh_from_db()
    assert one.stage == "mql"
