"""Handoffs within CS, what the charter asks of each kind, and promises that carry over."""

import copy
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.ownership import assign_accounts
from accounts.models import Account
from bowtie.actions.first_impact import revoke_first_impact
from charter.actions import InvalidChapter, install_defaults, publish
from charter.queries import default_body, handoff_items, promises
from charter.rules.numbers import Completeness
from health.models import AccountRow
from journeys.actions.after import finish_step
from journeys.actions.clocks import record_breach
from journeys.actions.commitments import (
    NoReasonGiven,
    PromiseClosed,
    PromiseOpen,
    close_promise,
    reopen_promise,
)
from journeys.actions.drafts import draft_missing
from journeys.actions.endings import end_onboarding, resume_onboarding
from journeys.actions.handoff_answers import (
    ItemsMissing,
    accept_handoff,
    return_handoff,
    waive_item,
)
from journeys.actions.handoff_holding import HandoffMoved
from journeys.actions.handoffs import StrangerNamed, save_handoff, submit_handoff
from journeys.actions.within_cs import AlreadyHanding, NotChanged, hand_over_to_new_csm
from journeys.models import Commitment, Handoff
from journeys.queries.changed_hands import change_of, changed_hands
from journeys.queries.commitments import promises_of
from journeys.queries.handoffs import acceptance, cases, hours, inbox
from journeys.rules.commitments import promises_in
from journeys.rules.judgement import judged
from journeys.rules.kinds import KINDS, promise_of
from spiced.rules.minima import Minimum
from tenants.actor import Actor
from tenants.models import User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Deal
from tests.journeys.onboarded import Begun, confirm, go_live
from tests.journeys.test_actions import accepted, inside_deal, saved, submitted  # noqa: F401
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)
ONBOARDING = {
    "delivered": "Three entities", "not_delivered": "none", "trained": "80 % of 40",
    "habits": "Daily", "issues": "none", "risks": "none", "sentiment": "Relieved, says Priya",
    "changes": "none", "goals": "Close in five days, from nine", "plan": "Agreed",
    "commitments": "none", "call_on": "2026-12-01", "first_step": "Review of goals",
}  # fmt: skip
CSM = {
    "reason": "Parental leave", "told": "By mail", "style": "Weekly calls", "history": "An audit",
    "goals": "Close in five days", "plan": "Agreed", "plays": "none", "risks": "none",
    "renewal": "1 Nov 2027, on track", "growth": "Two entities", "commitments": "none",
    "introduced_on": "2026-12-01", "first_step": "Call with both",
}  # fmt: skip


def write(handoff: Handoff, by: User | None, said: dict[str, str]) -> Handoff:
    assert by is not None
    handoff.refresh_from_db()
    return save_handoff(
        handoff=handoff, actor=by, now=LATER, seen_version=handoff.version, given=said
    )


def give(deal: Deal, to: Actor | None, at=NOW) -> None:
    assign_accounts(
        account_ids=[deal.account.pk], owner=to.user if to else None, actor=deal.manager, now=at
    )
    deal.account.refresh_from_db()


@pytest.fixture
def given_on(deal: Deal) -> tuple[Deal, Actor]:
    """The account got another CSM; the one before knows champion and sponsor."""
    other = make.member(deal.tenant, Role.CSM, "Tom Weiss")
    give(deal, other)
    return deal, other


def csm_said(deal: Deal, **other: str) -> dict[str, str]:
    people = {key: deal.said[key] for key in ("champion", "sponsor")}
    return CSM | people | other


def test_the_kinds_of_the_rules_are_those_of_the_model_and_of_the_charter():
    body = default_body("handoffs")
    assert set(KINDS) == set(Handoff.Kind.values) == {each["key"] for each in body["kinds"]}
    for kind in body["kinds"]:
        assert {item["key"] for item in kind["items"]} == set(KINDS[kind["key"]].items)
    assert all(len(each) <= 20 for kind in KINDS.values() for each in kind.items)
    for kind in KINDS.values():
        assert {a for i in kind.items for a in kind.asked_for(i)} <= set(kind.asks)


