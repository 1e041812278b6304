"""A company is opened by whoever runs the server, as the page for signing up would."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from charter.models import Document
from csom.management.commands import create_tenant
from health.models import HealthModel
from journeys.models import OnboardingTemplate
from plays.models import Play
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
ADA = ("--email", "Ada@acme.example", "--name", "Ada Berg")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def called(*arguments: str, password: str = make.PASSWORD) -> str:
        told = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        call_command("create_tenant", *arguments, stdout=told)
        return told.getvalue()

    return called


@override_settings(CSOM_SIGNUP_IS_OPEN=False)
def test_it_opens_a_company_ready_to_work_in(run: Callable[..., str]):
    assert Client().get("/sign-up/").status_code == 404
    told = run(
        "northwind", "Northwind Ltd", *ADA, "--currency", "GBP", "--time-zone", "Europe/London"
    )
    assert "answers at /northwind/" in told and "Ada Berg (ada@acme.example)" in told
    tenant = Tenant.objects.get(slug="northwind")
    assert (tenant.name, tenant.currency, tenant.time_zone) == (
        "Northwind Ltd", "GBP", "Europe/London"
    )  # fmt: skip
    with act_for(tenant.pk):
        kinds = set(Document.objects.values_list("kind", flat=True))
        assert kinds == set(Document.Kind.values)
        assert (
            HealthModel.objects.exists()
            and Play.objects.exists()
            and OnboardingTemplate.objects.exists()
        )
    ada = Membership.objects.get(tenant=tenant)
    assert (ada.role, ada.user.email) == (Role.ADMIN, "ada@acme.example")
    client = Client()
    signed_in = client.post(
        "/auth/login/", {"login": "ada@acme.example", "password": make.PASSWORD}
    )
    assert signed_in.status_code == 302
    assert client.get("/northwind/settings/people/").status_code == 200


def test_who_signs_in_already_needs_no_other_password(run: Callable[..., str]):
    known = make.user("Ada Berg", email="ada@acme.example")
    told = run("northwind", "Northwind", "--email", "ADA@acme.example", password="")
    assert "signs in as before" in told
    assert User.objects.get(email="ada@acme.example").check_password(make.PASSWORD)
    assert Membership.objects.get(tenant__slug="northwind").user == known


@pytest.mark.parametrize(
    ("slug", "more", "words"),
    [
        ("acme", {}, "taken"),
        ("api", {}, "reserved"),
        ("no spaces", {}, "Address"),
        ("fine", {"--currency": "XXX"}, "currency|Currency"),
        ("fine", {"--time-zone": "Mars/Base"}, "Time zone"),
        ("fine", {"--email": "nobody"}, "mail"),
        ("fine", {"--name": ""}, "name"),
        ("fine", {"password": "short"}, "too short"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_leaves_nothing(
    acme: Tenant, run: Callable[..., str], slug: str, more: dict[str, str], words: str
):
    said: dict[str, Any] = dict(zip(ADA[::2], ADA[1::2], strict=True)) | more
    password = said.pop("password", make.PASSWORD)
    flat = [part for pair in said.items() for part in pair]
    before = Tenant.objects.count(), User.objects.count()
    with pytest.raises(CommandError, match=words):
        run(slug, "Fine", *flat, password=password)
    assert (Tenant.objects.count(), User.objects.count()) == before


def test_at_a_terminal_it_asks_twice(monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    said = iter(["one thing", "another thing", make.PASSWORD, make.PASSWORD])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(create_tenant, "getpass", lambda prompt: next(said))
    with pytest.raises(CommandError, match="two different passwords"):
        call_command("create_tenant", "fine", "Fine", *ADA, stdout=io.StringIO())
    call_command("create_tenant", "fine", "Fine", *ADA, stdout=io.StringIO())
    assert User.objects.get(email="ada@acme.example").check_password(make.PASSWORD)
