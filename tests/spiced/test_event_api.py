"""Critical events and recurring impact over the API: the gates and counts of the screens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contact
from bowtie.models import Stay
from spiced.actions.goals import save_rational_goal
from spiced.actions.measurements import measure_goal
from spiced.models import CriticalEvent, Note
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import Call, key_of, refused

pytestmark = pytest.mark.django_db
AUDIT = {"statement": "Audit", "on": "2027-03-31", "consequence": "The board hears of it"}


@pytest.fixture
def call(acme: Tenant) -> Call:
    return key_of(acme)


@pytest.fixture
def globex(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Globex", owner=csm.user)


@pytest.fixture
def priya(acme: Tenant, globex: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(globex, roles=["champion"])


@pytest.fixture
def event(call: Call, globex: Account) -> dict[str, Any]:
    made = call("events/", AUDIT | {"account_id": str(globex.pk)})
    assert made.status_code == 201, made.content
    return dict(made.json())


def test_an_event_is_set_confirmed_moved_closed_and_taken_back(
    call: Call, event: dict[str, Any], priya: Contact
):
    at = f"events/{event['id']}/"
    assert (event["level"], event["status"], event["happens_on"]) == (
        "critical", "open", "2027-03-31",
    )  # fmt: skip
    confirmed = call(f"{at}confirm/", {"contact_id": str(priya.pk)}).json()
    assert (confirmed["level"], confirmed["confirmed_by_id"]) == (
        "critical_confirmed", str(priya.pk),
    )  # fmt: skip
    move = {"on": "2027-04-30", "reason": "The auditor is ill", "seen_moves": 0}
    moved = call(f"{at}move/", move).json()
    assert (moved["times_moved"], moved["level"], moved["on"]) == (1, "critical", "2027-04-30")
    assert refused(call(f"{at}move/", move | {"on": "2027-05-30"}), 409, "event_moved")
    same = {"on": "2027-04-30", "reason": "x", "seen_moves": 1}
    assert refused(call(f"{at}move/", same), 422, "same_date")
    again = call(f"{at}move/", move | {"on": "2027-05-30", "seen_moves": 1}).json()
    assert (again["times_moved"], again["level"]) == (2, "compelling")
    back = call(f"{at}take-back/", {}).json()
    assert (back["times_moved"], back["on"]) == (1, "2027-04-30")
    closed = call(f"{at}close/", {"status": "met", "reason": "Passed"}).json()
    assert closed["status"] == "met"
    for act, body in (
        ("close/", {"status": "met", "reason": "x"}), ("move/", same),
        ("confirm/", {"contact_id": str(priya.pk)}), ("take-back/", {}), ("", {"on": None}),
    ):  # fmt: skip
        assert refused(call(at + act, body), 409, "closed_event")
    assert call(f"{at}reopen/", {}).json()["status"] == "open"
    assert refused(call(f"{at}reopen/", {}), 409, "still_open")


def test_events_are_listed_by_account_status_and_day(
    call: Call, event: dict[str, Any], globex: Account
):
    (row,) = call(f"events/?status=open&account_id={globex.pk}&on_from=2027-03-31").json()["data"]
    assert row["id"] == event["id"]
    for query in ("status=met", "on_before=2027-03-31", f"account_id={make.some_id()}"):
        assert call(f"events/?{query}").json()["data"] == []
    assert call("events/?level=critical").status_code == 422


def test_what_is_left_out_stays_and_a_date_moves_only_by_moving(
    acme: Tenant, call: Call, event: dict[str, Any], priya: Contact
):
    at = f"events/{event['id']}/"
    call(f"{at}confirm/", {"contact_id": str(priya.pk)})
    changed = call(at, {"amount_minor": 25_000_00, "sufferer_id": str(priya.pk)}).json()
    assert (changed["statement"], changed["on"]) == ("Audit", "2027-03-31")
    assert (changed["amount_minor"], changed["confirmed_at"]) == (2500000, None)
    call(f"{at}confirm/", {"contact_id": str(priya.pk)})
    same = call(at, {"amount_minor": 25_000_00, "on": "2027-03-31"}).json()
    assert same["confirmed_at"], "what is the same asks nobody again"
    assert refused(call(at, {"on": "2027-04-01"}), 409, "move_instead")
    assert refused(call(at, {"on": None}), 409, "move_instead")
    assert call(at, {"sufferer_id": None}).json()["sufferer_id"] is None
    with act_for(acme.pk):
        told = TrailEntry.objects.filter(verb="spiced.event_changed")
        assert told.count() == 2 and all(each.key_id for each in told)


def test_the_event_of_the_note_is_changed_in_the_note(
    acme: Tenant, call: Call, csm: Actor, globex: Account, priya: Contact
):
    with act_for(acme.pk):
        make.whole_note(globex, csm, priya)
        pk = CriticalEvent.objects.get(is_in_note=True).pk
    assert refused(call(f"events/{pk}/", {"consequence": "None"}), 409, "in_note")
    move = {"on": "2027-01-15", "reason": "Ill", "seen_moves": 0}
    assert call(f"events/{pk}/move/", move).status_code == 200
    with act_for(acme.pk):
        assert Note.objects.get(is_current=True).version == 2, "the note carries the new date"


def test_what_an_event_lacks_and_who_is_a_stranger_is_said(
    acme: Tenant, call: Call, event: dict[str, Any], globex: Account
):
    of = {"account_id": str(globex.pk)}
    assert refused(call("events/", {"statement": "Audit"} | of), 422, "no_date")
    assert refused(call("events/", AUDIT | {"statement": " ", **of}), 422, "invalid")
    with act_for(acme.pk):
        stranger = str(make.contact(make.account("Initech")).pk)
    at = f"events/{event['id']}/"
    for address, body in (
        ("events/", AUDIT | of | {"sufferer_id": stranger}), (at, {"sufferer_id": stranger}),
        (f"{at}confirm/", {"contact_id": stranger}), ("events/", AUDIT | {"account_id": stranger}),
        (at, {"operator": "!="}), (at, {"amount_minor": -1}), (at, {"is_in_note": True}),
    ):  # fmt: skip
        assert refused(call(address, body), 422, "invalid")
    dated = call("events/", of | {"statement": "Fair", "on": "2027-02-01"}).json()
    assert dated["level"] == "compelling"


def test_a_date_alone_is_not_confirmed_as_critical(call: Call, globex: Account, priya: Contact):
    fair = {"account_id": str(globex.pk), "statement": "Fair", "on": "2027-02-01"}
    made = call("events/", fair).json()
    answer = call(f"events/{made['id']}/confirm/", {"contact_id": str(priya.pk)})
    assert refused(answer, 422, "not_critical")


def test_a_key_that_only_reads_changes_no_event(acme: Tenant, event: dict[str, Any]):
    reader, at = key_of(acme, scopes=["spiced:read"]), f"events/{event['id']}/"
    assert reader(at).status_code == 200
    acts = ("", "confirm/", "move/", "take-back/", "close/", "reopen/")
    for address in ("events/", *(at + act for act in acts)):
        assert reader(address, {}).status_code == 403


def test_the_recurring_rate_is_that_of_the_page(
    acme: Tenant, call: Call, csm: Actor, globex: Account, priya: Contact
):
    today = timezone.localdate()
    long_ago = timezone.now() - timedelta(days=400)
    with act_for(acme.pk):
        quiet = make.account("Initech", segment="scale")
        for each in (globex, quiet):
            Stay.objects.create(
                account=each, stage="first_impact", lifecycle=1, entered_at=long_ago,
                recorded_at=long_ago,
            )  # fmt: skip
        goal = save_rational_goal(
            account=globex, actor=csm, now=long_ago, statement="Faster", measure="Days", unit="d",
            baseline=10, target=5, deadline_on=today,
        )  # fmt: skip
        measure_goal(
            goal=goal, actor=csm, now=timezone.now(), value=5, measured_on=today,
            confirmed_by=priya,
        )  # fmt: skip
    told = call("recurring-impact/").json()
    assert (told["n"], told["delivered"], told["rate"]) == (2, 1, 0.5)
    by_account = {each["account_id"]: each for each in told["accounts"]}
    assert by_account[str(globex.pk)] == {
        "account_id": str(globex.pk), "streak": 1, "is_delivered": True, "is_lapsed": False,
    }  # fmt: skip
    assert by_account[str(quiet.pk)]["streak"] == 0
    assert date.fromisoformat(told["since"]) <= today < date.fromisoformat(told["until"])
    assert call("recurring-impact/?segment=scale").json()["rate"] == 0
    assert call(f"recurring-impact/?owner_id={csm.user_id}").json()["rate"] == 1
    assert call(f"recurring-impact/?owner_id={make.some_id()}").json()["rate"] is None
    assert call("recurring-impact/?quarter=1").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_who_move_an_event_at_once_move_it_once(acme: Tenant):
    with act_for(acme.pk):
        account = make.account("Globex")
    calls = [key_of(acme) for _ in range(3)]
    at = calls[0]("events/", AUDIT | {"account_id": str(account.pk)}).json()["id"]

    def move(told: tuple[str, Call]) -> str:
        on, call = told
        try:
            said = {"on": on, "reason": "Ill", "seen_moves": 0}
            return str(call(f"events/{at}/move/", said).json().get("code", "done"))
        finally:
            connection.close()

    days = ("2027-04-01", "2027-05-01", "2027-06-01")
    with ThreadPoolExecutor(3) as pool:
        found = sorted(pool.map(move, zip(days, calls, strict=True)))
    assert found == ["done", "event_moved", "event_moved"]
    with act_for(acme.pk):
        assert CriticalEvent.objects.get().times_moved == 1
