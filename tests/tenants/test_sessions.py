"""Signed in, and then: taken out, lowered, forged, led astray, followed."""

from collections.abc import Callable
from itertools import islice
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from plays.actions.tasks import add_task
from tenants.actions.keys import revoke_key
from tenants.actions.people import change_member, end_membership
from tenants.actor import Actor
from tenants.models import ApiKey, Membership, Tenant
from tenants.roles import Can, Role, reach
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import API, DESCRIBED, INSIDE, METHODS, OUTSIDE, send
from tests.tenants.world import World, digest

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
ELSEWHERE = [
    *("//evil.example", "https://evil.example", "https:evil.example", "\\\\evil.example"),
    *("/\\evil.example", "///evil.example", "http:///evil.example", "javascript:alert(1)"),
    *("data:text/html,x", "//evil.example/acme/", "https://testserver@evil.example/"),
    *("https://testserver.evil.example/", "/%2f%2fevil.example", "\t//evil.example"),
    *("//evil%E3%80%82example", "https://evil.example\\@testserver", "ftp://evil.example"),
    *("/a\r\nLocation: https://evil.example", "%0d%0aSet-Cookie:x=1", "//\u3002evil.example"),
]


@pytest.fixture
def admin(acme: Tenant) -> Actor:
    return make.member(acme, Role.ADMIN)


# -- taken out, lowered --


@pytest.mark.case("G6")
def test_whoever_is_taken_out_is_refused_from_the_next_request_on(world: World, sign_in: SignIn):
    member = make.member(world.acme, Role.REVOPS)
    pages, parts = sign_in(member), sign_in(member)
    assert pages.get("/acme/accounts/").status_code == 200
    with act_for(world.acme.pk):
        assert member.membership and world.admin.membership
        end_membership(
            membership=member.membership, author=world.admin.membership, now=timezone.now()
        )
    before, wrong = digest(world.acme.pk), []
    for route in INSIDE:
        for address in world.addresses(route, "/acme"):
            for method in ("GET", "POST"):
                for client, more in ((pages, {}), (parts, {"headers": {"HX-Request": "true"}})):
                    answer = send(client, method, address, world.body, **more)
                    if answer.status_code != 404 or b"Acme" in answer.content:
                        wrong.append(f"{method} {route} {answer.status_code} {more}")
    assert sorted(set(wrong)) == []
    assert digest(world.acme.pk) == before
    assert b"Acme" not in pages.get("/switch/").content


@pytest.mark.case("G6")
def test_a_company_that_is_closed_opens_to_nobody(acme: Tenant, admin: Actor, sign_in: SignIn):
    client = sign_in(admin)
    with act_for(acme.pk):
        secret = make.api_key(admin)
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    assert client.get("/acme/").status_code == 404
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/accounts/", headers=headers).status_code == 401


@pytest.mark.case("G7")
def test_a_role_lowered_between_page_and_click_holds_at_the_click(
    acme: Tenant, admin: Actor, sign_in: SignIn
):
    member = make.member(acme, Role.REVOPS)
    client = sign_in(member)
    assert client.get("/acme/accounts/new/").status_code == 200
    with act_for(acme.pk):
        assert member.membership and admin.membership
        change_member(
            membership=member.membership, role=Role.EXECUTIVE, team="", capacity_minutes=360,
            author=admin.membership, now=timezone.now(),
        )  # fmt: skip
    before = digest(acme.pk)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post("/acme/accounts/new/", {"name": "Globex"}, headers=headers)
        assert answer.status_code == 403
    assert digest(acme.pk) == before


@pytest.mark.case("G8")
def test_two_tabs_in_two_companies_write_each_in_its_own(acme: Tenant, rival: Tenant):
    person = make.user("Ada Lund")
    for tenant in (acme, rival):
        Membership.objects.create(tenant=tenant, user=person, role=Role.ADMIN)
    client = Client()
    client.force_login(person)
    client.get("/acme/accounts/new/")
    client.get("/rival/accounts/new/")
    answer = client.post("/acme/accounts/new/", {"name": "Globex", "tenant": "rival"})
    assert answer.status_code < 400, answer.content
    with act_for(acme.pk):
        assert list(Account.objects.values_list("name", flat=True)) == ["Globex"]
    with act_for(rival.pk):
        assert not Account.objects.exists()


@pytest.mark.case("G9")
def test_leaving_one_company_changes_nothing_in_another(acme: Tenant, rival: Tenant, admin: Actor):
    person = make.user("Ada Lund")
    for tenant in (acme, rival):
        Membership.objects.create(tenant=tenant, user=person, role=Role.CSM)
    client = Client()
    client.force_login(person)
    with act_for(acme.pk):
        assert admin.membership
        mine = Membership.objects.get(tenant=acme, user=person)
        end_membership(membership=mine, author=admin.membership, now=timezone.now())
    assert client.get("/acme/").status_code == 404
    assert client.get("/rival/accounts/").status_code == 200


