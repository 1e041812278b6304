"""Every page of settings and of the way in opens for whom it is meant."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plays.actions.tasks import add_task, drop_task
from tenants.actor import Actor
from tenants.addresses import inside, outside
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tenants.trail import record
from tests import make

SignIn = Callable[[Actor], Client]
PAGES = ["settings", "company", "people", "invite", "keys", "new_key", "jobs"]


@pytest.fixture
def admin(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.ADMIN, "Ada Lund"))


@pytest.mark.parametrize("name", [*(f"tenants:{page}" for page in PAGES), "audit", "audit_csv"])
def test_an_administrator_opens_every_page_of_settings(admin: Client, name: str):
    assert admin.get(inside("acme", name)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        *("account_login", "account_reset_password", "account_reset_password_done"),
        *("account_reset_password_from_key_done", "account_signup", "account_inactive"),
        *("account_email_verification_sent", "sign_up"),
    ],
)
def test_anybody_opens_the_way_in(db: None, name: str):
    answer = Client().get(outside(name))
    assert answer.status_code == 200
    assert b'class="bare' in answer.content


@pytest.mark.parametrize(
    "name",
    [
        *("account_logout", "account_email", "account_change_password", "mfa_index"),
        *("usersessions_list", "tenants:profile", "tenants:switch", "account_reauthenticate"),
    ],
)
def test_a_person_opens_their_own_pages(csm: Actor, sign_in: SignIn, name: str):
    answer = sign_in(csm).get(outside(name))
    assert answer.status_code == 200
    assert b'class="bare' in answer.content
    assert reverse("home").encode() in answer.content


def test_a_filter_that_cannot_be_read_exports_nothing(
    acme: Tenant, sign_in: Callable[[Actor], Client]
):
    admin = sign_in(make.member(acme, Role.ADMIN))
    answer = admin.get("/acme/settings/audit/export/?since=2026-13-01")
    assert answer.status_code == 422 and "cannot be read" in answer.content.decode()


def test_the_audit_log_tells_sentences_and_links_what_exists(
    acme: Tenant, sign_in: Callable[[Actor], Client]
):
    ada = make.member(acme, Role.ADMIN, "Ada Lund")
    assert ada.user is not None
    with act_for(acme.pk):
        make.api_key(ada, scopes=["health:read"])
        task = add_task(
            account=make.account(), owner=ada.user, actor=ada, now=make.NOW, title="Call"
        )
        drop_task(task=task, actor=ada, now=make.NOW)
    page = sign_in(ada).get("/acme/settings/audit/").text
    assert "Ada Lund made the API key “Warehouse”" in page and "Read health scores" in page
    assert f'href="/acme/today/{task.pk}/">Ada Lund dropped: Call' in page
    assert "<code>" not in page and 'title="plays.task_dropped"' in page
    chosen = sign_in(ada).get("/acme/settings/audit/?verb=tenants.").text
    assert "made the API key" in chosen and "dropped" not in chosen


def test_the_audit_log_tells_when_it_happened_and_when_it_was_learned(
    acme: Tenant, sign_in: Callable[[Actor], Client]
):
    ada = make.member(acme, Role.ADMIN, "Ada Lund")
    now = timezone.now()
    with act_for(acme.pk):
        record("tenants.member_left", at=now - timedelta(days=3), actor=ada.user, name="Lea Holm")
        record("tenants.member_left", at=now, actor=ada.user, name="Ida Berg")
    page = sign_in(ada).get("/acme/settings/audit/?verb=tenants.member_left").text
    soon, late = page.split("<tbody>")[1].split("</tr>")[:2]
    assert "recorded" not in soon
    assert "recorded <time" in late and late.count("<time") == 2


def test_jobs_say_what_they_did_and_how_long(acme: Tenant, sign_in: Callable[[Actor], Client]):
    with act_for(acme.pk):
        Job.objects.create(
            kind="accounts.ledger", key="2026-11-19", state=Job.State.DONE, due_at=make.NOW,
            started_at=make.NOW, finished_at=make.NOW + timedelta(minutes=3),
            statistics={"entries": 1200, "counts": {"new": 3, "told": "no"}},
            error="Timeout: the database was away",
        )  # fmt: skip
    page = sign_in(make.member(acme, Role.ADMIN)).get("/acme/settings/jobs/").text
    for words in ("Bring the ARR ledger up to date", "1,200 entries", "counts: 3 new", ">3 m<"):
        assert words in page
    assert "; an earlier try failed" in page and ">Timeout: the database was away<" not in page
