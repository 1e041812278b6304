"""Handing over: drafts that begin by themselves, answers that happen once, clocks that are kept."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from bowtie.actions.departures import TAKEN_BACK
from bowtie.actions.moves import GateClosed, move
from bowtie.rules.stages import Stage
from charter.actions import install_defaults
from journeys.actions.after import BadRating, StepOutOfTurn, finish_step, rate_handoff
from journeys.actions.clocks import record_breach
from journeys.actions.drafts import draft_for_the_committed, draft_missing
from journeys.actions.handoff_answers import (
    ItemsMissing,
    NoGapNamed,
    NothingToWaive,
    accept_handoff,
    return_handoff,
    waive_item,
)
from journeys.actions.handoff_holding import HandoffMoved, StaleHandoff
from journeys.actions.handoffs import StrangerNamed, save_handoff, submit_handoff
from journeys.actions.heard import follow
from journeys.models import Handoff
from journeys.queries.handoffs import hours
from journeys.rules.judgement import RATED
from tenants.models import Job, TrailEntry
from tenants.scope import act_for
from tenants.trail import record
from tests import make
from tests.journeys.conftest import Deal
from tests.make import NOW


def saved(deal: Deal, **other: str) -> Handoff:
    handoff = Handoff.objects.get(pk=deal.handoff.pk)
    return save_handoff(
        handoff=handoff,
        actor=deal.seller.user,
        now=NOW,
        seen_version=handoff.version,
        given=deal.said | other,
    )


def submitted(deal: Deal, **other: str) -> Handoff:
    return submit_handoff(handoff=saved(deal, **other), actor=deal.seller.user, now=NOW)


def accepted(deal: Deal) -> Handoff:
    return accept_handoff(handoff=submitted(deal), actor=deal.csm.user, now=NOW)


@pytest.fixture(autouse=True)
def inside_deal(request: pytest.FixtureRequest):
    if "deal" not in request.fixturenames or "transactional_db" in request.fixturenames:
        yield
        return
    with act_for(request.getfixturevalue("deal").tenant.pk):
        yield


def test_the_kickoff_is_promised_from_the_signature_the_other_steps_from_acceptance(deal: Deal):
    taken = NOW + timedelta(days=1)
    handoff = accept_handoff(handoff=submitted(deal), actor=deal.csm.user, now=taken)
    calendar = hours().calendar
    assert handoff.due_at == calendar.add_hours(taken, 8)
    later = taken + timedelta(days=1)
    handoff = finish_step(handoff=handoff, actor=None, now=later, step="first_contact")
    assert handoff.due_at == calendar.add_hours(taken, 16)
    handoff = finish_step(handoff=handoff, actor=None, now=later, step="kickoff_booked")
    assert handoff.due_at == handoff.signed_at + timedelta(days=7)


def test_a_committed_account_gets_one_draft_filled_with_what_is_known(deal: Deal):
    handoff = deal.handoff
    assert (handoff.state, handoff.sender, handoff.receiver) == (
        "draft", deal.seller.user, deal.csm.user,
    )  # fmt: skip
    assert handoff.fields["champion"] == deal.said["champion"]
    assert handoff.due_at == NOW + timedelta(days=1)  # a business day of eight hours
    draft_for_the_committed(since=NOW - timedelta(hours=1), now=NOW)
    assert draft_missing(now=NOW) == []
    assert Handoff.objects.count() == 1


def test_coming_back_begins_a_new_handoff(deal: Deal):
    accepted(deal)
    later = NOW + timedelta(days=400)
    move(
        account=deal.account,
        to_stage=Stage.CHURNED,
        actor=None,
        now=later,
        override_reason="Left",
        is_lead=True,
    )
    move(
        account=deal.account,
        to_stage=Stage.COMMITTED,
        actor=None,
        now=later,
        override_reason="Won",
        is_lead=True,
    )
    assert len(draft_missing(now=later)) == 1
    assert list(Handoff.objects.order_by("pk").values_list("state", flat=True)) == [
        "completed", "draft",
    ]  # fmt: skip


def test_saving_keeps_what_was_not_sent_and_refuses_a_stale_version(deal: Deal):
    first = saved(deal)
    again = save_handoff(
        handoff=first, actor=deal.seller.user, now=NOW, seen_version=first.version,
        given={"risks": "Old data", "unheard": "of"},
    )  # fmt: skip
    assert (again.fields["risks"], again.fields["goal_1"]) == ("Old data", "Close in five days")
    assert "unheard" not in again.fields
    with pytest.raises(StaleHandoff):
        save_handoff(
            handoff=first, actor=deal.seller.user, now=NOW, seen_version=first.version, given={}
        )


def test_a_sponsor_is_of_the_account(deal: Deal):
    stranger = make.contact(make.account("Other"))
    with pytest.raises(StrangerNamed):
        saved(deal, sponsor=str(stranger.pk))


def test_an_empty_handoff_comes_straight_back_and_buys_no_time(deal: Deal):
    due_at = deal.handoff.due_at
    handoff = submit_handoff(handoff=deal.handoff, actor=deal.seller.user, now=NOW)
    assert (handoff.state, handoff.due_at, handoff.completeness) == ("returned", due_at, 1)
    assert "risks, or “none” signed and dated" in handoff.gaps
    assert TrailEntry.objects.get(verb="journeys.handoff_returned").facts["is_automatic"]


def test_accepting_moves_the_account_and_starts_the_next_clock(deal: Deal):
    handoff = accepted(deal)
    deal.account.refresh_from_db()
    assert (handoff.state, handoff.completeness) == ("accepted", 5)
    assert deal.account.stage == "onboarding"
    assert handoff.due_at == NOW + timedelta(days=1)  # a business day of eight hours
    entry = TrailEntry.objects.get(verb="bowtie.stage_entered")
    assert entry.facts["evidence"] == {"handoff": str(handoff.pk)}


def test_accepting_twice_has_one_effect(deal: Deal):
    handoff = accepted(deal)
    with pytest.raises(HandoffMoved, match="accepted already"):
        accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    assert TrailEntry.objects.filter(verb="journeys.handoff_accepted").count() == 1


def test_the_gate_still_asks_for_a_csm_and_nothing_is_half_done(deal: Deal):
    handoff = submitted(deal)
    deal.account.owner = None
    deal.account.save()
    with pytest.raises(GateClosed, match="a CSM"):
        accept_handoff(handoff=handoff, actor=deal.manager.user, now=NOW)
    handoff.refresh_from_db()
    assert handoff.state == "submitted"


def test_one_missing_item_takes_a_waiver_that_ends(deal: Deal):
    handoff = submitted(deal, discount="")
    with pytest.raises(ItemsMissing, match="discount"):
        accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    waived = waive_item(
        handoff=handoff, actor=deal.manager.user, now=NOW, reason="Legal sends it tomorrow"
    )
    assert (waived.waived_item, waived.waiver_until) == ("discount", NOW + timedelta(hours=48))
    with pytest.raises(ItemsMissing):
        accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW + timedelta(hours=49))
    done = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW + timedelta(hours=1))
    repaired = save_handoff(
        handoff=done, actor=deal.seller.user, now=NOW, seen_version=done.version,
        given={"discount": "none"},
    )  # fmt: skip
    assert repaired.fields["discount"] == "none"


def test_a_waiver_opens_the_waived_item_alone_and_once(deal: Deal):
    handoff = submitted(deal, discount="")
    waive_item(handoff=handoff, actor=deal.manager.user, now=NOW, reason="Legal sends it")
    done = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)

    def save(**given: str) -> None:
        done.refresh_from_db()
        save_handoff(
            handoff=done, actor=deal.seller.user, now=NOW, seen_version=done.version, given=given
        )

    with pytest.raises(HandoffMoved, match="only what was waived"):
        save(discount="none", commitments="We promised nothing")
    save(discount="none", commitments=done.fields["commitments"])  # as a form sends it back
    with pytest.raises(HandoffMoved):
        save(discount="20% for ever")
    done.refresh_from_db()
    assert done.fields["discount"] == "none"


def test_a_return_ends_the_waiver(deal: Deal):
    handoff = submitted(deal, discount="")
    waive_item(handoff=handoff, actor=deal.manager.user, now=NOW, reason="Legal sends it")
    back = return_handoff(handoff=handoff, actor=deal.csm.user, now=NOW, gaps=["the discount"])
    assert (back.waived_item, back.waiver_until) == ("", None)


def test_a_waiver_covers_exactly_one_item(deal: Deal):
    with pytest.raises(NothingToWaive):
        waive_item(handoff=submitted(deal), actor=deal.manager.user, now=NOW, reason="x")


def test_a_return_names_gaps_and_starts_the_clock_anew(deal: Deal):
    handoff = submitted(deal)
    with pytest.raises(NoGapNamed):
        return_handoff(handoff=handoff, actor=deal.csm.user, now=NOW, gaps=[" "])
    later = datetime(2026, 11, 20, 15, tzinfo=UTC)
    back = return_handoff(
        handoff=handoff, actor=deal.csm.user, now=later, gaps=["goals"], note="Which team?"
    )
    assert back.gaps == ["goals", "Which team?"]
    assert back.due_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert back.signed_at == NOW


def test_what_is_with_cs_is_not_changed_by_sales(deal: Deal):
    handoff = submitted(deal)
    with pytest.raises(HandoffMoved):
        save_handoff(
            handoff=handoff, actor=deal.seller.user, now=NOW, seen_version=handoff.version, given={}
        )
    with pytest.raises(HandoffMoved):
        submit_handoff(handoff=handoff, actor=deal.seller.user, now=NOW)


def test_a_breach_is_written_down_once_and_only_for_the_step_in_hand(deal: Deal):
    due_at = deal.handoff.due_at
    assert not record_breach(handoff_id=deal.handoff.pk, due_at=due_at, now=NOW)
    assert record_breach(handoff_id=deal.handoff.pk, due_at=due_at, now=due_at)
    deal.handoff.refresh_from_db()
    assert deal.handoff.breached_at == due_at
    handoff = submitted(deal)
    assert not record_breach(handoff_id=handoff.pk, due_at=due_at - timedelta(hours=1), now=due_at)
    assert Job.objects.filter(kind="journeys.clock").count() >= 1


def test_three_steps_after_acceptance_complete_it(deal: Deal):
    handoff = accepted(deal)
    with pytest.raises(StepOutOfTurn):
        finish_step(handoff=handoff, actor=deal.csm.user, now=NOW, step="kickoff_held")
    booked = finish_step(handoff=handoff, actor=deal.csm.user, now=NOW, step="first_contact")
    assert booked.due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    held = finish_step(handoff=handoff, actor=deal.csm.user, now=NOW, step="kickoff_booked")
    assert held.due_at == NOW + timedelta(days=7)
    done = finish_step(handoff=handoff, actor=deal.csm.user, now=NOW, step="kickoff_held")
    assert (done.state, done.due_at) == ("completed", None)


def test_the_receiver_rates_what_was_accepted(deal: Deal):
    fours = dict.fromkeys(RATED, 4)
    with pytest.raises(HandoffMoved):
        rate_handoff(handoff=deal.handoff, actor=deal.csm.user, now=NOW, ratings=fours)
    handoff = accepted(deal)
    with pytest.raises(BadRating):
        rate_handoff(handoff=handoff, actor=deal.csm.user, now=NOW, ratings={"context": 6})
    assert (
        rate_handoff(handoff=handoff, actor=deal.csm.user, now=NOW, ratings=fours).ratings == fours
    )


@pytest.mark.django_db(transaction=True)
def test_two_people_accept_at_once_and_one_of_them_does(transactional_db: None, deal: Deal):
    with act_for(deal.tenant.pk):
        install_defaults(author=None, now=NOW)
        handoff = submitted(deal)
    start, outcomes = Barrier(2), []

    def accept() -> None:
        try:
            start.wait(5)
            with act_for(deal.tenant.pk):
                accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
            outcomes.append("accepted")
        except HandoffMoved:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=accept) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert sorted(outcomes) == ["accepted", "refused"]
    with act_for(deal.tenant.pk):
        assert TrailEntry.objects.filter(verb="journeys.handoff_accepted").count() == 1
        assert TrailEntry.objects.filter(verb="bowtie.stage_entered").count() == 1


def test_a_win_back_that_is_taken_back_drops_the_draft_nobody_wrote_in(deal: Deal):
    said = {"at": NOW, "account_id": deal.account.pk, "stage": ["committed", "churned"]}
    record(TAKEN_BACK, **said, reason="")
    follow(since=NOW - timedelta(hours=1), now=NOW)
    assert not Handoff.objects.exists()
    assert TrailEntry.objects.filter(verb="journeys.handoff_dropped").count() == 1


def test_a_draft_somebody_wrote_in_stays(deal: Deal):
    saved(deal)
    said = {"at": NOW, "account_id": deal.account.pk, "stage": ["committed", "churned"]}
    record(TAKEN_BACK, **said, reason="")
    follow(since=NOW - timedelta(hours=1), now=NOW)
    assert Handoff.objects.count() == 1
