"""What clients read back and work on: SPICED notes, health, tasks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from csom.provision import INSTALLERS
from health.models import HealthModel
from health.rules.catalogue import MEASURES
from plays.models import Task
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]


@pytest.fixture
def globex(acme: Tenant) -> str:
    with act_for(acme.pk):
        return str(make.account("Globex").pk)


def spiced(of: str) -> str:
    return f"/api/v1/accounts/{of}/spiced/"


def test_an_account_without_a_note_has_five_missing_parts(call: Call, globex: str):
    body = call(spiced(globex)).json()
    assert (body["version"], body["index"]) == (0, 0)
    assert {part["state"] for part in body["parts"].values()} == {"missing"}
    assert list(body["parts"]) == ["S", "P", "I", "CE", "D"]


def test_a_note_is_saved_and_the_same_again_makes_no_version(call: Call, globex: str):
    said = {"seen_version": 0, "parts": {"P": {"text": "Late", "frequency": "weekly"}}}
    saved = call(spiced(globex), said)
    assert saved.status_code == 200, saved.content
    pain = saved.json()["parts"]["P"]
    assert (saved.json()["version"], pain["state"]) == (1, "partial")
    assert pain["values"]["text"] == "Late" and "annual_cost" in pain["gaps"]
    assert call(spiced(globex), said | {"seen_version": 1}).json()["version"] == 1
    assert call(spiced(globex)).json() == saved.json()


@pytest.mark.case("C22", "H1")
def test_a_field_that_changed_meanwhile_is_stale(call: Call, globex: str):
    call(spiced(globex), {"seen_version": 0, "parts": {"S": {"text": "Three entities"}}})
    stale = call(spiced(globex), {"seen_version": 0, "parts": {"S": {"text": "Four"}}})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_note")
    assert (stale.json()["version"], stale.json()["clashes"]) == (1, ["S.text"])
    other = call(spiced(globex), {"seen_version": 0, "parts": {"P": {"text": "Late"}}})
    assert other.status_code == 200 and other.json()["version"] == 2
    both = call(spiced(globex), {"seen_version": 0, "parts": {"P": {"text": "Lost"}}}).json()
    assert {pain["text"] for pain in both["parts"]["P"]["values"]["pains"]} == {"Late", "Lost"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"parts": {}}, "seen_version"),
        ({"seen_version": 0}, "parts"),
        ({"seen_version": 0, "parts": {}, "touchpoint": "set aside"}, "touchpoint"),
        ({"seen_version": 0, "parts": {"X": {}}}, "parts.X"),
        ({"seen_version": 0, "parts": {"P": {"colour": "red"}}}, "parts.P.colour"),
        ({"seen_version": 0, "parts": {"P": {"heard_on": "soon"}}}, "parts"),
        ({"seen_version": 0, "parts": {"P": {"heard_from": str(make.some_id())}}}, None),
        ({"seen_version": 0, "parts": {"P": "late"}}, "parts"),
        ({"seen_version": 0, "parts": []}, "parts"),
        ([], None),
    ],
)
def test_a_note_that_cannot_be_read_is_not_valid(call: Call, globex: str, body: Any, field: str):
    answer = call(spiced(globex), body)
    assert answer.status_code == 422, answer.content
    assert field is None or list(answer.json()["errors"]) == [field]


def test_health_is_told_with_drivers_that_add_up(call: Call, acme: Tenant):
    with act_for(acme.pk):
        for install in INSTALLERS:
            install(author=None, now=timezone.now())
        account = make.account("Globex", stage="live", touch_model="high")
        today = timezone.localdate()
        model = HealthModel.objects.get(key="onboarding")
        make.row(account, score=40.0, band="red", scored_on=today)
        for back in range(3):
            make.snapshot(
                account,
                today - timedelta(days=back),
                model=model,
                score=40.0 + back,
                base=40.0 + back,
                capped=40.0 + back,
                band="red",
                **dict.fromkeys(list(MEASURES)[:4], 1.0),
            )
    [listed] = call("/api/v1/health/?band=red").json()["data"]
    assert (listed["name"], listed["score"]) == ("Globex", 40.0)
    assert call("/api/v1/health/?band=green").json()["data"] == []
    told = call(f"/api/v1/accounts/{account.pk}/health/").json()
    whole = told["base_points"] + sum(row["points"] for row in told["drivers"] + told["steps"])
    assert model is not None and whole == told["score"] == 40
    assert told["model"]["version"] == 1 and told["missing"]
    first = call(f"/api/v1/accounts/{account.pk}/health/history/?limit=2").json()
    second = call(first["next"]).json()
    assert [row["score"] for row in first["data"] + second["data"]] == [40, 41, 42]
    assert second["next"] is None and first["data"][0]["model"]
    since = today.isoformat()
    later = call(f"/api/v1/accounts/{account.pk}/health/history/?day_from={since}").json()
    assert len(later["data"]) == 1


def test_an_account_that_was_never_scored_says_so(call: Call, globex: str):
    told = call(f"/api/v1/accounts/{globex}/health/").json()
    assert (told["score"], told["band"], told["day"]) == (None, "unknown", None)
    assert call(f"/api/v1/accounts/{globex}/health/history/").json()["data"] == []


def test_a_task_is_added_put_off_and_done(call: Call, globex: str, acme: Tenant, csm: Actor):
    assert csm.user is not None
    made = call(
        "/api/v1/tasks/",
        {"title": "Call Priya", "account_id": globex, "owner": csm.user.email, "priority": 2},
    )
    assert made.status_code == 201, made.content
    task = made.json()
    assert (task["state"], task["owner"], task["version"]) == ("open", csm.user.email, 1)
    until = (timezone.now() + timedelta(days=3)).isoformat()
    url = f"/api/v1/tasks/{task['id']}/"
    later = call(f"{url}snooze/", {"until": until, "reason": "Away"})
    assert later.status_code == 200 and later.json()["snooze_reason"] == "Away"
    assert call(f"{url}finish/", {"seen_version": 1}).json()["code"] == "stale_task"
    for body in ("null", "[]", "0", "false", '""'):
        refused = call(f"{url}finish/", body)
        assert refused.status_code == 422, (body, refused.content)
    done = call(f"{url}finish/", {"seen_version": 2})
    assert done.json()["state"] == "done" and done.json()["closed_at"]
    again = call(f"{url}finish/", "")
    assert (again.status_code, again.json()["code"]) == (409, "task_is_closed")
    assert call(url).json() == done.json()
    found = call(f"/api/v1/tasks/?state=done&owner={csm.user.email}&account_id={globex}").json()
    assert [row["id"] for row in found["data"]] == [task["id"]]
    assert call("/api/v1/tasks/?state=open").json()["data"] == []
    with act_for(acme.pk):
        assert Task.objects.get().closed_by is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "x", "owner": "nobody@example.com"}, "owner"),
        ({"title": "x", "account_id": str(make.some_id())}, "account_id"),
        ({"title": "x", "priority": 9}, "priority"),
        ({"title": "x", "due_at": "0032-01-16T10:48:13+10:00"}, "due_at"),
        ({"title": "x", "planned_on": "9999-12-31"}, "planned_on"),
    ],
)
def test_a_task_that_cannot_be_added_says_why(call: Call, body: dict[str, Any], field: str):
    answer = call("/api/v1/tasks/", body)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]


def test_a_moment_gone_by_cannot_be_waited_for(call: Call, acme: Tenant):
    task = call("/api/v1/tasks/", {"title": "x"}).json()
    answer = call(f"/api/v1/tasks/{task['id']}/snooze/", {"until": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (422, "past_snooze")
    assert call("/api/v1/tasks/?state=odd").status_code == 422
    assert call("/api/v1/tasks/?due_before=2026-01-01T00:00").status_code == 422
