"""Retention and cohorts from the ledger: to the cent, as known on a day, open to their rows."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, ArrMovement
from bowtie.forms import WindowForm
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import movers, rollup, windows
from bowtie.queries.ways import Slice
from bowtie.rules.retention import Window, retention
from charter.actions import install_defaults
from charter.models import Document
from charter.queries import default_body
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

KINDS = (
    *("new", "expansion", "contraction", "churn", "restore", "reactivation", "adjustment", "fx"),
)


def entry(account: Account, kind: str, amount: int, on: date, at: datetime = NOW) -> None:
    ArrMovement.objects.create(
        account=account, kind=kind, amount_minor=amount, effective_on=on, recorded_at=at
    )


def test_the_papers_quick_ratio():
    moves = {"new": 120, "expansion": 60, "reactivation": 10, "contraction": -30, "churn": -50}
    assert retention([Window(100, 210, moves)]).quick_ratio == pytest.approx(190 / 80)
    assert round(190 / 80, 1) == 2.4
    assert retention([Window(100, 110, {"expansion": 10})]).quick_ratio is None


def test_a_restore_cancels_its_churn_and_a_reactivation_does_not():
    restored = retention([Window(100, 100, {"churn": -100, "restore": 100})])
    assert (restored.grr, restored.grr_movement, restored.logo) == (1, 1, 1)
    assert restored.quick_ratio is None
    again = retention([Window(100, 100, {"churn": -100, "reactivation": 100})])
    assert (again.grr, again.nrr, again.logo, again.grr_movement, again.nrr_movement) == (0,) * 5
    assert again.reconciles


def test_fewer_than_thirty_are_marked():
    assert retention([Window(1, 1, {})] * 29).is_low_n
    assert not retention([Window(1, 1, {})] * 30).is_low_n


moves = st.dictionaries(st.sampled_from(KINDS), st.integers(-(10**12), 10**12), max_size=7)


@given(st.lists(st.tuples(st.integers(0, 10**12), moves), max_size=30))
def test_any_movements_reconcile_and_hold_the_bounds(found: list[tuple[int, dict[str, int]]]):
    result = retention([Window(start, start + sum(by.values()), by) for start, by in found])
    assert result.reconciles
    if result.grr is not None and result.nrr is not None and result.logo is not None:
        assert 0 <= result.grr <= 1 and 0 <= result.logo <= 1
        assert result.grr <= result.nrr
    else:
        assert (result.base, result.nrr, result.logo) == (0, None, None)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_windows_of_any_slice_and_day_of_knowledge_add_up(inside: Tenant, data: st.DataObject):
    ArrMovement.objects.all().delete()
    Account.objects.all().delete()
    kept = []
    for number in range(data.draw(st.integers(1, 3))):
        account = make.account(segment=f"s{number % 2}")
        for _ in range(data.draw(st.integers(0, 4))):
            day = date(2025, 1, 1) + timedelta(days=data.draw(st.integers(0, 700)))
            at = NOW - timedelta(days=data.draw(st.integers(0, 3)))
            amount = data.draw(st.integers(-(10**10), 10**10))
            entry(account, data.draw(st.sampled_from(KINDS)), amount, day, at)
            kept.append((account.segment, day, at, amount))
    since = date(2025, 1, 1) + timedelta(days=data.draw(st.integers(0, 700)))
    until = since + timedelta(days=data.draw(st.integers(0, 400)))
    as_of = NOW - timedelta(days=data.draw(st.integers(0, 3)))
    segment = data.draw(st.sampled_from(["", "s0", "s1"]))
    result = retention(windows(since, until, as_of, Slice(segment)))
    known = [(day, n) for name, day, at, n in kept if at <= as_of and segment in ("", name)]
    assert result.reconciles
    assert result.opening == sum(n for day, n in known if day <= since)
    assert result.closing == sum(n for day, n in known if day <= until)


@pytest.mark.parametrize("segment", ["", "s1"])
def test_the_database_adds_up_what_the_rules_say(inside: Tenant, segment: str):
    chance = Random(36)
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1))
    for number in range(300):
        account = make.account(segment=f"s{number % 2}")
        for _ in range(chance.randrange(5)):
            amount, at = chance.randint(-6, 6), NOW + timedelta(days=chance.randint(-2, 1))
            entry(account, chance.choice(KINDS), amount, chance.choice(days), at)
    of = (date(2024, 12, 31), date(2025, 12, 31), NOW, Slice(segment))
    found = windows(*of)
    result = retention(found)
    assert rollup(*of) == result
    assert result.accounts > result.n > result.stayed > 0
    changed = [each for each in found if each.change]
    changed.sort(key=lambda each: (-abs(each.change), each.name, each.account_id))
    assert movers(*of, most=20) == changed[:20]
    later = (*of[:2], NOW - timedelta(days=9), of[3])
    assert rollup(*later) == retention([])


def test_what_was_recorded_later_does_not_change_a_past_day(inside: Tenant):
    account = make.account()
    entry(account, "new", 100_00, date(2025, 1, 1), NOW - timedelta(days=90))
    before = windows(date(2025, 2, 1), date(2026, 2, 1), NOW - timedelta(days=30))
    entry(account, "contraction", -40_00, date(2025, 6, 1), NOW)
    assert windows(date(2025, 2, 1), date(2026, 2, 1), NOW - timedelta(days=30)) == before
    assert retention(windows(date(2025, 2, 1), date(2026, 2, 1), NOW)).grr == 0.6


def test_a_cohort_is_blank_until_all_of_it_is_that_old(inside: Tenant):
    one, two = make.account(), make.account()
    entry(one, "new", 300, date(2026, 1, 31))
    entry(two, "new", 100, date(2026, 3, 31))
    entry(one, "expansion", 40, date(2026, 2, 28))
    entry(two, "churn", -100, date(2026, 5, 1))
    entry(two, "reactivation", 500, date(2026, 9, 15))
    [quarter] = cohorts(date(2026, 9, 30), NOW, months=8)
    assert (quarter.label, quarter.n, quarter.arr_minor) == ("2026 Q1", 2, 400)
    assert quarter.arr == (1, 1.1, 0.85, 0.85, 0.85, 0.85, 0.85, None, None)
    assert quarter.logos == (1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, None, None)


def test_a_cohort_begins_where_corrections_leave_it(inside: Tenant):
    account = make.account()
    entry(account, "new", 100, date(2025, 12, 1))
    entry(account, "new", -100, date(2025, 12, 1))
    entry(account, "new", 100, date(2026, 2, 1))
    [quarter] = cohorts(date(2026, 9, 30), NOW)
    assert (quarter.label, quarter.n, quarter.arr_minor) == ("2026 Q1", 1, 100)
    assert cohorts(date(2026, 9, 30), NOW, Slice("other")) == []


@pytest.fixture
def told(acme: Tenant) -> str:
    with act_for(acme.pk):
        account = make.account(segment="small")
        past = datetime(2025, 1, 1, tzinfo=UTC)
        entry(account, "new", 200_00, date(2025, 1, 1), past)
        entry(account, "contraction", -50_01, date(2026, 2, 1), datetime(2026, 2, 1, tzinfo=UTC))
    return "since=2026-01-01&until=2026-06-01"


def test_the_page_and_its_rows_say_the_same(told: str, acme: Tenant, sign_in):
    lead: Client = sign_in(make.member(acme, Role.MANAGER))
    page = lead.get(f"/acme/retention/?{told}").text
    assert "75.0%" in page and "1 accounts at the start, low n" in page and "2025 Q1" in page
    rows = lead.get(f"/acme/retention/accounts/?{told}").text
    assert "200.00" in rows and "149.99" in rows
    earlier = lead.get(f"/acme/retention/?{told}&as_of=2026-01-15").text
    assert "100.0%" in earlier and "by what was known then" in earlier
    assert (
        "No account had ARR" in lead.get(f"/acme/retention/accounts/?{told}&as_of=2020-01-01").text
    )


def test_lifetime_value_is_that_of_the_papers(acme: Tenant, sign_in):
    """30,000 a year of each account, a margin of 80%, one of ten leaves in a year: 240,000."""
    with act_for(acme.pk):
        accounts = [make.account(str(n)) for n in range(10)]
        for each in accounts:
            entry(each, "new", 30_000_00, date(2025, 1, 1))
        entry(accounts[0], "churn", -30_000_00, date(2026, 3, 1))
        actor: Actor = make.member(acme, Role.ADMIN)
        api = Client(headers={"Authorization": f"Bearer {make.api_key(actor)}"})
    window = "since=2025-11-20&until=2026-11-19"
    lead: Client = sign_in(make.member(acme, Role.MANAGER))

    def told() -> tuple[int, bool, str]:
        said = api.get(f"/api/v1/retention/?{window}").json()
        page = lead.get(f"/acme/retention/?{window}")
        stats = {each["label"]: each for each in page.context["stats"]}
        assert stats["Logo churn a year"]["value"] == "10.0%" and said[
            "churn_a_year"
        ] == pytest.approx(0.1)
        note = stats["Lifetime value of an account"]["note"]
        return said["lifetime_minor"], said["lifetime_is_capped"], note

    assert told() == (240_000_00, False, "€30,000 a year × 80% margin ÷ 10.0% churn")
    with act_for(acme.pk):  # NRR of 115%
        entry(accounts[1], "expansion", 75_000_00, date(2026, 4, 1))
    capped = "€30,000 a year × 80% margin × 115.0% NRR, 5 years at 10%"
    assert told() == (131_416_33, True, capped)
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        Document.objects.filter(kind="bowtie").update(
            body=default_body("bowtie") | {"gross_margin": None}
        )
    assert told() == (None, None, "the charter has no gross margin")


def test_the_window_begins_with_its_first_day(told: str, acme: Tenant, sign_in):
    lead: Client = sign_in(make.member(acme, Role.MANAGER))
    for since, moved in (("2026-02-01", {"contraction": -50_01}), ("2026-02-02", {})):
        url = f"/acme/retention/?since={since}&until=2026-06-01"
        assert lead.get(url).context["result"].movements == moved
    assert len(lead.get("/acme/retention/ledger/?since=2026-02-01").context["rows"]) == 1


@pytest.mark.parametrize(
    ("today", "since"),
    [(date(2026, 11, 19), date(2025, 11, 20)), (date(2024, 2, 29), date(2023, 3, 1))],
)
def test_without_a_window_it_is_a_year_and_no_day_more(today: date, since: date):
    assert WindowForm({}).window(today) == (since, today)


def test_the_api_says_what_the_page_says(told: str, acme: Tenant):
    with act_for(acme.pk):
        actor: Actor = make.member(acme, Role.ADMIN)
        api = Client(headers={"Authorization": f"Bearer {make.api_key(actor)}"})
    found = api.get(f"/api/v1/retention/?{told}").json()
    assert (found["opening"], found["movements"], found["closing"]) == (
        200_00,
        {"contraction": -50_01},
        149_99,
    )
    assert found["grr"] == 149_99 / 200_00 and found["is_low_n"] and found["stayed"] == 1
    assert found["cohorts"][0]["quarter"] == "2025-01-01"
    other = api.get(f"/api/v1/retention/?{told}&segment=other").json()
    assert (other["n"], other["grr"], other["cohorts"]) == (0, None, [])
    for wrong in ("method=cohort", "since=2026-02-01&until=2026-01-01", "as_of=x"):
        assert api.get(f"/api/v1/retention/?{wrong}").status_code == 422
