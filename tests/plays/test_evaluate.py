"""Plays start once, by what is stored of a day, and say why they did not."""

import copy
from datetime import date, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from accounts.models import Account
from charter.actions import publish as charter_publish
from charter.queries import default_body
from health.models import AccountRow
from health.rules.conditions import leaves, name_of_leaf
from plays.actions.closing import settle
from plays.actions.definitions import install_defaults, publish, retire, save_draft
from plays.actions.evaluate import evaluate, evaluate_changed
from plays.actions.opening import MOST_OPEN
from plays.actions.runs import dismiss_run
from plays.models import Held, Play, Run, Task
from plays.queries.rehearsal import rehearse
from plays.rules.bodies import read
from pulse.models import Activity
from tenants import trail
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Membership, Tenant, TrailEntry
from tenants.roles import Role
from tests import make
from tests.make import NOW, TODAY
from tests.plays.conftest import BODY, put_in_force

DAY = timedelta(days=1)


def night(day: date = TODAY, now: datetime | None = None) -> dict[str, Any]:
    """All chunks of the job on a day, at nine of it unless said."""
    at = now or NOW + (day - TODAY)
    work = Work(make.some_id(), make.some_id(), None, at)
    while (cursor := evaluate(work, day=day.isoformat())) is not None:
        work.cursor = cursor
    return work.statistics


def falls(account: Account, day: date = TODAY, trend: float | None = -0.38, **fields: Any) -> None:
    make.snapshot(account, day, usage_trend=trend, **fields)


def test_a_play_opens_one_run_with_frozen_evidence_and_tasks(account: Account, csm: Actor):
    put_in_force()
    falls(account)
    night()
    run = Run.objects.get()
    assert (run.account, run.episode_on, run.state) == (account, TODAY, Run.State.TRIGGERED)
    assert run.evidence["reason"] == "Usage trend −38%"
    assert run.evidence["facts"][0]["value"] == -0.38
    assert run.first_action_due_at == NOW + DAY  # ten in the morning in Berlin, seven hours left
    first, second = Task.objects.filter(run=run).order_by("step")
    assert (first.title, first.owner, first.is_proactive) == ("Call the champion", csm.user, False)
    assert first.due_at == run.first_action_due_at
    assert second.due_at == NOW + 4 * DAY  # over the weekend
    assert TrailEntry.objects.get(verb="plays.run_opened").account_id == account.pk


def test_twice_is_the_same_as_once(account: Account):
    install_defaults(author=None, now=NOW)
    falls(account, score=40.0, band="red")
    first = night()
    assert first["opened"] > 0
    runs, tasks, held = Run.objects.count(), Task.objects.count(), Held.objects.count()
    assert night()["opened"] == 0
    assert (Run.objects.count(), Task.objects.count(), Held.objects.count()) == (runs, tasks, held)


@pytest.mark.case("E1")
def test_what_is_unknown_starts_nothing(account: Account):
    put_in_force()
    falls(account, trend=None)
    night()
    assert not Run.objects.exists()


@pytest.mark.case("E10")
def test_one_run_per_entry_however_long_it_lasts(account: Account):
    put_in_force(cooldown_days=0, success={"within_days": 1})
    falls(account)
    night()
    later = TODAY + 2 * DAY
    falls(account, TODAY + DAY)
    falls(account, later)
    night(TODAY + DAY)
    assert Run.objects.get().state == Run.State.EXPIRED
    night(later)
    assert Run.objects.count() == 1
    falls(account, later + DAY, trend=0.0)
    falls(account, later + 2 * DAY)
    night(later + DAY)
    night(later + 2 * DAY)
    assert set(Run.objects.values_list("episode_on", flat=True)) == {TODAY, later + 2 * DAY}


def test_the_episode_begins_where_the_condition_did(account: Account):
    falls(account, TODAY - 3 * DAY, trend=0.0)
    for back in (2, 1, 0):
        falls(account, TODAY - back * DAY)
    put_in_force()
    night()
    assert Run.objects.get().episode_on == TODAY - 2 * DAY


@pytest.mark.case("E10")
def test_a_closed_run_rests_until_its_cooldown_is_over(account: Account, csm: Actor):
    put_in_force(cooldown_days=3)
    falls(account)
    night()
    dismiss_run(run=Run.objects.get(), actor=csm, now=NOW, reason="Known migration")
    falls(account, TODAY + DAY, trend=0.0)
    for days in (2, 3, 4):
        falls(account, TODAY + days * DAY)
    night(TODAY + DAY)
    night(TODAY + 2 * DAY)
    night(TODAY + 2 * DAY)
    held = Held.objects.get()
    assert (held.cause, held.day) == ("cooldown", TODAY + 2 * DAY)
    night(TODAY + 3 * DAY)
    night(TODAY + 4 * DAY)
    assert Held.objects.count() == 1
    assert Run.objects.get(closed_at=None).episode_on == TODAY + 2 * DAY


