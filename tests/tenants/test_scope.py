"""One tenant at a time: reading, writing, nesting and references across tenants."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Account
from tenants.models import Tenant
from tenants.scope import NoTenant, act_for, current_tenant_id
from tests import make


def in_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('csom.tenant', true)")
        return cursor.fetchone()[0] or ""


@pytest.mark.case("G19")
def test_reading_without_a_tenant_raises(acme: Tenant):
    with pytest.raises(DatabaseError), transaction.atomic():
        list(Account.objects.all())


def test_writing_without_a_tenant_raises(acme: Tenant):
    with pytest.raises(NoTenant), transaction.atomic():
        make.account()


def test_a_tenant_sees_only_its_own(acme: Tenant, rival: Tenant):
    with act_for(acme.pk):
        ours = make.account("Ours")
    with act_for(rival.pk):
        theirs = make.account("Theirs")
        assert list(Account.objects.all()) == [theirs]
        assert Account.objects.filter(pk=ours.pk).update(name="stolen") == 0
        assert Account.objects.filter(pk=ours.pk).delete()[0] == 0


def test_a_row_cannot_be_written_for_another_tenant(acme: Tenant, rival: Tenant):
    with pytest.raises(DatabaseError), act_for(acme.pk):
        make.account("Smuggled", tenant_id=rival.pk)


def test_a_reference_cannot_cross_tenants(acme: Tenant, rival: Tenant):
    with act_for(rival.pk):
        theirs = make.account("Theirs")
    with pytest.raises(IntegrityError), act_for(acme.pk):
        make.account("Child", parent_id=theirs.pk)
        connection.check_constraints()


def test_two_tenants_never_nest(acme: Tenant, rival: Tenant):
    with act_for(acme.pk):
        with act_for(acme.pk):
            assert current_tenant_id() == acme.pk
        assert in_database() == str(acme.pk)
        with pytest.raises(NoTenant), act_for(rival.pk):
            pass
    assert in_database() == ""


def test_an_error_inside_puts_the_tenant_back(acme: Tenant):
    with pytest.raises(ZeroDivisionError), act_for(acme.pk):
        _ = 1 / 0
    assert in_database() == ""
    with pytest.raises(NoTenant):
        current_tenant_id()
