"""The default plays of onboarding follow the plan where there is one, else commit and silence."""

import pytest

from accounts.models import Account
from plays.actions.definitions import install_defaults
from plays.actions.evaluate import evaluate
from plays.models import Run
from tenants.jobs import Work
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY


@pytest.fixture
def account(inside: Tenant) -> Account:
    install_defaults(author=None, now=NOW)
    return make.account(stage="onboarding", touch_model="mid")


def opened(account: Account, **known: float) -> set[str]:
    make.snapshot(account, TODAY, **known)
    work = Work(make.some_id(), make.some_id(), None, NOW)
    while (cursor := evaluate(work, day=TODAY.isoformat())) is not None:
        work.cursor = cursor
    return set(Run.objects.values_list("play__key", flat=True))


@pytest.mark.parametrize(
    ("known", "stalled"),
    [
        ({"days_since_plan_task": 14}, True),
        ({"days_since_plan_task": 13}, False),
        ({"days_since_plan_task": 2, "customer_task_days_late": 8}, True),
        ({"days_since_plan_task": 2, "customer_task_days_late": 7}, False),
        ({"days_since_commit": 46, "days_since_two_way": 15}, True),
        ({"days_since_commit": 45, "days_since_two_way": 15}, False),
        # The plan moves, so it is not commit and silence that count.
        ({"days_since_plan_task": 2, "days_since_commit": 46, "days_since_two_way": 15}, False),
    ],
)
def test_onboarding_is_stalled_where_its_plan_does_not_move(
    account: Account, known: dict[str, float], stalled: bool
):
    assert ("onboarding_stalled" in opened(account, **known)) is stalled


@pytest.mark.parametrize(
    ("known", "at_risk"),
    [
        ({"onboarding_pace": 0.82}, True),
        ({"onboarding_pace": 0.84}, False),
        ({"days_since_commit": 60, "seat_utilisation": 0.19}, True),
        ({"days_since_commit": 60, "seat_utilisation": 0.2}, False),
    ],
)
def test_first_impact_is_at_risk_at_a_fifth_over_the_plan(
    account: Account, known: dict[str, float], at_risk: bool
):
    assert ("first_impact_risk" in opened(account, **known)) is at_risk