def test_suppression_holds_and_says_by_what(account: Account):
    put_in_force(suppress_if={"field": "band", "op": "=", "value": "red"})
    falls(account, band="red")
    night()
    assert not Run.objects.exists()
    held = Held.objects.get()
    assert (held.cause, held.facts["words"]) == ("suppressed", "health band is red")
    falls(account, TODAY + DAY, band="green")
    night(TODAY + DAY)
    assert Run.objects.get().episode_on == TODAY


def test_a_play_yields_to_one_that_goes_before_it(account: Account):
    put_in_force("first", priority=1)
    put_in_force("second", yields_to=["first"])
    falls(account)
    night()
    assert Run.objects.get().play_key == "first"
    assert Held.objects.get().cause == "other_play"


def test_opportunities_wait_while_a_person_has_too_much_open(account: Account, csm: Actor):
    put_in_force("risk", priority=1)
    put_in_force("chance", priority=4)
    for at in range(MOST_OPEN):
        falls(make.account(f"Account {at}", owner=csm.user))
    night()
    assert Run.objects.filter(play_key="risk").count() == MOST_OPEN
    assert set(Held.objects.values_list("play_key", "cause")) == {("chance", "capacity")}


def test_success_is_seen_on_a_later_day_and_drops_what_is_left(account: Account):
    put_in_force()
    falls(account)
    night()
    falls(account, TODAY + DAY, trend=-0.05)
    night(TODAY + DAY)
    run = Run.objects.get()
    assert (run.state, run.outcome) == (Run.State.COMPLETED, "success")
    assert set(Task.objects.values_list("state", flat=True)) == {Task.State.DROPPED}


def test_a_missed_first_action_is_recorded_once_at_its_moment(account: Account):
    put_in_force()
    falls(account)
    night()
    for hours in (30, 40):
        settle(day=TODAY + DAY, now=NOW + timedelta(hours=hours))
    run = Run.objects.get()
    assert run.breached_at == run.first_action_due_at
    assert TrailEntry.objects.filter(verb="plays.first_action_late").count() == 1


def test_a_logged_contact_is_the_first_action(account: Account):
    put_in_force()
    falls(account)
    night()
    Activity.objects.create(
        account=account, external_id="a", kind="call", at=NOW + timedelta(hours=2), recorded_at=NOW
    )
    settle(day=TODAY, now=NOW + timedelta(hours=30))
    run = Run.objects.get()
    assert (run.first_action_at, run.state) == (NOW + timedelta(hours=2), Run.State.IN_PROGRESS)
    assert run.breached_at is None


def test_news_of_an_account_starts_plays_on_it_alone(account: Account):
    put_in_force()
    other = make.account("Other")
    falls(account)
    falls(other)
    trail.record("test.happened", at=NOW, account_id=account.pk)
    evaluate_changed(since=NOW - DAY, now=NOW)
    evaluate_changed(since=NOW - DAY, now=NOW)
    assert Run.objects.get().account == account


def test_lists_learn_the_next_step(account: Account):
    AccountRow.objects.create(account=account, name="Northwind", name_norm="n", stage="live")
    put_in_force()
    falls(account)
    night()
    row = AccountRow.objects.get()
    assert (row.next_step, row.open_plays) == ("Call the champion", 1)


@pytest.mark.case("E13")
def test_steps_go_to_the_person_of_their_role(account: Account, acme: Tenant, csm: Actor):
    lead = make.member(acme, Role.MANAGER)
    seller = make.member(acme, Role.SALES, team="West")
    account.seller = seller.user
    account.save()
    step = BODY["steps"][0]
    owners = ["csm", "cs_lead", "am", "finance"]
    put_in_force(steps=[step | {"owner": owner} for owner in owners])
    falls(account)
    night()
    found = [task.owner for task in Task.objects.order_by("step")]
    assert found == [csm.user, lead.user, seller.user, csm.user]


def test_steps_go_to_the_seller_until_a_csm_is_named(account: Account, acme: Tenant):
    seller = make.member(acme, Role.SALES, team="West")
    account.owner, account.seller = None, seller.user
    account.save()
    put_in_force(steps=[BODY["steps"][0] | {"owner": owner} for owner in ("csm", "support")])
    falls(account)
    night()
    assert [task.owner for task in Task.objects.all()] == [seller.user, seller.user]


