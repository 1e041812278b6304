"""Thirty-two at once: one effect, the others are told, nobody sees a failure."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection, connections
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Product
from health.actions.night import score_night
from health.forms.models import ModelForm
from health.models import HealthModel, SavedView
from plays.actions.closing import close
from plays.actions.evaluate import evaluate, evaluate_accounts
from plays.actions.tasks import TaskIsClosed, finish_task
from plays.models import Play, Run, Task
from pulse.models import UsageDay
from spiced.models import Note
from tenants import jobs, nights
from tenants.jobs import later, run
from tenants.models import IdempotencyRecord, Job, Membership, Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests.faults.operations import OPERATIONS, begun_task, entered, working_off
from tests.faults.world import World
from tests.plays.conftest import BODY
from tests.plays.test_written import written

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 32


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)


@pytest.fixture
def world() -> World:
    return World("acme")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What calls return, each in a thread with a connection of its own, begun together."""
    start, told = threading.Barrier(len(calls)), [None] * len(calls)

    def one(place: int) -> None:
        connection.ensure_connection()
        start.wait()
        try:
            told[place] = calls[place]()
        except Exception as error:
            told[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return told


def copies(
    client: Client, url: str, said: Callable[[int], Any], *, times: int = MANY, **how: Any
) -> Counter[int]:
    """The statuses of many posts at once; `said(n)` is what the n-th says."""

    def post(n: int) -> Callable[[], int]:
        def call() -> int:
            own = Client(raise_request_exception=False)
            own.cookies, own.defaults = client.cookies.copy(), dict(client.defaults)
            own.headers = client.headers
            return own.post(url, said(n), **how).status_code

        return call

    told = at_once(*(post(n) for n in range(times)))
    assert all(isinstance(status, int) for status in told), told
    assert max(told) < 500, Counter(told)
    return Counter(told)


def json_rows(*rows: Any) -> dict[str, Any]:
    return {"source": "crm", "data": list(rows)}


def inside(world: World) -> Any:
    return act_for(world.tenant.pk)


JSON = {"content_type": "application/json"}
BULK = "/api/v1/accounts/bulk/"


@pytest.mark.case("C7")
def test_one_external_id_from_many_is_one_account(world: World) -> None:
    told = copies(
        world.api, BULK, lambda n: json_rows({"external_id": "X", "name": f"By {n}"}), **JSON
    )
    assert told[200] == MANY
    with inside(world):
        assert Account.objects.filter(external_id="X").count() == 1
        assert Account.objects.get(external_id="X").name.startswith("By ")


@pytest.mark.case("C2")
def test_one_idempotency_key_from_many_takes_effect_once(world: World) -> None:
    rows = json_rows(*({"external_id": f"K{n}", "name": f"Kept {n}"} for n in range(9)))
    told = copies(world.api, BULK, lambda n: rows, headers={"Idempotency-Key": "k"}, **JSON)
    assert set(told) <= {200, 409} and told[200] >= 1
    with inside(world):
        assert IdempotencyRecord.objects.count() == 1
        assert Account.objects.filter(external_id__startswith="K").count() == 9
        made = TrailEntry.objects.filter(verb__startswith="accounts.", facts__name="Kept 3")
        assert made.count() <= 1


@pytest.mark.case("B17")
def test_calls_that_want_the_same_rows_in_other_orders_do_not_deadlock(world: World) -> None:
    rows = [{"external_id": f"D{n}", "name": f"First {n}"} for n in range(40)]
    world.api.post(BULK, json_rows(*rows), **JSON)

    def turned(n: int) -> Any:
        named = [row | {"name": f"By {n}"} for row in rows]
        return json_rows(*(named if n % 2 else reversed(named)))

    assert copies(world.api, BULK, turned, **JSON)[200] == MANY


@pytest.mark.case("H1")
def test_one_note_written_by_many_takes_the_first_and_tells_the_others(world: World) -> None:
    url = world.url(f"accounts/{world.accounts[0].pk}/spiced/S/save/")
    client = world.client(Role.CSM)
    told = copies(client, url, lambda n: {"version": 0, "text": f"Text of {n}"})
    assert (told[302], told[409]) == (1, MANY - 1)
    with inside(world):
        assert Note.objects.get(account=world.accounts[0]).version == 1


@pytest.mark.case("H5")
def test_one_task_finished_by_many_is_finished_once(world: World) -> None:
    url = world.url(f"tasks/{begun_task(world).pk}/done/")
    told = copies(world.client(Role.CSM), url, lambda n: {"version": 1})
    assert (told[302], told[409]) == (1, MANY - 1)
    with inside(world):
        assert TrailEntry.objects.filter(verb="plays.task_done").count() == 1


@pytest.mark.case("G10")
def test_an_invitation_opened_many_times_at_once_admits_one(world: World) -> None:
    call = OPERATIONS["join_as_new"](world)
    url, said = call.args
    told = copies(Client(), url, lambda n: said)
    assert told[302] == 1 and sum(told.values()) == MANY
    address = f"newcomer@{world.tenant.slug}.example.com"
    assert Membership.objects.filter(user__email=address).count() == 1


def test_one_address_wanted_by_many_companies_goes_to_one() -> None:
    def said(n: int) -> Any:
        return {
            **{"company-name": f"Company {n}", "company-slug": "wanted"},
            **{"company-currency": "EUR", "company-time_zone": "Europe/Berlin"},
            **{"you-name": "Founder", "you-email": f"founder.{n}@example.com"},
            "you-password": "correct horse battery staple",
        }

    told = copies(Client(), "/sign-up/", said, times=8)
    assert (told[302], told[422]) == (1, 7)
    assert Tenant.objects.filter(slug="wanted").count() == 1


def test_one_name_of_a_view_wanted_many_times_is_one_view(world: World) -> None:
    url = world.url("accounts/views/new/?on=accounts&band=red")
    told = copies(world.client(Role.CSM), url, lambda n: {"name": "Red ones"})
    assert set(told) <= {302, 204, 409} and told[409] == MANY - 1
    with inside(world):
        assert SavedView.objects.count() == 1


@pytest.mark.parametrize("name", ["save_charter", "publish_model", "accept_handoff"])
def test_one_version_changed_by_many_is_changed_once(world: World, name: str) -> None:
    call = OPERATIONS[name](world)
    url, said = call.args
    told = copies(call.client, url, lambda n: said, times=12)
    # Who comes when a draft is published already finds none: 404.
    assert (told[302], told[409] + told[404]) == (1, 11)


def test_one_key_of_a_play_wanted_many_times_is_one_play(world: World) -> None:
    said = written(BODY) | {"key": "slump", "name": "Slump", "seen_version": 0}
    told = copies(world.client(Role.REVOPS), world.url("plays/new/"), lambda n: said, times=12)
    assert (told[302], told[409]) == (1, 11)


def test_one_model_drafted_by_many_from_one_version_is_drafted_once(world: World) -> None:
    with inside(world):
        newest = HealthModel.objects.get(key="core")
        said = entered(ModelForm(newest.body, initial={"seen_version": newest.version}))
    url = world.url("health/models/core/edit/")
    told = copies(world.client(Role.REVOPS), url, lambda n: said, times=12)
    assert (told[302], told[409]) == (1, 11)


def test_products_and_features_named_by_many_for_the_first_time_are_there_once(
    world: World,
) -> None:
    world.api.post(BULK, json_rows({"external_id": "P", "name": "Has products"}), **JSON)
    term = {"account": "P", "starts_on": "2026-01-01", "arr_minor": 100}

    def contract(n: int) -> Any:
        both = [term | {"external_id": f"C{n}-{key}", "product": key} for key in ("new", "newer")]
        return json_rows(*both[:: 1 - n % 2 * 2])

    assert copies(world.api, "/api/v1/contracts/bulk/", contract, **JSON)[200] == MANY
    use = {"account": "P", "day": "2026-10-01", "feature": "f", "n": 1}
    url = "/api/v1/usage/bulk/"
    told = copies(world.api, url, lambda n: json_rows(use | {"person": f"p{n}"}), **JSON)
    assert told[200] == MANY
    with inside(world):
        assert Product.objects.filter(key__in=["new", "newer"]).count() == 2
        assert UsageDay.objects.get().active_users == MANY


@pytest.mark.case("B16")
def test_a_play_looked_at_by_many_starts_once_on_each_account(world: World) -> None:
    with inside(world):
        later(score_night, key=world.day, now=world.now, day=world.day)
    assert working_off(world, "health.night")() == 200
    ids = {account.pk for account in world.accounts}

    def look() -> None:
        with inside(world):
            evaluate_accounts(account_ids=ids, day=world.local_day, now=world.now)

    def at_night() -> None:
        with inside(world):
            work = jobs.Work(world.tenant.pk, world.tenant.pk, None, world.now)
            while (cursor := evaluate(work, day=world.day)) is not None:
                work.cursor = cursor

    told = at_once(*[look, at_night] * 6)
    assert told == [None] * 12
    with inside(world):
        begun = Run.objects.filter(play_key="sev1_open")
        assert begun.count() == len(ids)
        steps = Task.objects.filter(run__in=begun).values("run", "step").annotate(n=Count("id"))
        assert {one["n"] for one in steps} == {1}


@pytest.mark.case("A16", "B1")
def test_many_clocks_and_workers_queue_and_do_each_night_once(world: World) -> None:
    now = timezone.now()
    assert all(isinstance(n, int) for n in at_once(*[lambda: nights.tick(now)] * 8))
    with inside(world):
        waiting = Job.objects.filter(kind__in=jobs.NIGHTLY)
        assert set(waiting.values_list("key", flat=True)) == {world.day}
        assert waiting.count() == len(jobs.NIGHTLY)
        night = waiting.get(kind="health.night")
    told = at_once(*[lambda: run(world.tenant.pk, night.pk)] * MANY)
    assert Counter(told) == {True: 1, False: MANY - 1}


@pytest.mark.case("B17")
def test_closing_a_run_and_finishing_its_task_take_their_locks_in_one_order(world: World) -> None:
    """Whoever closes runs holds the run and then wants its tasks; a task held first deadlocks."""
    task = begun_task(world)
    actor = world.people[Role.CSM]
    with inside(world):
        begun = Run.objects.select_related("play").get(pk=task.run_id)
        Run.objects.select_for_update().get(pk=begun.pk)
        told: list[Any] = []

        def finish() -> None:
            try:
                with act_for(world.tenant.pk):
                    finish_task(task=task, actor=actor, now=world.now)
            except Exception as error:
                told.append(error)
            finally:
                connections.close_all()

        other = threading.Thread(target=finish)
        other.start()
        while not waits_for_a_lock():
            assert other.is_alive()
        close([begun], state=Run.State.EXPIRED, outcome="no_effect", now=world.now)
    other.join()
    assert [type(error) for error in told] == [TaskIsClosed]
    with inside(world):
        assert Play.objects.get(pk=begun.play_id).key == "sev1_open"
        assert not Task.objects.filter(run=begun, state="open").exists()


def waits_for_a_lock() -> bool:
    """Whether another connection waits for a row that this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid())"
        )
        return bool(cursor.fetchone()[0])
