"""A company with something of everything, for tests that look at pages and change nothing."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, CustomField
from csom.demo.make import make_demo
from health.actions.models import save_draft
from health.models import HealthModel
from journeys.actions.links import make_link
from tenants.actions.invitations import invite
from tenants.actor import Actor
from tenants.addresses import outside
from tenants.models import Job, Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard

GUARDED, PLAIN = "guarded@example.com", "plain@example.com"
ROWS = b"id,name,employees\na1,Firm one,20\na2,,5\na3,Firm three,many\n"


def member(tenant: Tenant, role: Role) -> Actor:
    found = Membership.objects.filter(tenant=tenant, role=role).select_related("user")[0]
    return Actor(tenant, role, found.user, found)


def client_of(tenant: Tenant, role: Role) -> Client:
    client, user = Client(), member(tenant, role).user
    assert user is not None
    client.force_login(user)
    return client


def make_company() -> Tenant:
    """The demo's first company at a tenth of its size, with what only work leaves behind."""
    company = make_demo(now=timezone.now(), scale=0.1)[0]
    wizard = Wizard(client_of(company, Role.REVOPS), company)
    item = wizard.columns(wizard.upload(ROWS))
    wizard.run(wizard.check(item))
    with act_for(company.pk):
        model = HealthModel.objects.filter(state=HealthModel.State.PUBLISHED).order_by("key")[0]
        author = member(company, Role.REVOPS).user
        assert author is not None
        save_draft(
            key=model.key,
            body=model.body,
            seen_version=model.version,
            author=author,
            now=timezone.now(),
        )
        CustomField.objects.create(key="cloud", label="Cloud", kind=CustomField.Kind.TEXT)
        Job.objects.filter(state=Job.State.DONE).update(state=Job.State.DEAD, error="Out of reach")
    return company


def make_outsiders(company: Tenant) -> dict[str, Any]:
    """Two people outside any company, one with a second step, and links sent by mail.

    Returns the secret of the second step and the addresses of the links.
    """
    for email in (PLAIN, GUARDED):
        user = User.objects.create_user(email=email, name="Ada Lund", password=make.PASSWORD)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    waiting = EmailAddress.objects.create(user=user, email="second@example.com", verified=False)
    author = member(company, Role.ADMIN).membership
    assert author is not None
    with act_for(company.pk):
        _, token = invite(
            email="new@example.com", role="csm", team="", author=author, now=timezone.now()
        )
        contact = Contact.objects.filter(departed_on=None, account__archived_at=None)[0]
        shared, asking = (
            make_link(
                account=contact.account,
                contact=contact,
                actor=member(company, Role.ADMIN),
                now=timezone.now(),
                days=30,
                asks_code=asks_code,
            )[1]
            for asks_code in (False, True)
        )
    key, name = EmailConfirmationHMAC(waiting).key, "account_reset_password_from_key"
    reset = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return {
        "secret": secret,
        "links": [
            outside("tenants:join", token),
            outside("shared:page", shared),
            outside("shared:page", asking),
            outside("shared:code", asking),
            outside("shared:answer", shared, make.some_id()),
            outside("shared:agree", shared, make.some_id()),
            outside("account_confirm_email", key),
            outside(name, **reset),
        ],
    }
