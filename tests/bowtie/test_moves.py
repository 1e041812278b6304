"""Moving accounts: gates, evidence, overrides, lifecycles."""

from datetime import date, timedelta

import pytest

from accounts.models import Contract
from bowtie.actions.first_impact import LeadNeeded, enter_first_impact, revoke_first_impact
from bowtie.actions.moves import (
    GateClosed,
    NoSuchMove,
    OverrideNeeded,
    ReasonNeeded,
    StageMoved,
    WrongMoment,
    move,
    place,
)
from bowtie.actions.overlays import AlreadySet, NotSet, NotYet, end_overlay, set_overlay
from bowtie.models import Stay
from bowtie.queries.first_impact import reached
from bowtie.queries.overlays import overlays
from bowtie.rules.gates import GO_LIVE
from bowtie.rules.stages import Stage
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


YESTERDAY, AHEAD = TODAY - timedelta(days=1), TODAY + timedelta(days=30)


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ({}, True),
        ({"ends_on": None}, True),
        ({"starts_on": AHEAD}, True),
        ({"starts_on": date(2024, 1, 1), "ends_on": YESTERDAY, "auto_renews": True}, True),
        ({"is_trial": True}, False),
        ({"is_trial": True, "arr_minor": 0}, False),
        ({"arr_minor": 0}, False),
        ({"status": "pending"}, False),
        ({"starts_on": date(2024, 1, 1), "ends_on": YESTERDAY}, False),
        ({"starts_on": date(2024, 1, 1), "cancelled_on": YESTERDAY}, False),
    ],
)
def test_committed_asks_for_a_contract_with_arr_that_is_signed(
    inside: Tenant, said: dict, opens: bool
):
    account = make.account(stage="sal")
    plain = {"starts_on": TODAY, "ends_on": date(2027, 11, 19), "arr_minor": 1}
    Contract.objects.create(account=account, external_id="c1", **plain | said)
    if opens:
        assert go(account, Stage.COMMITTED).evidence["contract"] is True
    else:
        with pytest.raises(GateClosed, match="signed contract with ARR"):
            go(account, Stage.COMMITTED)


def test_onboarding_opens_only_with_an_accepted_handoff(inside: Tenant, csm: Actor):
    account = make.account(stage="committed", owner=csm.user)
    with pytest.raises(GateClosed, match="accepted handoff"):
        go(account, Stage.ONBOARDING)
    go(account, Stage.ONBOARDING, evidence={"handoff": "some id"})


def test_skipping_takes_an_override_with_a_reason(inside: Tenant):
    account = make.account(stage="committed")
    with pytest.raises(OverrideNeeded):
        go(account, Stage.LIVE, evidence=dict.fromkeys(GO_LIVE, True))
    stay = go(account, Stage.LIVE, override_reason="Pilot ran before the contract", is_lead=True)
    assert stay.override_reason
    assert stay.evidence["skipped"] == ["onboarding"]


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
    go(account, Stage.RECURRING_IMPACT, override_reason="The team left", is_lead=True)
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


def measured(account, share: float = 0.5, *, roles=("champion",), days_ago: int = 1, **more):
    """A confirmed measurement so far on the way from 0 to 100."""
    goal, _ = ImpactGoal.objects.get_or_create(
        account=account,
        kind="rational",
        statement="Faster",
        defaults={
            "baseline": 0,
            "target": 100,
            "status": "active",
            "recorded_at": NOW,
            "baseline_on": TODAY - timedelta(days=400),
            "deadline_on": TODAY,
        },
    )
    at = NOW - timedelta(days=days_ago)
    defaults = {
        "measured_on": at.date(),
        "evidence": "report",
        "confirmed_by": make.contact(account, roles=list(roles)),
        "confirmed_at": at,
        "recorded_at": at,
    }
    return ImpactMeasurement.objects.create(goal=goal, value=share * 100, **defaults | more)


def test_skipped_gates_are_named_and_only_a_lead_opens_them(inside: Tenant):
    account = make.account(stage="committed")
    words = "Recurring Impact skips the gates of Onboarding, Live and First Impact"
    for more in ({}, {"override_reason": "I say so"}, {"is_lead": True}):
        with pytest.raises(OverrideNeeded, match=words):
            go(account, Stage.RECURRING_IMPACT, **more)
    stay = go(account, Stage.RECURRING_IMPACT, override_reason="Came from a merger", is_lead=True)
    assert stay.evidence["skipped"] == ["onboarding", "live", "first_impact"]
    assert len(stay.evidence["missing"]) == 2
    assert stay.override_reason == "Came from a merger"


def test_a_reason_that_opened_nothing_is_no_override(inside: Tenant):
    account = make.account(stage="onboarding")
    ticks = dict.fromkeys(GO_LIVE, True)
    stay = go(account, Stage.LIVE, evidence=ticks, override_reason="in a hurry", is_lead=True)
    assert stay.override_reason == ""
    assert stay.evidence == ticks


def test_of_two_who_move_one_is_told(inside: Tenant):
    account = make.account(stage="prospect")
    go(account, Stage.MQL, seen_stage=Stage.PROSPECT)
    with pytest.raises(StageMoved, match="to Marketing qualified meanwhile"):
        go(account, Stage.MQL, seen_stage=Stage.PROSPECT)


@pytest.mark.parametrize("at", [NOW + timedelta(minutes=1), NOW - timedelta(days=10)])
def test_a_stage_is_entered_after_the_one_before_and_not_ahead(inside: Tenant, at):
    account = make.account()
    place(accounts=[account], stage=Stage.PROSPECT, actor=None, now=NOW - timedelta(days=9))
    with pytest.raises(WrongMoment):
        go(account, Stage.MQL, at=at)
    assert go(account, Stage.MQL, at=NOW - timedelta(days=8)).entered_at < NOW


