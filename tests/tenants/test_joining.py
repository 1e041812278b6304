"""Invitations and the last administrator: once, in time, for one person, and never nobody."""

import re
import threading
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tenants.actions.invitations import accept, invite
from tenants.actions.people import LastAdmin, change_member, end_membership
from tenants.actions.withdrawals import withdraw
from tenants.actor import Actor
from tenants.models import Invitation, Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.tenants.world import tenant_models

SignIn = Callable[[Actor], Client]
pytestmark = pytest.mark.django_db
ADDRESS = "mira.sand@example.com"
KNOWN = {"name": "Mira Sand", "password": make.PASSWORD}


@pytest.fixture
def admin(acme: Tenant) -> Actor:
    return make.member(acme, Role.ADMIN)


@pytest.fixture
def link(acme: Tenant, admin: Actor) -> str:
    """The address in an invitation to be a manager."""
    assert admin.membership
    with act_for(acme.pk):
        _, token = invite(
            email=ADDRESS, role="manager", team="", author=admin.membership, now=timezone.now()
        )
    return f"/join/{token}/"


def plain(answer: HttpResponse) -> str:
    """A page without its token against forgery."""
    return re.sub(r'csrf[^>]*|"X-CSRFToken[^}]*', "", answer.content.decode())


def invitation(of: Tenant) -> Invitation:
    with act_for(of.pk):
        return Invitation.objects.get()


@pytest.mark.case("G10")
def test_an_invitation_lets_in_once(acme: Tenant, link: str):
    assert Client().post(link, KNOWN)["Location"] == "/acme/"
    again = Client().post(link, {**KNOWN, "name": "Somebody Else"})
    assert again.status_code == 404
    unknown = Client().post("/join/nonsense/", KNOWN)
    assert plain(again) == plain(unknown)
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert Membership.objects.get(user__email=ADDRESS).role == Role.MANAGER


@pytest.mark.case("G10")
@pytest.mark.parametrize("how", ["too late", "withdrawn", "company closed", "cut short"])
def test_an_invitation_that_no_longer_holds_makes_nobody(
    acme: Tenant, admin: Actor, link: str, how: str
):
    with act_for(acme.pk):
        if how == "too late":
            Invitation.objects.update(expires_at=timezone.now())
        if how == "withdrawn":
            withdraw(invitation=invitation(acme), author=admin.user, now=timezone.now())
    if how == "company closed":
        Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    if how == "cut short":
        link = link[:-2] + "/"
    for method in ("get", "post"):
        answer = getattr(Client(), method)(link, KNOWN)
        assert answer.status_code == 404
        assert b"Acme" not in answer.content and ADDRESS.encode() not in answer.content
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.case("G10")
def test_an_invitation_is_of_no_use_to_somebody_else(
    acme: Tenant, rival: Tenant, link: str, sign_in: SignIn
):
    other = make.member(rival, Role.ADMIN)
    answer = sign_in(other).post(link, KNOWN)
    assert answer.status_code == 409 and b"another address" in answer.content
    assert not Membership.objects.filter(user=other.user, tenant=acme).exists()
    assert invitation(acme).accepted_at is None


@pytest.mark.case("G10")
def test_an_invitation_cannot_be_taken_in_the_name_of_somebody_with_a_login(
    acme: Tenant, link: str
):
    User.objects.create_user(ADDRESS, make.PASSWORD, name="Mira Sand")
    answer = Client().post(link, {**KNOWN, "password": "another long password"})
    assert answer.status_code == 200 and b"sign in" in answer.content.lower()
    assert User.objects.get(email=ADDRESS).check_password(make.PASSWORD)
    assert not Membership.objects.filter(user__email=ADDRESS).exists()


