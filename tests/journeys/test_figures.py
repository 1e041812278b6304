"""Figures of onboarding equal a count by hand, and each opens to its accounts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Account
from bowtie.models import Stay
from health.actions.snapshots import score_days
from health.models import Snapshot
from health.rules.catalogue import MEASURES
from journeys.actions.asks import ask_all
from journeys.actions.endings import leave_onboarding
from journeys.actions.onboardings import agree_on
from journeys.actions.templates import install_defaults
from journeys.models import Handoff, Onboarding, PlanTask
from journeys.queries.figures import lives
from journeys.queries.templates import template_for
from journeys.rules.figures import Figure, Life, figures, is_due
from plays.models import Task
from pulse.models import Activity, SurveyAnswer, UsageDay
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make
from tests.journeys.onboarded import Begun
from tests.make import NOW, TODAY


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def at(days: int) -> datetime:
    return NOW - timedelta(days=days)


def life(name: str, committed: int, reached: int | None = None, lifecycle: int = 1) -> Account:
    """An account that committed and reached First Impact so many days ago."""
    account = Account.objects.filter(name=name).first() or make.account(name)
    steps = [("committed", committed), *([("first_impact", reached)] if reached else [])]
    for stage, days in steps:
        Stay.objects.filter(account=account, left_at=None).update(left_at=at(days))
        Stay.objects.create(account=account, stage=stage, lifecycle=lifecycle,
                            entered_at=at(days), recorded_at=at(days))  # fmt: skip
    return account


def used(account: Account, days: int, actions: int = 5) -> None:
    UsageDay.objects.create(
        account=account, day=ago(days), actions=actions, active_users=1, recorded_at=NOW
    )


def kickoff(account: Account, days: int) -> None:
    Activity.objects.create(account=account, external_id=f"{account}{days}", kind="kickoff",
                            at=at(days), recorded_at=at(days))  # fmt: skip


def rated(account: Account, days: int, score: int, kind: str = "csat") -> None:
    SurveyAnswer.objects.create(
        account=account, external_id=f"{account}{days}", kind=kind, score=score,
        answered_at=at(days), recorded_at=at(days),
    )  # fmt: skip


def told() -> dict[str, Figure]:
    return {each.key: each for each in figures(lives(ago(365), NOW), TODAY)}


def names(figure: Figure) -> set[str]:
    return {each.name for each in figure.lives}


def test_the_figures_of_four_accounts(inside: Tenant):
    swift, slow = life("Swift", 100, 40), life("Slow", 200, 80)
    open_, fresh = life("Open", 50), life("Fresh", 3)
    used(swift, 101), used(swift, 90), used(slow, 180, actions=0), used(slow, 150)
    used(open_, 45)
    kickoff(swift, 95), kickoff(slow, 190)
    rated(swift, 60, 2), rated(swift, 41, 5), rated(swift, 5, 1), rated(slow, 90, 3)
    rated(open_, 10, 4, kind="ces")
    found = told()
    assert [(each.account_id, each.to_value) for each in lives(ago(365), NOW)] == [
        (fresh.pk, None), (open_.pk, 5), (swift.pk, 10), (slow.pk, 50),
    ]  # fmt: skip
    assert (found["value"].days, found["value"].n) == (10, 3)
    assert (found["impact"].days, found["impact"].n) == (90, 2)  # 60 and 120
    assert (found["gap"].days, found["gap"].n) == (60, 2)  # 50 and 70
    assert names(found["unseen"]) == {"Open"}
    assert (found["kickoff"].met, names(found["kickoff"])) == (1, {"Swift", "Slow", "Open"})
    assert (found["csat"].met, names(found["csat"])) == (1, {"Swift", "Slow"})
    assert found["on_time"].n == 0 and found["on_time"].share is None


def test_a_win_back_is_a_life_of_its_own(inside: Tenant):
    account = life("Back", 300, 250)
    used(account, 290), kickoff(account, 298)
    life("Back", 30, lifecycle=2)
    used(account, 20)
    second, first = lives(ago(365), NOW)
    assert (first.to_value, first.to_impact, first.kickoff_on) == (10, 50, ago(298))
    assert (second.to_value, second.to_impact, second.kickoff_on) == (10, None, None)


def test_first_impact_by_a_leads_word_alone_is_none(inside: Tenant):
    life("Word", 100, 40)
    Stay.objects.filter(stage="first_impact").update(override_reason="They said so")
    (found,) = lives(ago(365), NOW)
    assert found.reached_on is None and found.to_impact is None


def test_imported_and_revoked_entries_are_left_out(inside: Tenant):
    life("Imported", 100)
    Stay.objects.update(is_imported=True)
    life("Error", 90)
    Stay.objects.filter(account__name="Error").update(revoked_at=at(1))
    assert lives(ago(365), NOW) == []


@pytest.mark.parametrize(
    ("reached", "agreed", "is_judged"),
    [(None, None, False), (None, 0, False), (None, 1, True), (5, -9, True), (5, 9, True)],
)
def test_a_promise_is_judged_once_kept_or_past(
    reached: int | None, agreed: int | None, is_judged: bool
):
    found = Life(
        1, "A", ago(100), ago(100),
        reached_on=None if reached is None else ago(reached),
        agreed_on=None if agreed is None else ago(agreed),
    )  # fmt: skip
    assert is_due(found, TODAY) is is_judged


def test_on_time_is_by_the_day_agreed(begun: Begun):
    Stay.objects.update(is_imported=False)
    found = {each.key: each for each in figures(lives(ago(365), NOW), TODAY)}
    assert found["on_time"].n == 0
    later = begun.onboarding.agreed_on + timedelta(days=1)
    found = {each.key: each for each in figures(lives(ago(365), NOW), later)}
    assert (found["on_time"].n, found["on_time"].met) == (1, 0)


def test_the_page_shows_each_figure_and_opens_it(acme: Tenant, csm: Actor, sign_in):
    with act_for(acme.pk):
        account = life("Swift", 100, 40)
        used(account, 90)
    maya = sign_in(csm)
    page = maya.get("/acme/onboarding/report/").text
    assert "Time to first value" in page
    for key in ("value", "impact", "gap", "unseen", "on_time", "kickoff", "csat"):
        answer = maya.get(f"/acme/onboarding/report/?figure={key}")
        assert answer.status_code == 200
        assert ("Swift" in answer.text) is (key in ("value", "impact", "gap", "kickoff"))
    assert maya.get("/acme/onboarding/report/?figure=x").status_code == 404


def night(now: datetime) -> None:
    work = Work(tenant_id=make.some_id(), job_id=make.some_id(), cursor=None, now=now)
    assert ask_all(work, day=now.date().isoformat()) is None


RESET = "Have executives of both sides reset the onboarding"


def resets() -> list[str]:
    return list(Task.objects.filter(title=RESET).order_by("pk").values_list("state", flat=True))


def test_an_overrun_asks_for_a_reset_once_for_each_day_agreed(begun: Begun):
    window = (begun.onboarding.agreed_on - begun.onboarding.anchor_on).days
    last = datetime.combine(
        begun.onboarding.anchor_on + timedelta(days=int(window * 1.2)), NOW.time(), UTC
    )
    night(last)
    assert resets() == []
    over = last + timedelta(days=1)
    for _ in range(3):
        night(over)
    assert resets() == ["open"]
    (task,) = Task.objects.filter(title=RESET)
    assert task.owner_id == begun.csm.user_id and task.due_at is not None
    agree_on(onboarding=begun.onboarding, actor=None, now=over, on=over.date() + timedelta(days=60))
    night(over)
    assert resets() == ["done"]
    night(over + timedelta(days=200))
    assert resets() == ["done", "open"]
    begun.onboarding.refresh_from_db()
    leave_onboarding(
        onboarding=begun.onboarding, actor=None, now=over + timedelta(days=201), reason="Left"
    )
    assert resets() == ["done", "dropped"]


def test_the_pace_to_go_live_is_judged_by_the_accounts_own_plan(inside: Tenant, csm):
    account = make.account(stage="onboarding", touch_model="mid", customer_since=ago(300))
    Stay.objects.create(account=account, stage="committed", entered_at=at(84), recorded_at=at(84))

    def pace() -> float | None:
        Snapshot.objects.filter(account=account).delete()
        score_days(days=[TODAY], now=NOW)
        snapshot = Snapshot.objects.get(account=account, day=TODAY)
        return snapshot.values[MEASURES["onboarding_pace"].slot - 1]

    assert pace() == 42 / 84  # by the standard template
    install_defaults(author=None, now=NOW)
    plan = Onboarding.objects.create(
        account=account, template=template_for("mid"), anchor_on=ago(84), planned_on=ago(1),
        agreed_on=ago(1), begun_at=at(80),
    )  # fmt: skip
    fields = {"onboarding": plan, "label": "Go live", "side": "us", "role": "csm", "is_gate": True}
    for position, (key, days) in enumerate([("go_live_signed", 63), ("hypercare_closed", 80)]):
        due = ago(84) + timedelta(days=days)
        PlanTask.objects.create(key=key, position=position, phase="go_live", starts_on=ago(84),
                                due_on=due, first_due_on=due, **fields)  # fmt: skip
    assert pace() == 63 / 84
    Onboarding.objects.update(state="left", ended_at=at(1))
    assert pace() == 63 / 84, "the plan it had still counts"


def test_what_was_told_of_another_handoff_is_no_kickoff(inside: Tenant):
    account = life("Swift", 100)
    Handoff.objects.create(account=account, steps={"first_contact": at(99).isoformat()},
                           signed_at=at(100))  # fmt: skip
    assert lives(ago(365), NOW)[0].kickoff_on is None
