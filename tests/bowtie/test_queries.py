"""The board and the ledger, from rows to figures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.actions.revenue import keep_ledger
from accounts.actions.upsert import bring_in
from accounts.models import ArrMovement, Contract, Opportunity
from accounts.targets import TARGETS
from bowtie.actions.pipeline import keep_steps
from bowtie.models import DealStep, Stay
from bowtie.queries.board import Asked, Board, standing
from bowtie.queries.ledger import movements, rollup, windows
from bowtie.queries.ways import Slice
from bowtie.rules.retention import retention
from charter.actions import install_defaults, publish
from charter.queries import in_force
from tenants.actor import Actor
from tenants.models import Tenant
from tests import make
from tests.make import NOW

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


def stay(account, stage: str, at: datetime, **more) -> Stay:
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    return Stay.objects.create(
        account=account, stage=stage, entered_at=at, **{"recorded_at": at} | more
    )


def asked(as_of: datetime = NOW, **more) -> Board:
    zone = ZoneInfo("UTC")
    return Board(Asked(SINCE, UNTIL, as_of, zone, **more))


def deal(name: str, stage: str, opened: date, closed: date | None = None, *, now=NOW, **more):
    """An opportunity as it comes in through the one door."""
    row = {"external_id": name, "name": name, "stage": stage, "opened_on": opened}
    found = bring_in(
        TARGETS["opportunities"], [row | {"closed_on": closed} | more], source="crm", now=now
    )
    assert not found.refusals


def test_the_left_half_counts_deals_and_the_right_half_accounts(inside: Tenant):
    deal("1", "prospect", date(2026, 3, 1))
    deal("2", "sal", date(2026, 3, 1))
    deal("3", "lost", date(2026, 3, 1), date(2026, 4, 1))
    deal("4", "won", date(2026, 3, 1), date(2026, 3, 31))
    deal("5", "won", date(2025, 3, 1), date(2025, 3, 31))
    deal("6", "won", date(2026, 3, 1), date(2026, 3, 31), kind="expansion")
    quick, skipper, old = make.account("Quick"), make.account("Skipper"), make.account("Old")
    stay(quick, "committed", moment(2, 1))
    stay(quick, "live", moment(3, 3))
    stay(skipper, "committed", moment(2, 1))
    stay(skipper, "first_impact", moment(5, 1))
    stay(old, "committed", moment(2, 1), is_imported=True)
    rates = asked().rates
    assert {key: (each.n, each.reached) for key, each in rates.items()} == {
        "cr1": (4, 3),
        "cr2": (3, 3),
        "cr3": (3, 3),
        "cr4": (3, 1),
        "cr5": (2, 1),
        "cr5a": (2, 2),
        "cr5b": (2, 1),
        "selected": (3, 3),
        "again": (1, 0),
        "most": (0, 0),
        "cr6": (0, 0),
        "cr7": (0, 0),
    }
    assert (rates["cr4"].median_days, rates["cr5"].median_days) == (30, 89)
    assert rates["cr5a"].median_days == 30, "who skipped a stage has no time in it"
    assert rates["most"].value is None


def test_a_deals_steps_are_dated_as_they_are_told_and_once(inside: Tenant):
    deal("1", "prospect", date(2026, 3, 1), now=moment(3, 5))
    for at in (moment(4, 1), moment(4, 9)):
        deal("1", "sql", date(2026, 3, 1), now=at)
    deal("1", "lost", date(2026, 3, 1), date(2026, 5, 2), now=moment(5, 5))
    found = [(each.stage, each.entered_on) for each in DealStep.objects.order_by("recorded_at")]
    assert found == [
        ("prospect", date(2026, 3, 1)),
        ("sql", date(2026, 4, 1)),
        ("lost", date(2026, 5, 2)),
    ]
    assert asked().rates["cr3"].reached == 0, "a deal that was lost early was never accepted"


def test_a_past_day_is_seen_by_what_was_known_then(inside: Tenant):
    account = make.account()
    stay(account, "committed", moment(2, 1))
    before = asked(moment(6, 1)).rates["cr5a"]
    late = stay(account, "live", moment(3, 1), recorded_at=moment(7, 1))
    deal("1", "won", date(2026, 2, 1), date(2026, 3, 1), now=moment(7, 1))
    ArrMovement.objects.create(
        account=account, kind="new", amount_minor=5, effective_on=SINCE, recorded_at=moment(7, 1)
    )
    again = asked(moment(6, 1))
    assert again.rates["cr5a"] == before
    assert (again.rates["cr4"].n, again.rates["cr7"].n) == (0, 0)
    assert len(again.flows["committed"].closing) == 1
    assert len(asked().flows["live"].closing) == 1
    late.revoked_at = moment(8, 1)
    late.save()
    assert len(asked(moment(7, 15)).flows["live"].closing) == 1
    assert len(asked().flows["live"].closing) == 0


def test_targets_are_those_in_force_at_the_time(inside: Tenant, csm: Actor):
    install_defaults(author=None, now=moment(1, 1))
    assert asked().targets["cr5"] == 0.9
    body = in_force("bowtie").body
    changed = [each | {"target": 0.5} for each in body["conversions"]]
    publish(
        kind="bowtie", body=body | {"conversions": changed}, note="", seen_version=1,
        author=csm.user, now=moment(6, 1),
    )  # fmt: skip
    assert asked().targets["cr5"] == 0.5
    assert asked(moment(5, 1)).targets["cr5"] == 0.9


def test_a_slice_holds_its_accounts_and_their_deals(inside: Tenant, csm: Actor):
    ours, other = make.account("Ours", segment="small", owner=csm.user), make.account("Other")
    for account in (ours, other):
        stay(account, "committed", moment(2, 1))
        row = Opportunity.objects.create(
            name=account.name,
            external_id=account.name,
            stage="sal",
            account=account,
            opened_on=SINCE,
        )
        keep_steps(ids=[row.pk], now=NOW, today=NOW.date())
    for chosen in (Slice(segment="small"), Slice(owner_id=csm.user.pk)):
        found = asked(chosen=chosen)
        assert [way.name for way in found.flows["committed"].closing] == ["Ours"]
        assert [way.name for way in found.flows["sal"].closing] == ["Ours"]
    assert len(asked().flows["committed"].closing) == 2


def test_renewals_and_growth_tie_to_the_ledger(inside: Tenant):
    def account(name: str, *terms: tuple[str, str, int]) -> None:
        made = make.account(name)
        for at, (starts, ends, arr) in enumerate(terms):
            Contract.objects.create(
                account=made, external_id=f"{name}{at}", arr_minor=arr,
                starts_on=date.fromisoformat(starts), ends_on=date.fromisoformat(ends),
            )  # fmt: skip
        Contract.objects.update(created_at=moment(1, 1))
        keep_ledger(account_ids=[made.pk], now=NOW)

    account("Up", ("2025-06-01", "2026-06-01", 1000), ("2026-06-01", "2027-06-01", 1300))
    account("Down", ("2025-06-01", "2026-06-01", 1000), ("2026-06-01", "2027-06-01", 600))
    account("Late", ("2025-06-01", "2026-06-01", 500), ("2026-07-01", "2027-07-01", 500))
    account("Gone", ("2025-06-01", "2026-06-01", 250))
    account("Not due", ("2025-06-01", "2027-06-01", 900))
    rates = asked().rates
    assert (rates["cr6"].n, rates["cr6"].reached) == (2750, 2100)
    assert rates["cr6"].accounts == 4
    assert (rates["cr7"].n, rates["cr7"].reached) == (1000 + 600 + 500 + 900, 3300)


def test_each_day_is_in_one_of_two_years_side_by_side(inside: Tenant):
    """What is due, moves or leaves on 1 January is in the year that begins with it."""
    grows, leaves = make.account("Grows"), make.account("Leaves")
    plain = {"starts_on": date(2024, 1, 1), "ends_on": SINCE, "arr_minor": 1000}
    rows = [
        {"external_id": "1", "account": grows.external_id, **plain},
        {"external_id": "2", "account": leaves.external_id, **plain},
        {"external_id": "3", "account": grows.external_id, **plain}
        | {"starts_on": SINCE, "ends_on": date(2027, 1, 1), "arr_minor": 1500},
    ]
    assert not bring_in(TARGETS["contracts"], rows, source="csom", now=NOW).refusals
    zone = ZoneInfo("UTC")
    before = Board(Asked(date(2025, 1, 1), date(2025, 12, 31), NOW, zone)).rates
    after = Board(Asked(SINCE, date(2026, 11, 1), NOW, zone)).rates
    assert (before["cr6"].n, after["cr6"].n, after["cr6"].reached) == (0, 2000, 1000)
    assert (before["cr7"].value, after["cr7"].value) == (1.0, 1.5)


def test_who_left_is_split_at_first_impact(inside: Tenant):
    early, late = make.account("Early"), make.account("Late")
    stay(early, "committed", moment(1, 5))
    stay(early, "churned", moment(3, 1))
    stay(late, "first_impact", moment(1, 5))
    stay(late, "churned", moment(4, 1))
    churn = asked().churn
    assert [way.name for way in churn["onboarding_churn"]] == ["Early"]
    assert [way.name for way in churn["usage_churn"]] == ["Late"]
    assert churn["unproven_churn"] == []


@pytest.mark.parametrize(
    ("shown", "reason", "told"),
    [
        ({}, "The board wants it so", "unproven_churn"),
        ({"is_proxy": True}, "", "unproven_churn"),
        ({"measurement": "m"}, "Skips a step", "usage_churn"),
        ({"measurement": "m"}, "", "usage_churn"),
    ],
)
def test_who_left_after_first_impact_nobody_confirmed_is_told_apart(
    inside: Tenant, shown: dict[str, Any], reason: str, told: str
):
    account = make.account("Late")
    stay(account, "first_impact", moment(1, 5))
    Stay.objects.update(evidence=shown, override_reason=reason)
    stay(account, "churned", moment(4, 1))
    churn = asked().churn
    assert {key: len(ways) for key, ways in churn.items() if ways} == {told: 1}


def test_a_new_life_is_counted_as_one(inside: Tenant):
    account = make.account()
    stay(account, "committed", moment(1, 5))
    stay(account, "churned", moment(3, 1))
    stay(account, "committed", moment(6, 1), lifecycle=2)
    found = asked()
    assert found.rates["cr5"].n == 2
    assert len(found.flows["committed"].closing) == 1


def test_standing_counts_every_stage(inside: Tenant):
    make.account(stage="live", arr_minor=500)
    rows = {row["stage"]: (row["n"], row["arr_minor"]) for row in standing()}
    assert rows["live"] == (1, 500)
    assert rows["churned"] == (0, 0)


def test_the_ledger_reconciles_for_any_window(inside: Tenant):
    account = make.account()
    for kind, amount, on in [
        ("new", 100_00, date(2025, 6, 1)),
        ("expansion", 30_01, date(2026, 2, 1)),
        ("contraction", -10_02, date(2026, 3, 1)),
        ("churn", -119_99, date(2026, 9, 1)),
    ]:
        ArrMovement.objects.create(
            account=account, kind=kind, amount_minor=amount, effective_on=on, recorded_at=NOW
        )
    for since, until in [(SINCE, UNTIL), (date(2025, 1, 1), date(2026, 2, 1)), (UNTIL, UNTIL)]:
        [window] = windows(since, until, NOW)
        assert window.start + sum(window.movements.values()) == window.end
    result = retention(windows(SINCE, UNTIL, NOW))
    assert (result.opening, result.closing, result.nrr, result.logo) == (100_00, 0, 0, 0)
    assert [each.amount_minor for each in movements(SINCE, UNTIL, NOW, kind="churn")] == [-119_99]


def test_a_window_of_retention_holds_its_last_day_and_not_the_one_after(inside: Tenant):
    account = make.account("Northwind")
    ArrMovement.objects.create(
        account=account, kind="new", amount_minor=18_000_00, effective_on=UNTIL, recorded_at=NOW
    )
    [found] = windows(SINCE, UNTIL, NOW)
    assert (found.start, found.end) == (0, 18_000_00)
    assert rollup(SINCE, UNTIL, NOW).closing == 18_000_00
    assert windows(SINCE, UNTIL - timedelta(days=1), NOW) == []
    [after] = windows(UNTIL, UNTIL + timedelta(days=30), NOW)
    assert (after.start, after.end) == (18_000_00, 18_000_00)