@pytest.mark.case("G10")
@pytest.mark.parametrize("how", ["leaves", "is lowered"])
def test_an_invitation_ends_with_the_right_to_give_it(
    acme: Tenant, admin: Actor, link: str, how: str
):
    second = make.member(acme, Role.ADMIN)
    with act_for(acme.pk):
        assert admin.membership and second.membership
        told = {"membership": admin.membership, "author": second.membership}
        if how == "leaves":
            end_membership(**told, now=timezone.now())
        else:
            change_member(**told, role="csm", team="", capacity_minutes=1, now=timezone.now())
    assert Client().post(link, KNOWN).status_code == 404
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.django_db(transaction=True)
def test_the_token_stands_in_the_mail_and_nowhere_else(acme: Tenant, admin: Actor, sign_in: SignIn):
    client = sign_in(admin)
    client.post("/acme/settings/people/invite/", {"email": ADDRESS, "role": "csm"})
    [token] = re.findall(r"/join/([^/]+)/", mail.outbox[0].body)
    assert mail.outbox[0].to == [ADDRESS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relrowsecurity "
                       "AND relnamespace = 'public'::regnamespace")  # fmt: skip
        shared = {name for (name,) in cursor.fetchall()}
        for table in shared | {model._meta.db_table for model in tenant_models()}:
            with act_for(acme.pk):
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"]
                )
                assert cursor.fetchone() == (0,), table


@pytest.mark.case("G10")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_an_invitation_at_once_one_joins(acme: Tenant, admin: Actor, link: str):
    person = User.objects.create_user(ADDRESS, make.PASSWORD, name="Mira Sand")
    found, came = invitation(acme), []

    def join() -> None:
        try:
            with act_for(acme.pk):
                accept(invitation=found, user=person, now=timezone.now())
            came.append("joined")
        except Exception as refusal:
            came.append(type(refusal).__name__)
        finally:
            connection.close()

    run_at_once(join, join, join)
    assert sorted(came) == ["InvitationClosed", "InvitationClosed", "joined"]
    assert Membership.objects.filter(user=person, tenant=acme).count() == 1


@pytest.mark.case("G11")
@pytest.mark.parametrize("how", ["leaves", "is lowered"])
def test_the_last_administrator_stays(acme: Tenant, admin: Actor, sign_in: SignIn, how: str):
    assert admin.membership
    base = f"/acme/settings/people/{admin.membership.pk}/"
    client = sign_in(admin)
    if how == "leaves":
        told = client.post(f"{base}end/", follow=True)
    else:
        told = client.post(base, {"role": "csm", "team": "", "capacity_minutes": 360})
        assert told.status_code == 422
    assert b"last administrator" in told.content
    admin.membership.refresh_from_db()
    assert admin.membership.is_active and admin.membership.role == Role.ADMIN


@pytest.mark.case("G11")
@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_leave_at_once_one_stays(acme: Tenant):
    first, second = make.member(acme, Role.ADMIN), make.member(acme, Role.ADMIN)
    came = []

    def leave(who: Actor, *, is_lowered: bool) -> None:
        try:
            with act_for(acme.pk):
                assert who.membership
                if is_lowered:
                    change_member(
                        membership=who.membership, role="csm", team="", capacity_minutes=1,
                        author=who.membership, now=timezone.now(),
                    )  # fmt: skip
                else:
                    end_membership(
                        membership=who.membership, author=who.membership, now=timezone.now()
                    )
            came.append("left")
        except LastAdmin:
            came.append("stayed")
        finally:
            connection.close()

    run_at_once(lambda: leave(first, is_lowered=True), lambda: leave(second, is_lowered=False))
    assert sorted(came) == ["left", "stayed"]
    assert Membership.objects.filter(tenant=acme, role=Role.ADMIN, ended_at=None).count() == 1


def run_at_once(*works: Callable[[], None]) -> None:
    """Threads that begin together, each with a connection of its own."""
    gate = threading.Barrier(len(works))

    def begin(work: Callable[[], None]) -> None:
        gate.wait()
        work()

    threads = [threading.Thread(target=begin, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_mails_about_a_login_are_in_our_words(acme: Tenant, admin: Actor):
    """A login is no account, which is a company; nothing is signed by a host name alone."""
    assert admin.user
    Client().post("/auth/password/reset/", {"email": admin.user.email})
    Client().post("/auth/password/reset/", {"email": "nobody@example.com"})
    known, unknown = mail.outbox
    assert known.subject == "CSOM: Choose a new password"
    assert "/auth/password/reset/key/" in known.body
    assert unknown.subject == "CSOM: There is no login with this address"
    for sent in (known, unknown):
        assert "account" not in sent.body.lower() and "Hello from" not in sent.body
