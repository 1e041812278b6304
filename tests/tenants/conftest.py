"""A rival tenant whose every word would be recognised."""

import logging
from uuid import UUID

import pytest
from django.utils import timezone

from csom.provision import provision
from tenants.models import Membership, Tenant
from tenants.rest import limits
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.tenants.world import CANARY, World, fill


@pytest.fixture
def world(acme: Tenant, rival: Tenant, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(limits, "BURST", 1_000_000)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    admin, stranger = make.member(acme, Role.ADMIN), make.member(rival, Role.ADMIN)
    assert admin.user is not None and stranger.user is not None
    stranger.user.name = CANARY
    stranger.user.save()
    Tenant.objects.filter(pk=rival.pk).update(name=CANARY)
    provision(acme, admin.user, timezone.now())
    with act_for(rival.pk):
        rows = fill(stranger.user)
    ids = {
        model.__name__.lower(): row.pk for model, row in rows.items() if isinstance(row.pk, UUID)
    }
    ids["membership"] = Membership.objects.get(user=stranger.user).pk
    ids["user"] = stranger.user.pk
    return World(acme, rival, admin, stranger, ids)
