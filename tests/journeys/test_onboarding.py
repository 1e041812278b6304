"""Onboarding from the accepted handoff to an evidenced First Impact."""

from datetime import timedelta

import pytest

from accounts.models import Contact
from bowtie.actions.departures import TAKEN_BACK
from bowtie.actions.first_impact import revoke_first_impact
from bowtie.actions.moves import move
from bowtie.actions.taking_back import stay_before, take_back
from bowtie.rules.stages import Stage
from journeys.actions.endings import NoEvidence, NoReason, end_onboarding, leave_onboarding
from journeys.actions.heard import follow
from journeys.actions.onboardings import (
    AlreadyOnboarding,
    DateInPast,
    OnboardingOver,
    TemplateNotInForce,
    WrongStage,
    agree_on,
    begin_onboarding,
)
from journeys.actions.plan_tasks import (
    finish_plan_task,
    skip_plan_task,
)
from journeys.actions.templates import (
    save_draft,
)
from journeys.models import PlanTask, Turn
from journeys.queries.onboardings import cases
from spiced.actions.goals import save_emotional_goal
from spiced.actions.measurements import measure_goal
from tenants.models import TrailEntry
from tenants.trail import record
from tests import make
from tests.journeys.onboarded import LATER, Begun, confirm, go_live
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def test_accepting_the_handoff_begins_the_plan_of_the_touch_model(begun: Begun):
    onboarding = begun.onboarding
    assert onboarding.template.key == "low_30"
    assert onboarding.anchor_on == TODAY
    assert onboarding.owner_id == begun.csm.user_id
    assert begun.task("handoff_accepted").state == "done"
    assert begun.queued() == {"Send the welcome, book the kickoff"}
    theirs = begun.task("intake_returned")
    assert theirs.contact is not None and theirs.contact.name == "Priya Raman"
    assert onboarding.planned_on == begun.task("first_impact_confirmed").due_on
    assert TrailEntry.objects.filter(verb="journeys.onboarding_begun").count() == 1


def test_a_second_plan_and_one_from_a_draft_or_for_a_stranger_are_refused(begun: Begun):
    template = begun.onboarding.template
    said = {"template": template, "actor": None, "now": NOW, "anchor_on": TODAY}
    with pytest.raises(AlreadyOnboarding):
        begin_onboarding(account=begun.deal.account, **said)
    prospect = make.account("Prospect", stage="prospect")
    with pytest.raises(WrongStage):
        begin_onboarding(account=prospect, **said)
    live = make.account("Live", stage="live")
    with pytest.raises(DateInPast, match="anchor lies in the past"):
        begin_onboarding(account=live, **said | {"anchor_on": TODAY - timedelta(days=1)})
    draft = save_draft(key="x", name="X", body=template.body, author=None, now=NOW)
    with pytest.raises(TemplateNotInForce):
        begin_onboarding(account=live, **said | {"template": draft})
    assert begin_onboarding(account=live, **said).anchor_on == TODAY


def test_all_tasks_done_but_no_evidence_is_still_onboarding(begun: Begun):
    for task in PlanTask.objects.filter(onboarding=begun.onboarding, state="open").order_by(
        "position"
    ):
        try:
            finish_plan_task(task=task, actor=begun.csm.user, now=LATER)
        except NoEvidence:
            skip_plan_task(task=task, actor=begun.csm.user, now=LATER, reason="Nothing to show")
    assert not PlanTask.objects.filter(onboarding=begun.onboarding, state="open").exists()
    with pytest.raises(NoEvidence, match="not with its tasks"):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.ended_at is None
    begun.deal.account.refresh_from_db()
    assert begun.deal.account.stage == Stage.ONBOARDING


@pytest.mark.parametrize(
    "said",
    [{"evidence": " "}, {"value": 80}, {"by": "end_user"}],
    ids=["no evidence", "a fifth of the way", "no decider"],
)
def test_what_is_no_first_impact_ends_nothing(begun: Begun, said: dict):
    confirm(begun, **said)
    go_live(begun)
    with pytest.raises(NoEvidence):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)


def test_a_measured_result_ends_it_and_leaves_the_transition_to_do(begun: Begun):
    confirm(begun)
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    assert (ended.state, ended.evidence_words) == ("reached", "Ledger export")
    assert begun.task("first_impact_confirmed").state == "done"
    assert begun.task("users_enabled").state == "skipped"
    assert begun.task("transition_reviewed").state == "open"
    assert begun.queued() == {"Review the transition, book the first review"}
    begun.deal.account.refresh_from_db()
    assert begun.deal.account.stage == Stage.FIRST_IMPACT
    with pytest.raises(OnboardingOver):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    begun.finish("transition_reviewed")
    assert begun.queued() == set()