@pytest.mark.case("G20")
@pytest.mark.parametrize("address", ["accounts/export/", "settings/audit/export/"])
def test_a_link_to_an_export_is_of_no_use_to_others(
    acme: Tenant, rival: Tenant, admin: Actor, sign_in: SignIn, address: str
):
    with act_for(acme.pk):
        make.row(make.account("Globex"))
    link = f"/acme/{address}"
    assert sign_in(admin).get(link)["Content-Type"].startswith("text/csv")
    assert sign_in(make.member(acme, Role.EXECUTIVE)).get(link).status_code == 403
    assert sign_in(make.member(rival, Role.ADMIN)).get(link).status_code == 404
    nobodys = Client().get(link)
    assert nobodys.status_code == 302 and nobodys["Location"].startswith("/auth/login/")


# -- keys --


@pytest.mark.case("G4")
@pytest.mark.parametrize(
    "how", ["expired", "revoked", "cut short", "in the address", "another kind"]
)
def test_a_key_that_does_not_hold_opens_nothing(acme: Tenant, admin: Actor, how: str):
    with act_for(acme.pk):
        secret = make.api_key(admin)
        key = ApiKey.objects.get()
        if how == "expired":
            ApiKey.objects.update(expires_at=timezone.now())
        if how == "revoked":
            revoke_key(key=key, author=admin.user, now=timezone.now())
    headers = {"Authorization": f"Bearer {secret}"}
    if how == "cut short":
        headers = {"Authorization": f"Bearer {secret[:-1]}"}
    if how == "another kind":
        headers = {"Authorization": f"Basic {secret}", "X-Api-Key": secret}
    query = f"?key={secret}&access_token={secret}" if how == "in the address" else ""
    client = Client(headers=headers if not query else {})
    for route in DESCRIBED:
        if not route.parameters:
            for method in METHODS:
                answer = send(client, method, route.address + query, "{}", is_json=True)
                assert answer.status_code == 401, (method, route)
                assert answer["WWW-Authenticate"] == 'Bearer realm="CSOM"'


@pytest.mark.case("G5")
def test_every_scope_opens_what_it_names_and_no_more(acme: Tenant, admin: Actor):
    """Each scope alone × each endpoint: 403 that names the missing one, or anything else."""
    held = [can for can in Can if reach(Role.API, can)]
    wrong = []
    for scope in held:
        with act_for(acme.pk):
            client = Client(
                headers={"Authorization": f"Bearer {make.api_key(admin, scopes=[str(scope)])}"}
            )
        for route in DESCRIBED:
            for method, need in route.endpoint.needs.items():
                answer = send(client, method, route.of_nothing(), "{}", is_json=True)
                if (answer.status_code == 403) is (need is scope):
                    wrong.append(f"{method} {route} {answer.status_code} with {scope}")
                if answer.status_code == 403 and str(need) not in answer.json()["detail"]:
                    wrong.append(f"{method} {route} does not name {need}: {answer.json()}")
    assert wrong == []


@pytest.mark.case("G3", "G23")
def test_the_tenant_comes_from_the_key_whatever_else_is_said(
    acme: Tenant, rival: Tenant, admin: Actor
):
    with act_for(acme.pk):
        secret = make.api_key(admin)
        make.account("Ours")
    with act_for(rival.pk):
        make.account("Theirs")
    told = {"Authorization": f"Bearer {secret}", "X-Tenant": "rival", "X-Tenant-Id": str(rival.pk)}
    told |= {
        "X-Original-URL": "/rival/",
        "X-Rewrite-URL": "/rival/",
        "X-Forwarded-Prefix": "/rival",
    }
    answer = Client().get(f"/api/v1/accounts/?tenant=rival&tenant_id={rival.pk}", headers=told)
    assert answer.status_code in (200, 422)
    assert b"Theirs" not in answer.content
    inside = Client().get("/rival/api/v1/accounts/", headers=told)
    assert inside.status_code in (302, 404)


# -- forged --


@pytest.mark.case("G17")
def test_nothing_is_posted_without_the_token_of_the_form(acme: Tenant, admin: Actor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin.user)
    wrong = []
    for prefix, routes in (("/acme", INSIDE), ("", OUTSIDE)):
        for route in routes:
            if route in API or "^" in route.address:
                continue
            answer = client.post(prefix + route.of_nothing())
            if answer.status_code not in (403, 405):
                wrong.append(f"{route} {answer.status_code}")
    assert wrong == []


@pytest.mark.case("G17")
def test_a_token_of_another_session_is_none(acme: Tenant, sign_in: SignIn):
    others = sign_in(make.member(acme, Role.ADMIN))
    others.get("/acme/accounts/new/")
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.member(acme, Role.ADMIN).user)
    client.get("/acme/accounts/new/")
    own, stolen = client.cookies["csrftoken"].value, others.cookies["csrftoken"].value
    for token, status in ((stolen, 403), ("x" * 32, 403), (own, 200)):
        answer = client.post(
            "/acme/accounts/new/", {"name": "Globex"}, headers={"X-CSRFToken": token}, follow=True
        )
        assert answer.status_code == status, token


