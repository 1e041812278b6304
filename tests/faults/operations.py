"""The core operations, each as a call that can be repeated until it succeeds.

An operation prepares its tenant and returns the call; the call answers the status of its response.
A job answers 200 when it is done and 503 when it was put back.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.test import Client
from django.utils import timezone

from charter.forms import FORMS
from charter.queries import in_force as chapter_in_force
from health.actions.night import score_night
from health.forms.models import ModelForm
from health.models import HealthModel
from plays.actions.evaluate import evaluate
from plays.actions.runs import start_by_hand
from plays.models import Play, Task
from tenants.actions.invitations import invite
from tenants.jobs import later, run
from tenants.models import Job, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.faults.world import World

Call = Callable[[], int]
OPERATIONS: dict[str, Callable[[World], Call]] = {}
ACCOUNTS_CSV = b"id,name,employees\n" + b"".join(
    b"I%d,Imported %d,%d\n" % (n, n, n + 10) for n in range(30)
)


def operation(build: Callable[[World], Call]) -> Callable[[World], Call]:
    def prepared(world: World) -> Call:
        return build(world)

    OPERATIONS[build.__name__] = prepared
    return build


class Posting:
    """A post that can be repeated."""

    def __init__(self, client: Client, url: str, data: Any, **how: Any) -> None:
        self.client, self.args, self.how = client, (url, data), how

    def __call__(self) -> int:
        return self.client.post(*self.args, **self.how).status_code


class Joining(Posting):
    """Where the answer was lost after the person had joined, the link is closed."""

    def __call__(self) -> int:
        status = super().__call__()
        has_joined = User.objects.filter(email__startswith="newcomer@").exists()
        return 302 if status == 404 and has_joined else status


def working_off(world: World, kind: str) -> Call:
    """Run the one job of a kind as a worker does, an hour later each time, so that it is due."""
    job = world.job(kind)
    tries = iter(range(1, 10_000))

    def call() -> int:
        # Attempts are not what is tried here: the loop strikes more often than a job may fail.
        with act_for(world.tenant.pk):
            Job.objects.filter(pk=job.pk).update(attempt=0)
        at = timezone.now() + timedelta(seconds=1200 * next(tries))
        return 200 if run(world.tenant.pk, job.pk, clock=lambda: at) else 503

    return call


@operation
def create_account(world: World) -> Call:
    return Posting(world.client(Role.CSM), world.url("accounts/new/"), {"name": "Hooli"})


@operation
def upsert_accounts(world: World) -> Call:
    rows = [{"external_id": f"U{n}", "name": f"Upserted {n}"} for n in range(5)]
    body = {"source": "crm", "data": [*rows, {"external_id": "A1", "name": "Renamed"}]}
    how = {"content_type": "application/json", "headers": {"Idempotency-Key": "upsert"}}
    return Posting(world.api, "/api/v1/accounts/bulk/", body, **how)


@operation
def post_usage(world: World) -> Call:
    rows = [
        {
            "account": f"A{n % 2}",
            "day": f"2026-10-{1 + n:02}",
            "feature": "f",
            "person": "p",
            "n": n,
        }
        for n in range(9)
    ]
    for n in range(2):
        upserted = {"source": "crm", "data": [{"external_id": f"A{n}", "name": f"Used {n}"}]}
        world.api.post("/api/v1/accounts/bulk/", upserted, content_type="application/json")
    how = {"content_type": "application/json", "headers": {"Idempotency-Key": "usage"}}
    return Posting(world.api, "/api/v1/usage/bulk/", {"source": "crm", "data": rows}, **how)


@operation
def run_import(world: World) -> Call:
    wizard = Wizard(world.client(Role.ADMIN), world.tenant)
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS_CSV)))
    assert wizard.post(item, "run").status_code == 302
    return working_off(world, "accounts.import_run")


@operation
def save_spiced(world: World) -> Call:
    url = world.url(f"accounts/{world.accounts[0].pk}/spiced/S/save/")
    return Posting(world.client(Role.CSM), url, {"version": 0, "text": "Three entities"})


@operation
def finish_task(world: World) -> Call:
    url = world.url(f"tasks/{begun_task(world).pk}/done/")
    return Posting(world.client(Role.CSM), url, {"version": 1})


@operation
def snooze_task(world: World) -> Call:
    url = world.url(f"tasks/{begun_task(world).pk}/snooze/")
    return Posting(world.client(Role.CSM), url, {"days": 1, "reason": "Away"})


@operation
def score_a_night(world: World) -> Call:
    with act_for(world.tenant.pk):
        later(score_night, key=world.day, now=world.now, day=world.day)
    return working_off(world, "health.night")


@operation
def fire_plays(world: World) -> Call:
    score_a_night(world)()
    with act_for(world.tenant.pk):
        later(evaluate, key=world.day, now=world.now, day=world.day)
    return working_off(world, "plays.evaluate")


@operation
def accept_handoff(world: World) -> Call:
    url = world.url(f"handoffs/{world.handoff().pk}/accept/")
    return Posting(world.client(Role.CSM), url, {})


@operation
def assign_accounts(world: World) -> Call:
    said = {"id": [str(one.pk) for one in world.accounts], "owner": "none"}
    return Posting(world.client(Role.MANAGER), world.url("accounts/chosen/assign/"), said)


@operation
def accept_invitation(world: World) -> Call:
    admin = world.people[Role.ADMIN].membership
    assert admin is not None
    address = f"new@{world.tenant.slug}.example.com"
    with act_for(world.tenant.pk):
        _, token = invite(email=address, role="csm", team="", author=admin, now=timezone.now())
    person = make.user("New", email=address)
    client = world.client(Role.ADMIN)
    client.force_login(person)
    return Posting(client, f"/join/{token}/", {})


@operation
def join_as_new(world: World) -> Call:
    admin = world.people[Role.ADMIN].membership
    assert admin is not None
    address = f"newcomer@{world.tenant.slug}.example.com"
    with act_for(world.tenant.pk):
        _, token = invite(email=address, role="csm", team="", author=admin, now=timezone.now())
    client = world.client(Role.ADMIN)
    client.logout()
    return Joining(client, f"/join/{token}/", {"name": "Newcomer", "password": make.PASSWORD})


@operation
def save_charter(world: World) -> Call:
    with act_for(world.tenant.pk):
        form = FORMS["promises"](
            chapter_in_force("promises").body, initial={"seen_version": 1, "note": "Later"}
        )
        said = entered(form)
    url = world.url("charter/promises/edit/")
    return Posting(world.client(Role.REVOPS), url, said | {"note": "Later"})


@operation
def publish_model(world: World) -> Call:
    client, url = world.client(Role.REVOPS), world.url("health/models/core/")
    with act_for(world.tenant.pk):
        newest = HealthModel.objects.get(key="core")
        form = ModelForm(newest.body, initial={"seen_version": newest.version})
        said = entered(form)
    assert client.post(f"{url}edit/", said | {"dim-usage": "40"}).status_code == 302
    assert client.post(f"{url}preview/", {"seen_version": 2}).status_code == 302
    day = (timezone.now() + timedelta(days=2)).date().isoformat()
    return Posting(client, f"{url}publish/", {"effective_on": day, "seen_version": 2})


def begun_task(world: World) -> Task:
    """The first task of a play begun by hand."""
    with act_for(world.tenant.pk):
        play = Play.objects.get(key="sev1_open")
        begun = start_by_hand(
            account=world.accounts[0], play=play, actor=world.people[Role.CSM], now=world.now
        )
        return Task.objects.filter(run=begun).order_by("step")[0]


def entered(form: Form) -> dict[str, Any]:
    """A form as a browser would send it back unchanged."""
    return {one.html_name: "" if one.value() is None else one.value() for one in form}
