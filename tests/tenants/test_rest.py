"""What every endpoint inherits: keys, capabilities, effects that happen once, pace, pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from tenants.actions.calls import forget_calls
from tenants.jobs import Work
from tenants.locks import lock_number
from tenants.models import ApiKey, IdempotencyRecord, Tenant
from tenants.rest import limits
from tenants.rest.views import Endpoint
from tenants.roles import Can, Role
from tenants.scope import act_for
from tests import make


class Output(serializers.Serializer):
    name = serializers.CharField()


class Accounts(Endpoint):
    needs = {"GET": Can.READ_ACCOUNTS, "POST": Can.EDIT_ACCOUNTS}

    def get(self, request: Request) -> Response:
        sort = request.query_params.get("sort", "id")
        return self.paged(Account.objects.all(), Output, sort=sort)

    def post(self, request: Request) -> Response:
        made = make.account(request.data["name"])
        if request.data.get("refuse"):
            raise serializers.ValidationError({"name": ["Not this one."]})
        return Response({"id": str(made.pk)}, status=201)


urlpatterns = [path("api/v1/accounts/", Accounts.as_view())]
URL = "/api/v1/accounts/"
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def call(acme: Tenant) -> Callable[..., Any]:
    """Call as a fresh key of acme."""
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def called(method: str = "get", data: Any = None, url: str = URL, **headers: str) -> Any:
        kind = {} if method == "get" else {"content_type": "application/json"}
        return getattr(client, method)(url, data, headers=headers, **kind)

    return called


def names(of: Tenant) -> list[str]:
    with act_for(of.pk):
        return list(Account.objects.order_by("name").values_list("name", flat=True))


@pytest.mark.case("C1")
def test_a_repeated_call_takes_effect_once_and_answers_the_same_bytes(call: Any, acme: Tenant):
    first = call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"})
    again = call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content and again["Idempotent-Replayed"] == "true"
    assert names(acme) == ["Globex"]


@pytest.mark.case("C3")
def test_the_same_key_with_another_body_is_refused(call: Any, acme: Tenant):
    call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"})
    other = call("post", {"name": "Initech"}, **{"Idempotency-Key": "a"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert names(acme) == ["Globex"]


def test_a_refused_call_leaves_nothing_and_may_be_corrected(call: Any, acme: Tenant):
    refused = call("post", {"name": "Globex", "refuse": 1}, **{"Idempotency-Key": "a"})
    assert refused.status_code == 422 and names(acme) == []
    assert call("post", {"name": "Initech"}, **{"Idempotency-Key": "a"}).status_code == 201
    with act_for(acme.pk):
        assert IdempotencyRecord.objects.count() == 1


@pytest.mark.case("C2")
@pytest.mark.django_db(transaction=True)
def test_a_call_in_flight_is_a_conflict(call: Any, acme: Tenant):
    with act_for(acme.pk):
        number = lock_number("idempotency", ApiKey.objects.get().pk, "a")
    rival = connection.copy()
    try:
        with rival.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
            answer = call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"})
    finally:
        rival.close()
    assert (answer.status_code, answer.json()["code"]) == (409, "call_in_flight")
    assert answer["Retry-After"] == "1" and names(acme) == []


@pytest.mark.case("C5")
@pytest.mark.case("C4")
def test_the_same_key_of_another_api_key_or_tenant_is_another(
    call: Any, acme: Tenant, rival: Tenant
):
    assert call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"}).status_code == 201
    for of, name in ((acme, "Initech"), (rival, "Umbrella")):
        with act_for(of.pk):
            secret = make.api_key(make.member(of, Role.ADMIN))
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "a"}
        said = {"data": {"name": name}, "content_type": "application/json", "headers": headers}
        answer = Client().post(URL, **said)
        assert answer.status_code == 201 and "Idempotent-Replayed" not in answer
    assert (names(acme), names(rival)) == (["Globex", "Initech"], ["Umbrella"])


@pytest.mark.case("C6")
def test_after_two_days_a_key_begins_anew_and_is_forgotten_at_night(call: Any, acme: Tenant):
    call("post", {"name": "Globex"}, **{"Idempotency-Key": "a"})
    with act_for(acme.pk):
        IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(days=2))
    again = call("post", {"name": "Initech"}, **{"Idempotency-Key": "a"})
    assert again.status_code == 201 and names(acme) == ["Globex", "Initech"]
    now = timezone.now()
    with act_for(acme.pk):
        forget_calls(Work(acme.pk, make.some_id(), None, now), day="2026-11-19")
        assert IdempotencyRecord.objects.count() == 1
        later = Work(acme.pk, make.some_id(), None, now + timedelta(days=2))
        forget_calls(later, day="2026-11-21")
        assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["x" * 256, "naïve"])
def test_a_strange_idempotency_key_is_a_bad_request(call: Any, key: str):
    assert call("post", {"name": "Globex"}, **{"Idempotency-Key": key}).status_code == 400


def test_the_bucket_empties_refuses_and_fills_again(call: Any, acme: Tenant, monkeypatch: Any):
    monkeypatch.setattr(limits, "BURST", 3)
    monkeypatch.setattr(limits, "PER_SECOND", 1 / 600)  # nothing comes back while the test runs
    left = [call()["RateLimit-Remaining"] for _ in range(3)]
    refused = call()
    assert left == ["2", "1", "0"]
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 590 <= int(refused["Retry-After"]) <= 600 and refused["RateLimit-Remaining"] == "0"
    with act_for(acme.pk):
        ApiKey.objects.update(calls_at=timezone.now() - timedelta(seconds=600))
    assert call().status_code == 200


def test_pages_cover_every_row_once_in_order(call: Any, acme: Tenant):
    with act_for(acme.pk):
        for name in "abcabca":
            make.account(name)
    for sort in ("id", "-id", "name", "-name", "created_at"):
        seen: list[str] = []
        url: str | None = f"{URL}?limit=2&sort={sort}"
        while url:
            body = call(url=url).json()
            seen += [row["name"] for row in body["data"]]
            url = body["next"]
        assert len(seen) == 7, sort
        if sort == "name":
            assert seen == sorted(seen)
        if sort == "-name":
            assert seen == sorted(seen, reverse=True)


@pytest.mark.case("C20", "C21")
@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=501", "limit=x", "limit=٣", "limit=" + "9" * 40),
        *("cursor=x", "cursor=é", "cursor=e30", "cursor=" + "W10" * 999, "cursor=WyJpZCIsIiJd"),
        "cursor=WyJpZCIsIlx1ZDgwMCIsIngiXQ",
    ],
)
def test_nonsense_in_a_list_is_refused(call: Any, query: str):
    assert call(url=f"{URL}?{query}").status_code == 422


@pytest.mark.case("G5")
def test_a_key_lacking_the_scope_is_forbidden_and_no_key_unauthenticated(acme: Tenant):
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN), scopes=["accounts:read"])
    headers = {"Authorization": f"Bearer {secret}"}
    answer = Client().post(URL, {}, content_type="application/json", headers=headers)
    assert answer.status_code == 403
    assert Client().get(URL).status_code == 401


def test_an_endpoint_without_a_capability_cannot_be_written():
    with pytest.raises(TypeError, match="POST"):

        class Open(Endpoint):
            needs = {"GET": Can.READ_ACCOUNTS}

            def get(self) -> None: ...

            def post(self) -> None: ...
