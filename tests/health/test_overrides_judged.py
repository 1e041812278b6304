"""Whether overrides beat the model: right where what came is what they said."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from health.models import HealthModel, Override
from health.queries.overrides import overrides_judged
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tests import make
from tests.health.test_backtest import (
    BODY,
    DUE,
    NOW,
    START,
    TODAY,
    Told,
    accounts,
    snapshot,
    version,
)


@pytest.fixture
def model(inside: Tenant) -> HealthModel:
    return version("plain", 1, BODY, START - timedelta(days=400))


def overridden(told: Told, computed: float, to: float, model: HealthModel, days: int = 100):
    (account,) = accounts([told])
    day = told.due_on - timedelta(days=days)
    snapshot(account, day, computed, model)
    made = Override.objects.create(
        account=account, score=to, reason="They said so", author=make.user(),
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    Override.objects.filter(pk=made.pk).update(
        created_at=timezone.make_aware(timezone.datetime.combine(day, timezone.datetime.min.time()))
        + timedelta(hours=12)
    )
    return account


@pytest.mark.parametrize(
    ("is_lost", "computed", "to", "is_right"),
    [(False, 40, 80, True), (True, 40, 80, False), (True, 80, 40, True), (False, 80, 40, False)],
)
def test_right_is_what_then_came(
    model: HealthModel, is_lost: bool, computed: float, to: float, is_right: bool
):
    overridden(Told(0, is_lost=is_lost), computed, to, model)
    found = overrides_judged(TODAY, NOW)
    assert [each.is_right for each in found.judged] == [is_right]
    assert (found.n, found.share, found.interval) == (1, None, None)


def test_what_is_undecided_or_says_what_the_model_says_is_not_judged(model: HealthModel):
    overridden(Told(0, is_lost=False, due_on=TODAY + timedelta(days=50)), 40, 80, model)
    overridden(Told(0, is_lost=False), 40, 40.5, model)
    overridden(Told(0, is_lost=False), 40, 80, model, days=-3)  # set after it was decided
    assert overrides_judged(TODAY, NOW).n == 0


def test_of_thirty_a_share_is_stated_with_its_interval(model: HealthModel, acme: Tenant, sign_in):
    for number in range(30):
        overridden(Told(0, is_lost=number % 3 == 0, due_on=DUE), 40, 80, model)
    found = overrides_judged(TODAY, NOW)
    assert found.share == pytest.approx(20 / 30)
    actor: Actor = make.member(acme, Role.REVOPS)
    client: Client = sign_in(actor)
    page = client.get("/acme/health/truth/").text
    assert "20 of 30 overrides with a decision since pointed the right way: 67%" in page
    assert page.count('<span class="tag">wrong</span>') == 10
