"""`manage.py demo`: both companies side by side, each whole or not at all."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account
from csom.demo import make
from csom.demo.worlds import TALLYBIRD, WORLDS
from csom.devstack.tables import COMPANIES
from health.models import AccountRow
from tenants.models import Tenant
from tenants.scope import act_for
from tests.make import tenant

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = "--scale=0.1"


def test_what_was_interrupted_is_made_by_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make.fill

    def interrupted(scene: Any, **how: Any) -> None:
        whole(scene, **how)
        if scene.world is TALLYBIRD:
            raise KeyError("power")

    monkeypatch.setattr(make, "fill", interrupted)
    with pytest.raises(KeyError):
        call_command("demo", "--if-empty", SMALL)
    [first] = Tenant.objects.all()
    assert first.slug == "ferrowave"
    monkeypatch.undo()
    call_command("demo", "--if-empty", SMALL, stdout=StringIO())
    assert set(Tenant.objects.values_list("slug", flat=True)) == {"tallybird", "ferrowave"}
    assert Tenant.objects.get(slug="ferrowave") == first
    for company in Tenant.objects.all():
        with act_for(company.pk):
            assert AccountRow.objects.count() == Account.objects.count() == 20
    assert len(WORLDS) == COMPANIES


def test_beside_another_tenant_no_demo_is_made() -> None:
    own = tenant("own")
    call_command("demo", "--if-empty")
    assert Tenant.objects.get() == own
