"""From request to request and task to task, over one connection: no tenant is left behind."""

import subprocess
import threading
import time
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from accounts.models import Account
from csom.celery import app
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import NoTenant, act_for, current_tenant_id
from tests import make

SignIn = Callable[[Actor], Client]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.case("G19")]


@pytest.fixture
def both(acme: Tenant, rival: Tenant) -> tuple[Tenant, Tenant]:
    """Two tenants with one account each, called after them."""
    for tenant in (acme, rival):
        with act_for(tenant.pk):
            make.row(make.account(f"Only {tenant.slug}"))
    return acme, rival


def assert_nothing_is_open() -> None:
    """Neither this code nor its connection acts for anybody."""
    with pytest.raises(NoTenant):
        current_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('csom.tenant', true), '')")
        assert cursor.fetchone() == ("",)
    assert not connection.in_atomic_block
    with pytest.raises(DatabaseError):
        Account.objects.count()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_two_hundred_requests_of_two_tenants_over_one_connection(
    both: tuple[Tenant, Tenant], sign_in: SignIn
):
    clients = [sign_in(make.member(tenant, Role.ADMIN)) for tenant in both]
    line, wrong = backend(), []
    for turn in range(200):
        own, client, other = both[turn % 2], clients[turn % 2], both[(turn + 1) % 2]
        address = ("palette/?q=only", "accounts/new/", "settings/")[turn % 3]
        answer = client.get(f"/{own.slug}/{address}")
        told = answer.content.decode()
        if f"Only {other.slug}" in told or other.name in told:
            wrong.append(address)
        if turn % 3 == 0 and f"Only {own.slug}" not in told:
            wrong.append(f"{address} lacks its own")
    assert wrong == []
    assert backend() == line
    assert_nothing_is_open()


def fails(request: object, **_: object) -> HttpResponse:
    Account.objects.count()
    raise ZeroDivisionError


def fails_in_the_database(request: object, **_: object) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    raise AssertionError


def fails_in_an_inner_block(request: object, **_: object) -> HttpResponse:
    with act_for(current_tenant_id()):
        Account.objects.create(name="Half", name_norm="half", external_id="half")
        raise ZeroDivisionError


def fails_in_another_tenant(request: object, **_: object) -> HttpResponse:
    with act_for(make.some_id()):
        raise AssertionError
    raise AssertionError


def answers_with_failure(request: object, **_: object) -> HttpResponse:
    Account.objects.create(name="Half", name_norm="half", external_id="half")
    return HttpResponse(status=500)


def writes_where_one_reads(request: object, **_: object) -> HttpResponse:
    Account.objects.create(name="Half", name_norm="half", external_id="half")
    return HttpResponse()


def streams(request: object, **_: object) -> StreamingHttpResponse:
    return StreamingHttpResponse(str(one.name) for one in Account.objects.iterator())


READS = (streams, writes_where_one_reads)


@pytest.mark.parametrize(
    "view",
    [
        *(fails, fails_in_the_database, fails_in_an_inner_block, fails_in_another_tenant),
        *(answers_with_failure, writes_where_one_reads, streams),
    ],
)
def test_a_request_that_fails_leaves_no_tenant_and_no_row(
    both: tuple[Tenant, Tenant], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, view: Callable
):
    acme, rival = both
    view.needs = None  # type: ignore[attr-defined]
    client = sign_in(make.member(acme, Role.ADMIN))
    client.raise_request_exception = False
    monkeypatch.setattr("tenants.middleware.INSIDE", Urls(view))
    answer = (client.get if view in READS else client.post)("/acme/probe/")
    if view is streams:
        with pytest.raises(DatabaseError):  # the rows are asked for after the tenant has gone
            b"".join(answer)
    else:
        assert answer.status_code == 500
    assert_nothing_is_open()
    for tenant in both:
        with act_for(tenant.pk):
            assert list(Account.objects.values_list("name", flat=True)) == [f"Only {tenant.slug}"]
    assert rival.slug.encode() not in getattr(answer, "content", b"")


class Urls:
    """A URL configuration of one view."""

    def __init__(self, view: Callable) -> None:
        self.urlpatterns = [path("probe/", view)]


def test_a_thread_that_a_request_starts_sees_nothing(both: tuple[Tenant, Tenant]):
    came: list[str] = []

    def look() -> None:
        for ask in (current_tenant_id, Account.objects.count):
            try:
                came.append(f"saw {ask()}")
            except (NoTenant, DatabaseError) as error:
                came.append(type(error).__name__)
        connection.close()

    with act_for(both[0].pk):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert came[0] == "NoTenant" and came[1] in ("DataError", "ProgrammingError")


def test_a_worker_process_serves_one_tenant_after_another_and_forgets_each(
    both: tuple[Tenant, Tenant], celery_worker_process: Callable[..., subprocess.Popen[bytes]]
):
    """One child: A, B, an error in A, B again; then it is killed in A, and another serves both."""
    acme, rival = both
    celery_worker_process("--concurrency=1", "--include=tests.tenants.probe")
    for tenant, mark, end in (
        *((acme, "first", ""), (rival, "first", ""), (acme, "failed", "raises")),
        *((rival, "second", ""), (acme, "killed", "is killed"), (rival, "third", "")),
        (acme, "third", ""),
    ):
        app.send_task("tests.probe", [str(tenant.pk), mark, end])
    notes = {tenant: wait_for(tenant.pk, "probe.third") for tenant in both}
    assert set(notes[acme]) == {"probe.first", "probe.third"}
    assert set(notes[rival]) == {"probe.first", "probe.second", "probe.third"}
    for tenant, told in notes.items():
        for facts in told.values():
            assert (facts["before"], facts["seen"]) == (None, [f"Only {tenant.slug}"])
    first, third = notes[acme]["probe.first"], notes[acme]["probe.third"]
    assert first["process"] == notes[rival]["probe.second"]["process"]
    assert third["process"] != first["process"]


def wait_for(tenant_id: UUID, verb: str) -> dict[str, dict]:
    """What probes noted for a tenant, once the last of them has."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with act_for(tenant_id):
            notes = dict(
                TrailEntry.objects.filter(verb__startswith="probe.").values_list("verb", "facts")
            )
        if verb in notes:
            return notes
        time.sleep(0.1)
    raise AssertionError(f"no {verb} after two minutes")
