"""A second click makes nothing twice: a dialog's button rests, a page's form is sent once."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Account, Contact
from journeys.actions.links import make_link
from journeys.models import ShareLink
from journeys.views import sharing
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.browser.test_custom_fields import sign_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.case("H3")]


@pytest.fixture
def account(acme: Tenant) -> Account:
    with act_for(acme.pk):
        made = make.account("Globex", stage="live")
        make.row(made)
        make.contact(made, "Omar Haddad")
    return made


@pytest.fixture
def signed_in(page: Page, acme: Tenant, sign_in: Callable[..., Client], server_url: str) -> Page:
    sign_into(page.context, sign_in(make.member(acme, Role.REVOPS, "Rita Vance")), server_url)
    return page


def test_in_a_dialog(signed_in: Page, account: Account):
    signed_in.goto(f"/acme/accounts/{account.pk}/people/")
    signed_in.get_by_role("link", name="Add contact").click()
    dialog = signed_in.locator("#modal")
    dialog.get_by_label("Name").fill("Priya Raman")
    dialog.locator("button[type=submit]").dblclick()
    signed_in.wait_for_load_state("networkidle")
    with act_for(account.tenant_id):
        assert Contact.objects.filter(name="Priya Raman").count() == 1


def test_on_a_page(signed_in: Page, account: Account, monkeypatch: pytest.MonkeyPatch):
    """The second click comes while the server is still at the first."""

    def slowly(**given: Any) -> Any:
        time.sleep(0.8)
        return make_link(**given)

    monkeypatch.setattr(sharing, "make_link", slowly)
    signed_in.goto(f"/acme/accounts/{account.pk}/sharing/new/")
    signed_in.get_by_label("For whom").select_option(index=1)
    signed_in.evaluate(
        """() => {
            const button = document.querySelector('main .btn--primary');
            button.click();
            setTimeout(() => button.click(), 300);
        }"""
    )
    signed_in.get_by_role("link", name="I have it").wait_for()
    signed_in.wait_for_timeout(1000)
    with act_for(account.tenant_id):
        assert ShareLink.objects.count() == 1
    signed_in.go_back()
    signed_in.get_by_role("button", name="Make the link").click()
    signed_in.get_by_role("link", name="I have it").wait_for()
    with act_for(account.tenant_id):
        assert ShareLink.objects.count() == 2, "a second time on purpose"
