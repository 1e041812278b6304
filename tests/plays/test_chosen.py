"""Tasks and plays for many accounts at once: whom they reach, why not, once, and taken back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

import charter.actions
import plays.actions.definitions
from accounts.actions.ownership import NothingToUndo
from accounts.models import Account
from health.models import AccountRow
from plays.actions.chosen_plays import start_chosen, undo_start
from plays.actions.chosen_tasks import MOST, TooMany, add_tasks, undo_tasks
from plays.actions.runs import PlayIsOff, RunIsClosed, dismiss_run
from plays.actions.tasks import (
    NoMember,
    NoTitle,
    TaskIsClosed,
    drop_task,
    finish_task,
    reopen_task,
    snooze_task,
)
from plays.models import Play, Run, Task
from tenants.actor import Actor
from tenants.ids import uuid7
from tenants.models import Membership, Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
HX = {"HX-Request": "true"}
URL = "/acme/accounts/chosen/"


@pytest.fixture
def book(acme: Tenant, csm: Actor) -> list[Account]:
    """Three accounts of the CSM, one of another team, one of nobody; the playbook is in force."""
    far = make.member(acme, Role.CSM, "Far Away", team="APAC")
    with act_for(acme.pk):
        now = timezone.now()
        charter.actions.install_defaults(author=None, now=now)
        plays.actions.definitions.install_defaults(author=None, now=now)
        made = [make.account(name, owner=csm.user) for name in ("Alder", "Birch", "Cedar")]
        made += [make.account("Dogwood", owner=far.user), make.account("Elm")]
        for account in made:
            make.row(account)
    return made


@pytest.fixture
def manager(acme: Tenant) -> Actor:
    return make.member(acme, Role.MANAGER, "Mia Lund", team="EMEA")


def ids(accounts: list[Account]) -> list[UUID]:
    return [account.pk for account in accounts]


def play(key: str = "") -> Play:
    """A play in force that rests after it ran."""
    published = Play.objects.filter(state=Play.State.PUBLISHED)
    found = published.filter(key=key) if key else published.filter(body__cooldown_days__gt=0)
    return found.order_by("key")[0]


def add(accounts: list[Account], actor: Actor, **given: Any) -> Any:
    plain = {"owner": None, "title": "Invite to the summit", "batch": uuid7(), "actor": actor}
    return add_tasks(account_ids=ids(accounts), **plain | {"now": timezone.now()} | given)


def begin(accounts: list[Account], actor: Actor, **given: Any) -> Any:
    plain = {"play": play(), "batch": uuid7(), "actor": actor, "now": timezone.now()}
    return start_chosen(account_ids=ids(accounts), **plain | given)


def test_a_task_goes_to_whoever_owns_each_and_the_others_are_named(
    book: list[Account], manager: Actor, csm: Actor, acme: Tenant
):
    with act_for(acme.pk):
        done = add(book, manager)
        assert done.account_ids == sorted(ids(book[:3]))
        assert done.refused == {"nobody owns it": ["Elm"], "not yours to work on": ["Dogwood"]}
        assert {task.owner_id for task in Task.objects.all()} == {csm.user_id}
        assert Task.objects.count() == 3
        assert TrailEntry.objects.filter(verb="plays.task_added").count() == 3
        assert AccountRow.objects.get(account=book[0]).next_step == "Invite to the summit"
        person = add(book, manager, owner=manager.user)
        assert person.refused == {"not yours to work on": ["Dogwood"]}


def test_an_owner_who_left_owns_nothing(
    book: list[Account], manager: Actor, csm: Actor, acme: Tenant
):
    Membership.objects.filter(user=csm.user).update(ended_at=timezone.now())
    with act_for(acme.pk):
        assert add(book[:1], manager).refused == {"nobody owns it": ["Alder"]}
        with pytest.raises(NoMember):
            add(book[:1], manager, owner=csm.user)


def test_the_same_batch_adds_once_and_answers_alike(
    book: list[Account], manager: Actor, acme: Tenant
):
    with act_for(acme.pk):
        batch = uuid7()
        assert add(book, manager, batch=batch) == add(book, manager, batch=batch)
        assert Task.objects.count() == 3


def test_undo_drops_what_nobody_touched(book: list[Account], manager: Actor, acme: Tenant):
    now = timezone.now()
    with act_for(acme.pk):
        batch = uuid7()
        add(book[:3], manager, batch=batch)
        finish_task(task=Task.objects.get(account=book[0]), actor=manager, now=now)
        snooze_task(
            task=Task.objects.get(account=book[1]), actor=manager, now=now,
            until=now + timedelta(days=1),
        )  # fmt: skip
        stranger = make.member(acme, Role.MANAGER)
        with pytest.raises(NothingToUndo):
            undo_tasks(batch=batch, actor=stranger, now=now)
        assert undo_tasks(batch=batch, actor=manager, now=now) == 1
        assert Task.objects.get(account=book[2]).state == "dropped"
        with pytest.raises(NothingToUndo):
            undo_tasks(batch=batch, actor=manager, now=now)


def test_what_cannot_be_is_refused(book: list[Account], manager: Actor, acme: Tenant):
    with act_for(acme.pk):
        with pytest.raises(NoTitle):
            add(book, manager, title=" ")
        many = [uuid7() for _ in range(MOST + 1)]
        with pytest.raises(TooMany):
            add_tasks(
                account_ids=many, owner=None, title="X", batch=uuid7(), actor=manager,
                now=timezone.now(),
            )  # fmt: skip
        off = play()
        Play.objects.filter(pk=off.pk).update(state=Play.State.RETIRED)
        with pytest.raises(PlayIsOff):
            begin(book, manager, play=off)


def test_a_play_starts_where_nothing_holds_it_back(
    book: list[Account], manager: Actor, acme: Tenant
):
    now = timezone.now()
    with act_for(acme.pk):
        begin(book[:2], manager)
        resting = Run.objects.get(account=book[0])
        Run.objects.filter(pk=resting.pk).update(
            closed_at=now, state=Run.State.COMPLETED,
            episode_on=resting.episode_on - timedelta(days=3),
        )  # fmt: skip
        gone = make.account("Gone", archived_at=now)
        done = begin([*book, gone], manager)
        until = now + timedelta(days=play().body["cooldown_days"])
        assert done.account_ids == [book[2].pk]
        assert done.refused == {
            f"rests until {until:%Y-%m-%d}": ["Alder"],
            "it is running there already": ["Birch"],
            "not yours to work on": ["Dogwood"],
            "nobody owns it": ["Elm"],
            "archived or gone": ["Gone"],
        }
        run = Run.objects.get(account=book[2])
        assert run.evidence["reason"] == "Started by Mia Lund"
        assert run.evidence["started_by"] == str(manager.user_id)
        assert Task.objects.filter(run=run).count() == len(play().body["steps"])
        assert AccountRow.objects.get(account=book[2]).open_plays == 1


def test_what_ran_today_starts_no_second_time(book: list[Account], manager: Actor, acme: Tenant):
    with act_for(acme.pk):
        begin(book[:1], manager)
        Run.objects.update(closed_at=timezone.now(), state=Run.State.COMPLETED)
        assert begin(book[:1], manager).refused == {"it ran there today already": ["Alder"]}


def test_the_same_batch_starts_once_and_answers_alike(
    book: list[Account], manager: Actor, acme: Tenant
):
    with act_for(acme.pk):
        batch = uuid7()
        assert begin(book, manager, batch=batch) == begin(book, manager, batch=batch)
        assert Run.objects.count() == 3


def test_undo_takes_back_what_nobody_acted_on_and_leaves_no_rest(
    book: list[Account], manager: Actor, acme: Tenant
):
    now = timezone.now()
    with act_for(acme.pk):
        batch = uuid7()
        begin(book[:2], manager, batch=batch)
        finish_task(task=Task.objects.filter(run__account=book[0])[0], actor=manager, now=now)
        assert undo_start(batch=batch, actor=manager, now=now) == 1
        assert [run.account_id for run in Run.objects.all()] == [book[0].pk]
        assert not Task.objects.filter(account=book[1]).exists()
        assert AccountRow.objects.get(account=book[1]).open_plays == 0
        with pytest.raises(NothingToUndo):
            undo_start(batch=batch, actor=manager, now=now)
        assert begin(book[1:2], manager).account_ids == [book[1].pk]


def sent(**given: Any) -> dict[str, Any]:
    return {"title": "Invite", "kind": "task", "minutes": "20", "batch": str(uuid7())} | given


def test_the_dialog_asks_and_the_answer_is_a_toast_with_undo(
    book: list[Account], csm: Actor, sign_in: SignIn, acme: Tenant
):
    client, chosen = sign_in(csm), {"id": [str(pk) for pk in ids(book[:2])]}
    asked = client.post(f"{URL}tasks/?on=accounts", chosen, headers=HX)
    assert asked.status_code == 200
    assert "Add a task to 2 accounts" in asked.text and 'name="batch"' in asked.text
    given = sent(**chosen)
    answers = [client.post(f"{URL}tasks/?on=accounts", given, headers=HX) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert "Task added to 2 accounts" in answers[1]["HX-Trigger"]
    with act_for(acme.pk):
        assert Task.objects.count() == 2
    undo = f"{URL}tasks/{given['batch']}/undo/"
    assert undo in answers[0]["HX-Trigger"]
    assert "2 tasks taken back" in client.post(undo, headers=HX)["HX-Trigger"]
    assert client.post(undo, headers=HX).status_code == 409
    assert client.get(undo).status_code == 405


def test_a_play_for_chosen_accounts_says_whom_it_left_out(
    book: list[Account], csm: Actor, sign_in: SignIn, acme: Tenant
):
    client, chosen = sign_in(csm), {"id": [str(pk) for pk in ids([*book[:2], book[3]])]}
    assert "Start a play on 3 accounts" in client.post(f"{URL}play/", chosen, headers=HX).text
    with act_for(acme.pk):
        found = play()
    given = {"play": str(found.pk), "batch": str(uuid7())}
    answer = client.post(f"{URL}play/", chosen | given, headers=HX)
    assert answer.status_code == 200
    assert "Not yours to work on: 1 account" in answer.text and "Dogwood" in answer.text
    assert "started on 2 accounts" in answer["HX-Trigger"]
    undone = client.post(f"{URL}play/{given['batch']}/undo/", headers=HX)
    assert "2 plays taken back" in undone["HX-Trigger"]
    none = chosen | given | {"id": str(book[3].pk)}
    assert client.post(f"{URL}play/", none, headers=HX).status_code == 409
    assert "Nothing was done: 1 left out" in client.post(f"{URL}play/", none).text


def test_all_that_match_are_all_that_were_seen(
    book: list[Account], csm: Actor, sign_in: SignIn, acme: Tenant
):
    client = sign_in(csm)
    given = sent(all="1", n="2")
    moved = client.post(f"{URL}tasks/?on=accounts", given, headers=HX)
    assert moved.status_code == 409 and "it is 3 accounts now" in moved.text
    with act_for(acme.pk):
        assert not Task.objects.exists()
    assert (
        client.post(f"{URL}tasks/?on=accounts", given | {"n": "3"}, headers=HX).status_code == 204
    )
    with act_for(acme.pk):
        found = play()
    given = {"play": str(found.pk), "batch": str(uuid7()), "all": "1", "n": "9"}
    assert client.post(f"{URL}play/?on=accounts", given, headers=HX).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"minutes": "0"}, {"due_on": "soon"}, {"id": "x"}, {"owner": "x"}]
)
def test_a_bad_answer_comes_back_with_the_dialog(
    book: list[Account], csm: Actor, sign_in: SignIn, acme: Tenant, wrong: dict[str, str]
):
    given = sent(id=str(book[0].pk)) | wrong
    answer = sign_in(csm).post(f"{URL}tasks/", given, headers=HX)
    assert answer.status_code == 422 and given["batch"] in answer.text
    with act_for(acme.pk):
        assert not Task.objects.exists()


def test_the_bar_offers_what_a_role_may_do(
    book: list[Account], cast: dict[Role, Actor], sign_in: SignIn
):
    page = sign_in(cast[Role.SALES]).get("/acme/accounts/?owner=all").text
    assert f'formaction="{URL}play/' in page and f'formaction="{URL}tasks/' in page
    assert 'value="tag"' not in page
    assert "data-bulk " not in sign_in(cast[Role.EXECUTIVE]).get("/acme/accounts/?owner=all").text
    for part in ("tasks/", "play/"):
        assert sign_in(cast[Role.EXECUTIVE]).post(URL + part).status_code == 403


def test_a_batch_that_is_there_is_not_added_to(book: list[Account], manager: Actor, acme: Tenant):
    with act_for(acme.pk):
        batch = uuid7()
        begin(book[:1], manager, batch=batch)
        assert begin(book[:2], manager, batch=batch).account_ids == [book[0].pk]
        add(book[:1], manager, batch=batch)
        assert add(book[:2], manager, batch=batch).account_ids == [book[0].pk]
        assert (Run.objects.count(), Task.objects.filter(run=None).count()) == (1, 1)


def test_what_was_taken_back_meanwhile_is_refused_plainly(
    book: list[Account], manager: Actor, acme: Tenant
):
    now, batch = timezone.now(), uuid7()
    with act_for(acme.pk):
        begin(book[:1], manager, batch=batch)
        run, task = Run.objects.get(), Task.objects.first()
        undo_start(batch=batch, actor=manager, now=now)
        assert task is not None
        for act in (finish_task, reopen_task, drop_task):
            with pytest.raises(TaskIsClosed, match="taken back"):
                act(task=task, actor=manager, now=now)
        with pytest.raises(RunIsClosed):
            dismiss_run(run=run, actor=manager, now=now, reason="No need")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [add, begin])
def test_the_same_request_sent_twice_at_once_does_its_work_once(
    book: list[Account], manager: Actor, acme: Tenant, act: Callable[..., Any]
):
    batch, together = uuid7(), threading.Barrier(2)

    def send() -> Any:
        try:
            with act_for(acme.pk):
                together.wait(10)
                return act(book[:3], manager, batch=batch)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(send) for _ in range(2))
        assert first.result() == second.result()
    with act_for(acme.pk):
        made = Task.objects.filter(run=None) if act is add else Run.objects.all()
        assert made.count() == 3