def test_steps_are_anybodys_once_the_csm_left(account: Account, acme: Tenant, csm: Actor):
    account.seller = make.member(acme, Role.SALES, team="West").user
    account.save()
    Membership.objects.filter(user=csm.user).update(ended_at=NOW - DAY)
    put_in_force(steps=[BODY["steps"][0] | {"owner": "csm"}])
    falls(account)
    night()
    assert Task.objects.get().owner is None


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow_with_the_accounts(
    inside: Tenant, csm: Actor, count: int, django_assert_max_num_queries: Any
):
    put_in_force()
    for at in range(count):
        falls(make.account(f"Account {at}", owner=csm.user))
    with django_assert_max_num_queries(45):
        night()
    assert Run.objects.count() == count


def test_defaults_are_installed_once(inside: Tenant):
    made = install_defaults(author=None, now=NOW)
    assert len(made) >= 12
    assert install_defaults(author=None, now=NOW) == []
    assert Play.objects.filter(state=Play.State.PUBLISHED).count() == len(made)


def test_the_words_of_every_default_can_be_filled(inside: Tenant):
    """Names in `because` are read by the trigger, or a run could never tell them."""
    install_defaults(author=None, now=NOW)
    for play in Play.objects.all():
        body = read(play.body)
        names = {name for _, name, _, _ in Formatter().parse(body.because) if name}
        read_by_it = {name_of_leaf(leaf) for leaf in leaves(body.trigger)}
        assert names <= read_by_it, play.key


@pytest.mark.case("E11")
def test_a_run_keeps_the_version_it_started_with(account: Account):
    first = put_in_force()
    falls(account)
    night()
    changed = BODY | {"steps": [BODY["steps"][0] | {"title": "Write to the sponsor"}]}
    draft = save_draft(
        key=first.key, name="New", body=changed, author=None, now=NOW, seen_version=1
    )
    publish(play=draft, author=None, now=NOW)
    falls(account, TODAY + DAY)
    night(TODAY + DAY)
    run = Run.objects.get()
    assert run.play_id == first.pk
    assert set(Task.objects.values_list("title", flat=True)) == {
        "Call the champion",
        "Agree the way back",
    }


@pytest.mark.case("E12")
def test_a_play_switched_off_leaves_its_tasks_and_starts_no_more(account: Account):
    play = put_in_force(cooldown_days=0)
    falls(account)
    night()
    retire(key=play.key, author=None, now=NOW)
    other = make.account("Initech", owner=account.owner, stage="live")
    falls(account, TODAY + DAY)
    falls(other, TODAY + DAY)
    night(TODAY + DAY)
    assert Run.objects.get().account == account
    assert list(Task.objects.values_list("state", flat=True)) == ["open", "open"]


@pytest.mark.case("E7", "E8")
def test_a_rehearsal_counts_what_a_play_would_start_before_it_does(inside: Tenant):
    names = [f"A{n}" for n in range(6)]
    for name in names:
        account = make.account(name, stage="live")
        falls(account, TODAY - DAY, trend=0.1)
        falls(account)
    always, never = read(BODY), read(BODY | {"when": BODY["when"] | {"value": -0.9}})
    all_of_them, none = (rehearse(body, TODAY, inside) for body in (always, never))
    assert (len(all_of_them.starts), all_of_them.accounts) == (6, 6)
    assert (none.starts, none.per_week) == ([], 0)
    assert not Run.objects.exists(), "nothing was started by looking"


def test_a_play_follows_what_the_charter_calls_qualified(account: Account):
    install_defaults(author=None, now=NOW)
    for back in range(60):
        day = TODAY - timedelta(days=back)
        make.snapshot(account, day, stage="max_impact", band="green", seat_utilisation=0.9)
    body = copy.deepcopy(default_body("definitions"))
    for each in body["definitions"]:
        if each["key"] == "qualified_expansion":
            each["condition"] = {"measure": "seat_utilisation", "op": ">", "value": 0.95}
    charter_publish(kind="definitions", body=body, note="", seen_version=1, author=make.user(),
                    now=NOW)  # fmt: skip
    night()
    assert not Run.objects.filter(play_key="seat_limit").exists()
    assert Held.objects.filter(play_key="seat_limit", cause="suppressed").exists()
    body["definitions"][-1]["condition"] = {"measure": "seat_utilisation", "op": ">", "value": 0.8}
    charter_publish(kind="definitions", body=body, note="", seen_version=2, author=make.user(),
                    now=NOW)  # fmt: skip
    night()
    assert Run.objects.filter(play_key="seat_limit").exists()
