"""The weekly habit that is agreed with an account: stored, read by the measure, told as such."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact
from bowtie.queries.facts import facts
from pulse.actions.activities import NotOfAccount, NotYet
from pulse.actions.norms import BadNorm, NoNorm, agree_norm, drop_norm
from pulse.models import HabitNorm, UsageDay
from pulse.queries.habit import habit_weeks
from pulse.queries.norms import norm_of
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.health.test_one_reading import (  # noqa: F401 - one account past First Impact
    account,
    ago,
    measured,
    measured_on,
    seats,
    stood,
)
from tests.make import NOW, TODAY

LAST_MONDAY = TODAY + timedelta(days=1) - timedelta(days=(TODAY + timedelta(days=1)).weekday() + 7)


def uses(account: Account, *weekly: int, people: int = 1) -> None:  # noqa: F811
    """So many uses in each of the last weeks, the newest first; half on Monday, half on Friday."""
    for back, n in enumerate(weekly):
        for day, part in ((0, n // 2), (4, n - n // 2)):
            on = LAST_MONDAY - timedelta(days=7 * back) + timedelta(days=day)
            UsageDay.objects.create(
                account=account, day=on, actions=part, active_users=people, recorded_at=NOW
            )


def agreed(account: Account, weekly: int, on: date = TODAY, **more: Any) -> HabitNorm:  # noqa: F811
    who = Contact.objects.filter(account=account).first() or make.contact(account, "Priya N.")
    said = {"actor": None, "now": NOW, "agreed_by": who, "agreed_on": on} | more
    return agree_norm(account=account, weekly=weekly, **said)


def test_a_week_counts_from_half_of_the_norm(account: Account):  # noqa: F811
    stood(account, 500)
    seats(account, 100)
    uses(account, 200, 100, 99, 101, 0, 100)
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks") == 0, "by seats"
    agreed(account, 200)
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks") == 4
    assert facts(account, NOW).habit_weeks == 4
    agreed(account, 203)
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks") == 1
    drop_norm(account=account, actor=None, now=NOW + timedelta(seconds=1))
    assert norm_of(account.pk, TODAY) is None
    assert habit_weeks(account.pk, TODAY) == 0


def test_it_needs_no_seats_but_use(account: Account):  # noqa: F811
    stood(account, 500)
    agreed(account, 10)
    assert habit_weeks(account.pk, TODAY) is None and measured(account, "habit_weeks") is None
    uses(account, 5, 4)
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks") == 1


def test_a_day_is_measured_by_what_was_agreed_and_known_then(account: Account):  # noqa: F811
    stood(account, 500)
    uses(account, 50, 50, 50)
    then = NOW - timedelta(days=3)
    UsageDay.objects.update(recorded_at=then)
    agreed(account, 100, ago(3), now=then)
    agreed(account, 1000, ago(1))
    assert measured(account, "habit_weeks") == 0
    assert measured_on(account, "habit_weeks", ago(2)) == 3
    assert measured_on(account, "habit_weeks", ago(1)) == 3, "the other one was noted later"
    found = [norm_of(account.pk, ago(n)) for n in (4, 3, 1)]
    assert [each and each.weekly for each in found] == [None, 100, 1000]


def test_what_cannot_be_agreed_is_refused(account: Account):  # noqa: F811
    stranger = make.contact(make.account("Other"), "Somebody")
    for weekly in (0, -1, 10_000_001):
        with pytest.raises(BadNorm):
            agreed(account, weekly)
    with pytest.raises(NotOfAccount):
        agreed(account, 10, agreed_by=stranger)
    with pytest.raises(NotYet):
        agreed(account, 10, TODAY + timedelta(days=1))
    with pytest.raises(NoNorm):
        drop_norm(account=account, actor=None, now=NOW)
    assert not HabitNorm.objects.exists()


def test_the_page_says_what_is_counted_and_who_agreed(
    acme: Tenant, sign_in: Callable[[Actor], Client]
):
    csm = make.member(acme, Role.CSM)
    with act_for(acme.pk):
        mine = make.account("Northwind", owner=csm.user)
        priya = make.contact(mine, "Priya Nair")
    client, at = sign_in(csm), f"/acme/accounts/{mine.pk}/"
    page = client.get(f"{at}usage/").text
    assert "No weekly habit is agreed, so a week counts where a quarter of the seats" in page
    said = {"weekly": "400", "agreed_by": str(priya.pk), "agreed_on": "2026-11-03"}
    assert client.get(f"{at}norm/").status_code == 200
    for wrong in (
        {"weekly": "0"},
        {"weekly": "many"},
        {"agreed_by": "x"},
        {"agreed_on": "2099-01-01"},
    ):
        assert client.post(f"{at}norm/", said | wrong).status_code == 422
    assert client.post(f"{at}norm/", said).status_code == 302
    page = client.get(f"{at}usage/").text
    assert "<b>400</b> uses of core features, agreed with Priya Nair on 3 Nov 2026" in page
    with act_for(acme.pk):
        told = TrailEntry.objects.get(verb="pulse.norm_agreed")
        assert told.facts["weekly"] == [None, 400] and told.actor_id == csm.user_id
    assert client.post(f"{at}norm/drop/").status_code == 302
    assert client.post(f"{at}norm/drop/").status_code == 409
    assert "No weekly habit is agreed" in client.get(f"{at}usage/").text


def test_who_may_not_write_use_agrees_on_nothing(acme: Tenant, sign_in: Callable[[Actor], Client]):
    with act_for(acme.pk):
        theirs = make.account("Northwind")
    client = sign_in(make.member(acme, Role.SALES))
    assert "Agree on a norm" not in client.get(f"/acme/accounts/{theirs.pk}/usage/").text
    assert client.get(f"/acme/accounts/{theirs.pk}/norm/").status_code == 403


def test_a_program_reads_and_sets_it(acme: Tenant):
    admin = make.member(acme, Role.ADMIN)
    with act_for(acme.pk):
        secret = make.api_key(admin, scopes=["pulse:read", "pulse:write"])
        mine, other = make.account("Northwind"), make.account("Other")
        priya, strange = make.contact(mine, "Priya Nair"), make.contact(other, "Else")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    at = f"/api/v1/accounts/{mine.pk}/habit-norm/"

    def put(**body: Any) -> Any:
        return client.put(at, body, content_type="application/json")

    told = client.get(at).json()
    assert (told["weekly"], told["counted_by"], told["weeks"]) == (None, "seats", None)
    told = put(weekly=400, contact_id=str(priya.pk), agreed_on="2026-11-03").json()
    assert (told["weekly"], told["contact_id"]) == (400, str(priya.pk))
    assert told["counted_by"] == "norm" and told["agreed_on"] == "2026-11-03"
    assert put(weekly=400).status_code == 422
    assert put(weekly=400, contact_id=str(strange.pk)).status_code == 422
    assert put(weekly=None).json()["counted_by"] == "seats"
    assert put(weekly=None).status_code == 409