def test_a_quote_ends_it_as_well(begun: Begun):
    account, person = begun.deal.account, Contact.objects.get(account=begun.deal.account)
    goal = save_emotional_goal(
        account=account, actor=begun.csm, now=NOW, statement="Sleep", person=person
    )
    measure_goal(
        goal=goal, actor=begun.csm, now=LATER, value=4, measured_on=LATER.date(),
        evidence="“I went home at five.”", confirmed_by=person,
    )  # fmt: skip
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    assert ended.evidence_words == "“I went home at five.”"


def test_impact_revoked_as_an_error_takes_the_onboarding_up_again(begun: Begun):
    confirm(begun)
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    much_later = LATER + timedelta(days=5)
    begun.deal.account.refresh_from_db()
    revoke_first_impact(
        account=begun.deal.account, actor=begun.csm.user, now=much_later, reason="Wrong export",
        is_lead=True,
    )  # fmt: skip
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=much_later)
    ended.refresh_from_db()
    assert (ended.state, ended.ended_at, ended.evidence_id) == ("open", None, None)
    assert begun.task("first_impact_confirmed").state == "open"
    assert begun.task("users_enabled").state == "open"
    (case,) = cases([ended], much_later)
    assert case.split.whole == much_later - ended.begun_at


def test_it_ends_without_first_impact_only_with_a_reason(begun: Begun):
    said = {"onboarding": begun.onboarding, "actor": begun.csm.user, "now": LATER}
    with pytest.raises(NoReason):
        leave_onboarding(reason=" ", **said)
    assert leave_onboarding(reason="Begun in error", **said).state == "left"
    assert begun.queued() == set()
    assert not Turn.objects.filter(ended_at=None).exists()


def test_an_account_that_leaves_ends_its_onboarding(begun: Begun):
    move(account=begun.deal.account, to_stage=Stage.CHURNED, actor=None, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    begun.onboarding.refresh_from_db()
    assert (begun.onboarding.state, begun.onboarding.reason) == ("left", "The account left")


def test_a_lead_who_overrides_the_gate_ends_nothing_without_evidence(begun: Begun):
    move(
        account=begun.deal.account, to_stage=Stage.FIRST_IMPACT, actor=None, now=LATER,
        override_reason="They said so", is_lead=True,
    )  # fmt: skip
    follow(since=NOW - timedelta(days=1), now=LATER)
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.ended_at is None


def test_another_date_is_agreed_beside_the_one_planned(begun: Begun):
    on = LATER.date() + timedelta(days=80)
    with pytest.raises(DateInPast):
        agree_on(onboarding=begun.onboarding, actor=None, now=LATER, on=TODAY)
    agreed = agree_on(onboarding=begun.onboarding, actor=None, now=LATER, on=on, reason="Audit")
    assert (agreed.agreed_on, agreed.planned_on) == (on, begun.onboarding.planned_on)
    assert agreed.reschedules == 1


def test_an_account_that_is_back_takes_its_onboarding_up_again(begun: Begun):
    account = begun.deal.account
    entry = move(account=account, to_stage=Stage.CHURNED, actor=None, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    was_open = PlanTask.objects.filter(onboarding=begun.onboarding, state="open").count()
    back = LATER + timedelta(days=2)
    before = stay_before(entry)
    assert before is not None
    take_back(entry=entry, before=before, actor=None, now=back, reason="back")
    record(TAKEN_BACK, at=back, account_id=account.pk, stage=["churned", before.stage], reason="")
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=back)
    begun.onboarding.refresh_from_db()
    assert (begun.onboarding.state, begun.onboarding.reason) == ("open", "")
    assert PlanTask.objects.filter(onboarding=begun.onboarding, state="open").count() == was_open
    assert begun.queued()
    entry_again = move(account=account, to_stage=Stage.CHURNED, actor=None, now=back)
    assert entry_again.left_at is None
    follow(since=NOW - timedelta(days=1), now=back + timedelta(hours=1))
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.state == "left"


def test_an_onboarding_somebody_ended_is_not_taken_up_by_a_return(begun: Begun):
    leave_onboarding(onboarding=begun.onboarding, actor=None, now=LATER, reason="Begun in error")
    record(TAKEN_BACK, at=LATER + timedelta(days=1), account_id=begun.deal.account.pk,
           stage=["churned", "live"], reason="")  # fmt: skip
    follow(since=NOW - timedelta(days=1), now=LATER + timedelta(days=1))
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.state == "left"
