"""Pages speak in the time zone of the tenant they are about, and of no other request."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client
from django.utils import timezone

from tenants import trail
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make


def test_moments_are_shown_in_the_tenants_zone(acme: Tenant, sign_in: Callable[[Actor], Client]):
    Tenant.objects.filter(pk=acme.pk).update(time_zone="Asia/Kathmandu")
    with act_for(acme.pk):
        trail.record("charter.published", at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    page = sign_in(make.member(acme, Role.ADMIN)).get("/acme/settings/audit/").content.decode()
    assert '+05:45" title="' in page and '+00:00"' not in page
    assert timezone.get_current_timezone_name() == "UTC"
