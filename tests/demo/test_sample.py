"""Sample data for a tenant of its own: loaded once, marked, taken out without a trace."""

from collections.abc import Callable

from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contract
from csom.demo.sample import ABOUT, ACCOUNTS, load_sample, remove_sample
from csom.pages.first_run import SAMPLE_DATA
from health.models import AccountRow, Snapshot
from tenants.actor import Actor
from tenants.isolation import Ref
from tenants.jobs import Work
from tenants.models import Job, Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]


def test_sample_data_comes_once_and_goes_without_a_trace(
    acme: Tenant, rival: Tenant, csm: Actor, cast: dict[Role, Actor], sign_in: SignIn
) -> None:
    with act_for(acme.pk):
        own = make.account("Globex")
        work = Work(acme.pk, make.some_id(), None, timezone.now())
        load_sample(work)
        load_sample(work)
        assert Account.objects.count() == ACCOUNTS + 1
        assert AccountRow.objects.count() == ACCOUNTS + 1
        assert Snapshot.objects.exists()
    acme.refresh_from_db()
    assert acme.has_sample_data
    with act_for(rival.pk):
        assert not Account.objects.exists()
    admin = sign_in(cast[Role.ADMIN])
    assert b"sample data" in admin.get(f"/{acme.slug}/settings/").content
    answer = admin.post(f"/{acme.slug}/welcome/sample/remove/")
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert not acme.has_sample_data
    with act_for(acme.pk):
        assert list(Account.objects.all()) == [own]
        assert not Contract.objects.exists()
        assert TrailEntry.objects.filter(verb="csom.sample_removed").count() == 1
        assert remove_sample(tenant=acme, author=make.user(), now=timezone.now()) == 0


def test_the_first_run_says_that_sample_data_is_being_made_and_when_it_is_there(
    acme: Tenant, cast: dict[Role, Actor], sign_in: SignIn
) -> None:
    admin, address = sign_in(cast[Role.ADMIN]), f"/{acme.slug}/welcome/"
    assert "Look around with sample data" in admin.get(address).text
    admin.post(f"{address}sample/")
    page = admin.get(address).text
    assert "The sample data is being made" in page and 'hx-trigger="every 2s"' in page
    assert "Look around with sample data" not in page
    with act_for(acme.pk):
        Job.objects.filter(kind=SAMPLE_DATA).update(state=Job.State.DONE)
    Tenant.objects.filter(pk=acme.pk).update(has_sample_data=True)
    page = admin.get(address).text
    assert "Look around in the sample data" in page and 'hx-trigger="every 2s"' not in page


def test_only_who_manages_people_takes_sample_data_out(
    acme: Tenant, cast: dict[Role, Actor], sign_in: SignIn
) -> None:
    address = f"/{acme.slug}/welcome/sample/remove/"
    assert sign_in(cast[Role.CSM]).post(address).status_code == 403
    assert sign_in(cast[Role.ADMIN]).get(address).status_code == 405


def test_every_table_about_accounts_is_taken_out_with_the_sample() -> None:
    """A table whose rows name an account, or something of one, stands in the list before it."""
    order = {model: place for place, (model, _) in enumerate(ABOUT)}
    order[Account] = len(order)
    late = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, Ref)
        and not field.null
        and field.related_model in order
        and order.get(model, len(order)) > order[field.related_model]
    ]
    assert late == []