def test_every_promised_time_of_a_kind_is_in_the_charter(deal: Deal):
    known = promises()
    asked = {
        promise_of(kind, step, {"severity": severity})
        for kind in KINDS.values()
        for step in kind.steps
        for severity in ("s1", "s2", "s3")
    }
    assert asked - {""} <= set(known)
    assert known["csm_urgent"].hours == 24 and known["csm_urgent"].clock == "clock"


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_a_whole_handoff_of_each_kind_is_five_and_an_empty_one_comes_back(kind):
    nothing_asked = Minimum(0, 0, ())
    whole = judged(dict.fromkeys(kind.asks, "said"), {}, nothing_asked, kind=kind)
    assert (whole.points, whole.level, whole.returns) == (kind.most_points, 5, [])
    empty = judged({}, {}, nothing_asked, kind=kind)
    assert empty.level == 1 and empty.returns
    assert Completeness().level_of(kind.most_points // 2, kind.most_points) == 3


def test_the_end_of_onboarding_begins_the_handoff_to_cs(begun: Begun):
    confirm(begun)
    go_live(begun)
    end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    handoff = Handoff.objects.get(kind="onboarding_to_cs")
    assert handoff.state == "draft" and handoff.sender_id == begun.csm.user_id
    assert handoff.fields["goals"].startswith("Faster: 100 to 0 d")
    promised = hours()
    assert handoff.due_at == promised.calendar.add_hours(LATER, 16)
    sent = submit_handoff(handoff=handoff, actor=begun.csm.user, now=LATER)
    assert sent.state == "returned" and "scope delivered and not delivered" in sent.gaps
    write(handoff, begun.csm.user, ONBOARDING)
    stage = Account.objects.get(pk=handoff.account_id).stage
    sent = submit_handoff(handoff=handoff, actor=begun.csm.user, now=LATER)
    assert (sent.state, sent.completeness) == ("submitted", 5)
    done = accept_handoff(handoff=sent, actor=begun.csm.user, now=LATER)
    assert done.due_at == LATER + timedelta(hours=240)
    assert Account.objects.get(pk=handoff.account_id).stage == stage, "it moves no stage"
    done = finish_step(handoff=done, actor=begun.csm.user, now=LATER, step="joint_call")
    assert done.state == "completed"


def test_an_untouched_draft_goes_where_first_impact_was_an_error(begun: Begun):
    confirm(begun)
    go_live(begun)
    end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    account = Account.objects.get(pk=begun.deal.account.pk)
    assert begun.deal.manager.user is not None
    revoke_first_impact(
        account=account, actor=begun.deal.manager.user, now=LATER, reason="Wrong month",
        is_lead=True,
    )  # fmt: skip
    resume_onboarding(onboarding=begun.onboarding, actor=None, now=LATER)
    assert not Handoff.objects.filter(kind="onboarding_to_cs").exists()


def test_another_csm_is_offered_a_handoff_once(given_on: tuple[Deal, Actor]):
    deal, other = given_on
    (offer,) = changed_hands(other, LATER)
    assert offer.giver_id == deal.csm.user_id and offer.giver == "Maya Okafor"
    assert [each.account.pk for each in changed_hands(deal.csm, LATER)] == [deal.account.pk]
    stranger = make.member(deal.tenant, Role.CSM, "Nobody Near", team="APAC")
    assert changed_hands(stranger, LATER) == []
    made = hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    assert (made.sender_id, made.receiver_id) == (deal.csm.user_id, other.user_id)
    assert made.fields["champion"] == deal.said["champion"]
    assert not made.is_urgent and made.due_at == hours().calendar.add_hours(NOW, 80)
    assert changed_hands(other, LATER) == []
    with pytest.raises(NotChanged):
        hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    third = make.member(deal.tenant, Role.CSM, "Third Person")
    give(deal, third, LATER)
    with pytest.raises(AlreadyHanding):
        hand_over_to_new_csm(account=deal.account, actor=third.user, now=LATER)


def test_a_handoff_between_csms_stands_in_for_none_from_sales(given_on: tuple[Deal, Actor]):
    deal, other = given_on
    hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    Handoff.objects.filter(kind="csm_to_csm").update(signed_at=LATER)
    Handoff.objects.filter(kind="sales_to_cs").delete()
    (drafted,) = draft_missing(now=LATER)
    assert drafted.kind == "sales_to_cs" and drafted.account_id == deal.account.pk


def test_going_back_and_passing_through_are_told_apart(given_on: tuple[Deal, Actor]):
    deal, _ = given_on
    third = make.member(deal.tenant, Role.CSM, "Third Person")
    give(deal, third, LATER)
    change = change_of(deal.account, LATER)
    assert change is not None and change.giver_id == deal.csm.user_id and change.at == LATER
    give(deal, deal.csm, LATER)
    assert change_of(deal.account, LATER) is None
    give(deal, None, LATER)
    assert change_of(deal.account, LATER) is None


@pytest.mark.parametrize("why", ["red", "renewal"])
def test_what_is_red_or_renews_soon_is_urgent(given_on: tuple[Deal, Actor], why: str):
    deal, other = given_on
    if why == "red":
        AccountRow.objects.update_or_create(account=deal.account, defaults={"band": "red"})
    else:
        Account.objects.filter(pk=deal.account.pk).update(renews_on=(NOW + timedelta(60)).date())
    made = hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    assert made.is_urgent and made.due_at == NOW + timedelta(hours=24)
    (case,) = cases([made], LATER)
    assert case.clock is not None and case.clock.promised_hours == 24 and case.clock.is_late
    assert record_breach(handoff_id=made.pk, due_at=made.due_at, now=LATER)


def test_a_csm_handoff_is_judged_returned_waived_and_accepted(given_on: tuple[Deal, Actor]):
    deal, other = given_on
    made = hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    stranger = make.contact(make.account("Initech"), "Somebody")
    with pytest.raises(StrangerNamed):
        write(made, deal.csm.user, {"champion": str(stranger.pk)})
    assert deal.csm.user and other.user and deal.manager.user
    write(made, deal.csm.user, csm_said(deal, introduced_on=""))
    sent = submit_handoff(handoff=made, actor=deal.csm.user, now=LATER)
    assert sent.state == "submitted"
    with pytest.raises(ItemsMissing, match="the day of the introduction"):
        accept_handoff(handoff=made, actor=other.user, now=LATER)
    return_handoff(handoff=made, actor=other.user, now=LATER, gaps=["When do we introduce"])
    made.refresh_from_db()
    assert made.returns == 1 and made.due_at == hours().calendar.add_hours(LATER, 80)
    submit_handoff(handoff=made, actor=deal.csm.user, now=LATER)
    waive_item(handoff=made, actor=deal.manager.user, now=LATER, reason="After the holidays")
    done = accept_handoff(handoff=made, actor=other.user, now=LATER)
    assert done.state == "accepted" and done.items_version == handoff_items().version
    assert Account.objects.get(pk=deal.account.pk).stage == "committed", "it moves no stage"
    with pytest.raises(HandoffMoved, match="accepted already"):
        accept_handoff(handoff=made, actor=other.user, now=LATER)
    done = finish_step(handoff=done, actor=other.user, now=LATER, step="introduced")
    assert done.state == "completed"


def test_the_charter_says_what_is_mandatory_and_an_accepted_handoff_keeps_its_version(deal: Deal):
    body = copy.deepcopy(default_body("handoffs"))
    for item in body["kinds"][0]["items"]:
        item["mandatory"] = item["key"] == "goals"
    assert deal.manager.user is not None
    told = {"kind": "handoffs", "note": "", "author": deal.manager.user, "now": NOW}
    handoff = saved(deal, terms="", discount="")
    (before,) = cases([handoff], NOW)
    assert before.judgement.missing == ("terms", "discount")
    publish(body=body, seen_version=1, **told)
    (case,) = cases([handoff], NOW)
    assert case.judgement.missing == () and case.items_version == 2
    submit_handoff(handoff=handoff, actor=deal.seller.user, now=NOW)
    done = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    publish(body=default_body("handoffs"), seen_version=2, **told)
    (case,) = cases([done], NOW)
    assert case.judgement.missing == () and case.items_version == 2
    for wrong in ("none", "kinds"):
        bad = copy.deepcopy(default_body("handoffs"))
        if wrong == "kinds":
            bad["kinds"].pop()
        else:
            for item in bad["kinds"][1]["items"]:
                item["mandatory"] = False
        with pytest.raises(InvalidChapter):
            publish(body=bad, seen_version=3, **told)


def test_a_promise_carries_over_until_it_is_kept_or_withdrawn(deal: Deal):
    sent = submitted(deal, commitments="- Training on site\n\nA second sandbox\nTraining on site")
    assert not Commitment.objects.exists(), "what is not accepted promises nothing yet"
    accept_handoff(handoff=sent, actor=deal.csm.user, now=NOW)
    training, sandbox = promises_of(deal.account)["open"]
    assert (training.text, sandbox.text) == ("Training on site", "A second sandbox")
    assert training.made_by_id == deal.seller.user_id and training.handoff_id == sent.pk
    other = make.member(deal.tenant, Role.CSM, "Tom Weiss")
    give(deal, other, LATER)
    made = hand_over_to_new_csm(account=deal.account, actor=other.user, now=LATER)
    said = csm_said(deal, commitments="Training on site\nA call with our product team")
    write(made, deal.csm.user, said)
    submit_handoff(handoff=made, actor=deal.csm.user, now=LATER)
    accept_handoff(handoff=made, actor=other.user, now=LATER)
    assert [each.text for each in promises_of(deal.account)["open"]] == [
        "Training on site", "A second sandbox", "A call with our product team",
    ]  # fmt: skip
    close_promise(promise=training, actor=other.user, now=LATER, is_kept=True)
    with pytest.raises(PromiseClosed, match="kept already"):
        close_promise(promise=training, actor=other.user, now=LATER, is_kept=True)
    with pytest.raises(NoReasonGiven):
        close_promise(promise=sandbox, actor=other.user, now=LATER, is_kept=False, reason=" ")
    close_promise(promise=sandbox, actor=other.user, now=LATER, is_kept=False, reason="Not needed")
    found = promises_of(deal.account)
    assert [each.text for each in found["open"]] == ["A call with our product team"]
    assert {each.state for each in found["closed"]} == {"kept", "withdrawn"}
    reopen_promise(promise=sandbox, actor=other.user, now=LATER)
    with pytest.raises(PromiseOpen):
        reopen_promise(promise=sandbox, actor=other.user, now=LATER)


def test_a_promise_added_under_a_waiver_is_written_down_as_well(deal: Deal):
    submitted(deal, commitments="")
    assert deal.manager.user is not None
    waive_item(handoff=deal.handoff, actor=deal.manager.user, now=NOW, reason="Asks the seller")
    accept_handoff(handoff=deal.handoff, actor=deal.csm.user, now=NOW)
    assert not Commitment.objects.exists()
    write(deal.handoff, deal.seller.user, {"commitments": "Training on site"})
    assert Commitment.objects.get().text == "Training on site"


@given(st.lists(st.text("abc -•.", max_size=12), max_size=8))
def test_promises_are_the_lines_that_say_something(lines: list[str]):
    found = promises_in("\n".join(lines))
    assert len(found) == len(set(found)) and all(each == each.strip() for each in found)
    assert promises_in("\n".join(found)) == found
    assert promises_in("none") == promises_in(" None. ") == promises_in("") == []


def test_acceptance_counts_each_answered_handoff_once_and_opens_to_them(deal: Deal):
    assert acceptance(NOW) == []
    sent = submitted(deal)
    assert acceptance(NOW) == [], "not answered yet"
    return_handoff(handoff=sent, actor=deal.csm.user, now=NOW, gaps=["Goals"])
    (found,) = acceptance(NOW)
    assert (found.giver_id, found.n, found.accepted, found.share) == (
        deal.seller.user_id, 1, 0, 0.0,
    )  # fmt: skip
    submitted(deal)
    accept_handoff(handoff=deal.handoff, actor=deal.csm.user, now=NOW)
    second = make.account("Initech", owner=deal.csm.user, seller=deal.seller.user)
    Handoff.objects.create(
        account=second, sender=deal.seller.user, signed_at=NOW, state="accepted", accepted_at=NOW
    )
    old = make.account("Hooli")
    Handoff.objects.create(
        account=old, sender=deal.seller.user, signed_at=NOW - timedelta(days=366),
        state="accepted", accepted_at=NOW - timedelta(days=364),
    )  # fmt: skip
    Handoff.objects.create(
        account=second, kind="csm_to_csm", sender=deal.seller.user, signed_at=NOW, accepted_at=NOW
    )
    (found,) = acceptance(NOW)
    assert (found.n, found.accepted, found.share) == (2, 1, 0.5)
    rows = inbox(
        deal.manager, side="all", state="answered", now=NOW, kind="sales_to_cs",
        giver=deal.seller.user_id,
    )  # fmt: skip
    assert rows.count() == found.n and sum(row.returns == 0 for row in rows) == found.accepted


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_write_a_promise_down_once(transactional_db: None, deal: Deal):
    with act_for(deal.tenant.pk):
        install_defaults(author=None, now=NOW)
        handoff = submitted(deal, commitments="Training on site")
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
        assert Commitment.objects.count() == 1