@pytest.mark.case("G23")
@pytest.mark.parametrize(
    "forged",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Server": "evil.example", "Forwarded": "host=evil.example;proto=https"},
        {"X-Tenant": "rival", "X-Original-URL": "/rival/", "X-Forwarded-Prefix": "/rival"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"},
        {"X-HTTP-Method-Override": "DELETE", "X-Remote-User": "root"},
    ],
)
def test_headers_that_claim_something_are_refused_or_without_effect(
    acme: Tenant, rival: Tenant, admin: Actor, sign_in: SignIn, forged: dict[str, str]
):
    client = sign_in(admin)
    plain, told = client.get("/acme/settings/"), client.get("/acme/settings/", headers=forged)
    if "Host" in forged:
        assert told.status_code == 400
        return
    assert told.status_code == plain.status_code == 200
    assert b"evil.example" not in told.content and b"Rival" not in told.content
    client.post("/acme/settings/people/invite/", {"email": "new@example.com", "role": "csm"},
                headers=forged)  # fmt: skip
    assert len(mail.outbox) == 0 or "evil.example" not in mail.outbox[0].body


@pytest.mark.case("G22")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere(acme: Tenant, admin: Actor, sign_in: SignIn, target: str):
    """Each place that goes on to where it was told, told to go to another site."""
    csm = make.member(acme, Role.CSM)
    with act_for(acme.pk):
        task = add_task(
            account=None, owner=csm.user, title="Call", actor=csm, now=timezone.now(), due_at=None
        )
    known = {"login": csm.user.email, "password": make.PASSWORD}
    reached = []
    for client, address, given in (
        (Client(), "/auth/login/", known),
        (sign_in(csm), "/auth/reauthenticate/", {"password": make.PASSWORD}),
        (sign_in(csm), f"/acme/tasks/{task.pk}/done/", {}),
        (sign_in(csm), "/auth/logout/", {}),
    ):
        answer = client.post(address, {**given, "next": target}, headers={"Referer": target})
        reached.append(answer)
    reached.append(sign_in(csm).get("/auth/login/", {"next": target}))
    assert [answer.status_code for answer in reached] == [302] * 5
    assert [answer["Location"] for answer in reached if not stays(answer)] == []


def stays(answer: HttpResponse) -> bool:
    """Whether a browser would stay on this site."""
    place = answer["Location"].replace("\\", "/")
    led = urlsplit(urljoin("https://testserver/auth/login/", place.strip()))
    return (led.scheme, led.netloc) == ("https", "testserver") and "\n" not in place


# -- the way in --


@pytest.mark.case("G16")
def test_a_session_from_before_signing_in_is_worth_nothing_after(acme: Tenant, admin: Actor):
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    client.post("/auth/login/", {"login": admin.user.email, "password": make.PASSWORD})
    after = client.cookies["session"].value
    assert after != before
    follower = Client()
    follower.cookies["session"] = before
    assert follower.get("/acme/accounts/").status_code == 302


@pytest.mark.case("G15")
def test_a_code_opens_once_and_guessing_it_is_stopped(acme: Tenant, admin: Actor):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(admin.user, secret)

    def half_in() -> Client:
        client = Client()
        known = {"login": admin.user.email, "password": make.PASSWORD}
        assert "/2fa/" in client.post("/auth/login/", known)["Location"]
        return client

    [counter] = islice(totp.yield_hotp_counters_from_time(), 1)
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    first = half_in()
    assert first.get("/acme/accounts/").status_code == 302, "half in is not in"
    assert first.post("/auth/2fa/authenticate/", {"code": code}).status_code == 302
    assert first.get("/acme/accounts/").status_code == 200
    again = half_in()
    again.post("/auth/2fa/authenticate/", {"code": code})
    assert again.get("/acme/accounts/").status_code == 302, "the code was used"
    answers = [
        again.post("/auth/2fa/authenticate/", {"code": f"{guess:06}"}).status_code
        for guess in range(20)
    ]
    assert 429 in answers or b"many" in again.post("/auth/2fa/authenticate/", {"code": "0"}).content


@pytest.mark.case("G12")
def test_a_new_password_is_asked_for_with_one_answer_for_all(acme: Tenant, admin: Actor):
    without = make.user("No Password")
    without.set_unusable_password()
    without.save()
    answers = {
        email: Client().post("/auth/password/reset/", {"email": email}, follow=True)
        for email in (admin.user.email, without.email, "nobody@example.com")
    }
    told = {
        (answer.status_code, answer.content.decode().replace(email, ""))
        for email, answer in answers.items()
    }
    assert len({status for status, _ in told}) == 1
    assert len({len(text) for _, text in told}) == 1