def test_first_impact_happened_when_it_was_confirmed(inside: Tenant):
    account = make.account(stage="live")
    measured(account, share=0.24, days_ago=30)
    with pytest.raises(GateClosed):
        enter_first_impact(account=account, actor=None, now=NOW)
    counts = measured(account, share=0.25, days_ago=20)
    measured(account, share=0.9, days_ago=3)
    event = enter_first_impact(account=account, actor=None, now=NOW)
    assert event.at == NOW - timedelta(days=20)
    assert event.evidence["measurement"] == str(counts.pk)
    assert not event.is_proxy
    again = enter_first_impact(account=account, actor=None, now=NOW)
    assert again.at == event.at
    assert reached([account.pk], NOW)[account.pk].at == event.at
    assert reached([account.pk], NOW - timedelta(seconds=1)) == {}


def test_a_confirmation_before_go_live_counts_from_go_live(inside: Tenant):
    account = make.account(stage="onboarding")
    go(account, Stage.LIVE, evidence=dict.fromkeys(GO_LIVE, True))
    measured(account, days_ago=20)
    assert go(account, Stage.FIRST_IMPACT).entered_at == NOW


@pytest.mark.parametrize(
    "lacks",
    [
        {"evidence": " "},
        {"roles": ("end_user",)},
        {"confirmed_at": None, "confirmed_by": None},
    ],
)
def test_what_is_not_proven_is_no_first_impact(inside: Tenant, lacks):
    account = make.account(stage="live")
    measured(account, **lacks)
    with pytest.raises(GateClosed):
        go(account, Stage.FIRST_IMPACT)


def test_at_tech_touch_anybodys_confirmation_counts_as_a_proxy(inside: Tenant):
    account = make.account(stage="live", touch_model="tech")
    measured(account, roles=("end_user",))
    assert enter_first_impact(account=account, actor=None, now=NOW).is_proxy


def test_impact_of_an_earlier_life_does_not_count(inside: Tenant):
    account = make.account(stage="churned")
    measured(account, days_ago=200)
    sign(account)
    go(account, Stage.COMMITTED)
    go(account, Stage.LIVE, override_reason="As before", is_lead=True)
    account.refresh_from_db()
    with pytest.raises(GateClosed):
        go(account, Stage.FIRST_IMPACT)


def test_a_step_back_needs_lapsed_impact_and_a_reason(inside: Tenant):
    account = make.account(stage="recurring_impact")
    measured(account, share=1, days_ago=10)
    with pytest.raises(ReasonNeeded):
        go(account, Stage.FIRST_IMPACT)
    with pytest.raises(GateClosed, match="impact that lapsed"):
        go(account, Stage.FIRST_IMPACT, reason="Quiet")
    ImpactMeasurement.objects.update(measured_on=TODAY - timedelta(days=181))
    stay = go(account, Stage.FIRST_IMPACT, reason="Nobody answers")
    assert stay.reason == "Nobody answers"
    assert stay.evidence["lost"].startswith("no impact confirmed since")
    assert reached([account.pk], NOW) == {}, "going back is not First Impact once more"


def test_first_impact_is_revoked_only_as_an_error_by_a_lead(inside: Tenant, csm: Actor):
    account = make.account(stage="onboarding")
    live = go(account, Stage.LIVE, evidence=dict.fromkeys(GO_LIVE, True))
    measured(account)
    go(account, Stage.FIRST_IMPACT)
    later = NOW + timedelta(hours=1)
    said = {"account": account, "actor": csm.user, "now": later}
    with pytest.raises(LeadNeeded):
        revoke_first_impact(**said, reason="Wrong account", is_lead=False)
    with pytest.raises(ReasonNeeded):
        revoke_first_impact(**said, reason=" ", is_lead=True)
    revoke_first_impact(**said, reason="Wrong account", is_lead=True)
    account.refresh_from_db()
    live.refresh_from_db()
    assert (account.stage, live.left_at) == ("live", None)
    assert account.pk in reached([account.pk], NOW), "it was known so until then"
    assert reached([account.pk], later) == {}
    with pytest.raises(NoSuchMove):
        revoke_first_impact(**said, reason="Again", is_lead=True)


def test_overlays_are_set_once_with_a_day_and_ended(inside: Tenant, csm: Actor):
    account = make.account(stage="live", renews_on=TODAY + timedelta(days=100))
    said = {"account": account, "kind": "paused", "actor": csm.user, "now": NOW}
    with pytest.raises(NotYet):
        set_overlay(**said, since=TODAY + timedelta(days=1), reason="Merger", today=TODAY)
    set_overlay(**said, since=TODAY, reason="Merger", today=TODAY)
    with pytest.raises(AlreadySet):
        set_overlay(**said, since=TODAY, reason="Merger", today=TODAY)
    found = [(mark.key, mark.since) for mark in overlays([account.pk], NOW)[account.pk]]
    assert found == [
        ("paused", TODAY),
        ("in_renewal_window", TODAY - timedelta(days=20)),
    ]
    end_overlay(**said)
    with pytest.raises(NotSet):
        end_overlay(**said)
    assert [mark.key for mark in overlays([account.pk], NOW)[account.pk]] == ["in_renewal_window"]


def test_lapsed_impact_is_an_overlay_since_the_day_it_lapsed(inside: Tenant):
    account, early = make.account(stage="first_impact"), make.account("Early", stage="live")
    measured(account, share=1, days_ago=190)
    [mark] = overlays([account.pk, early.pk], NOW)[account.pk]
    assert (mark.key, mark.since) == ("impact_lapsed", TODAY - timedelta(days=10))
    measured(account, share=1, days_ago=2)
    assert overlays([account.pk, early.pk], NOW) == {}
