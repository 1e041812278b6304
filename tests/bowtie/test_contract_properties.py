"""What holds of retention and renewal whatever contracts there are, against counts of our own.

The counts here read what was drawn, not the ledger: ARR as a height for each day, and what became
of each term as its life was made up.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.revenue import keep_ledger
from accounts.actions.upsert import bring_in
from accounts.models import Account
from accounts.rules.renewal import months_after
from accounts.targets import CONTRACTS
from bowtie.queries.ledger import rollup, windows
from bowtie.queries.money import renewals
from bowtie.rules.money import dollar_renewal, logo_renewal
from bowtie.rules.retention import retention
from tenants.models import Tenant
from tests import make

FIRST, AS_OF = date(2023, 1, 1), date(2026, 11, 1)
DAY, RESTORED, GRACE = timedelta(days=1), 90, 60
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def bring(day: date, *rows: dict[str, Any]) -> None:
    assert not bring_in(CONTRACTS, rows, source="csom", now=moment(day)).refusals


offsets = st.integers(0, 1300)
contracts = st.tuples(offsets, st.integers(1, 700), st.integers(1, 100_000))
books = st.lists(st.lists(contracts, min_size=1, max_size=4), min_size=1, max_size=4)


@SLOW
@given(books, offsets, st.integers(1, 500))
def test_grr_is_no_more_than_nrr_nor_than_all_and_movements_reconcile(
    inside: Tenant, drawn: list[list[tuple[int, int, int]]], begin: int, length: int
):
    """Property 2 of the operating model, 17, over contracts."""
    Account.objects.all().delete()
    since, until = FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + length)
    for number, own in enumerate(drawn):
        account = make.account(str(number))
        rows = [
            {
                "external_id": f"{number}-{at}",
                "account": account.external_id,
                "starts_on": FIRST + timedelta(days=start),
                "ends_on": FIRST + timedelta(days=start + days),
                "arr_minor": arr,
            }
            for at, (start, days, arr) in enumerate(own)
        ]
        bring(date(2029, 1, 1), *rows)
    known = moment(date(2029, 1, 1))
    made = rollup(since, until, known)
    assert made == retention(windows(since, until, known))
    counted = [by_hand(own, begin, begin + length) for own in drawn]
    cohort = [(start, kept) for start, _, kept in counted if start > 0]
    assert (made.opening, made.closing) == tuple(sum(each[at] for each in counted) for at in (0, 1))
    assert (made.n, made.base) == (len(cohort), sum(start for start, _ in cohort))
    assert made.kept == sum(kept for _, kept in cohort)
    assert made.least == sum(min(each) for each in cohort)
    assert made.reconciles
    if made.grr is not None and made.nrr is not None:
        assert made.grr <= 1 and made.grr <= made.nrr


def by_hand(own: list[tuple[int, int, int]], first: int, last: int) -> tuple[int, int, int]:
    """ARR after the first and the last day, and what is kept: nothing once it was won again."""

    def height(day: int) -> int:
        return sum(arr for start, days, arr in own if start <= day < start + days)

    gap, ever, again = 0, False, False
    for day in range(min(start for start, _, _ in own), last + 1):
        if height(day):
            again = again or (ever and gap > RESTORED and day > first)
            ever, gap = True, 0
        else:
            gap += 1
    return height(first), height(last), 0 if again else height(last)


@dataclass(frozen=True)
class Turn:
    """What became of a term: how, how many days off its end it was told, and the next ARR."""

    how: str
    off: int
    arr: int


HOWS = ("extended", "signed", "late", "left", "cancelled", "by itself")
turns = st.builds(Turn, st.sampled_from(HOWS), st.integers(1, 120), st.integers(100, 900))
lives = st.tuples(st.integers(0, 700), st.integers(100, 900), st.lists(turns, max_size=3))


@dataclass
class Made:
    """The rows of an account as they come in by day, and its renewals as one counts them."""

    rows: list[tuple[date, dict[str, Any]]] = field(default_factory=list)
    due: list[tuple[date, int, int, str]] = field(default_factory=list)


def live(key: str, begins: date, arr: int, life: list[Turn]) -> Made:
    """Make a life up, and count its renewals from what was made up."""
    made, number = Made(), 1
    end = months_after(begins, 12)

    def told(day: date, **said: Any) -> None:
        made.rows.append((day, {"external_id": f"{key}-{number}", "account": key} | said))

    told(begins, starts_on=begins, ends_on=end, arr_minor=arr, term_months=12)
    for turn in life:
        if end > AS_OF:
            return made
        early, late = end - timedelta(days=turn.off % 60), end + timedelta(days=turn.off)
        match turn.how:
            case "extended":
                told(early, ends_on=months_after(end, 12), arr_minor=turn.arr)
                made.due.append((end, arr, min(arr, turn.arr), "renewed"))
            case "signed" | "late":
                number += 1
                starts = end if turn.how == "signed" else late
                more = {"starts_on": starts, "ends_on": months_after(starts, 12)}
                told(starts, arr_minor=turn.arr, term_months=12, **more)
                if starts <= min(AS_OF, end + timedelta(days=GRACE)):
                    made.due.append((end, arr, min(arr, turn.arr), "renewed"))
                else:
                    made.due.append((end, arr, 0, unsigned(end)))
                if starts > AS_OF:
                    return made
                end = months_after(starts, 12)
                arr = turn.arr
                continue
            case "by itself":
                told(early, auto_renews=True)
                made.due.append((end, arr, arr, "renewed"))
                told(end + 40 * DAY, auto_renews=False, ends_on=months_after(end, 12))
                end = months_after(end, 12)
                continue
            case "cancelled":
                told(early, cancelled_on=early)
                made.due.append((end, arr, 0, "lost"))
                return made
            case _:
                made.due.append((end, arr, 0, unsigned(end)))
                return made
        end, arr = months_after(end, 12), turn.arr
    if end <= AS_OF:
        made.due.append((end, arr, 0, unsigned(end)))
    return made


def unsigned(end: date) -> str:
    return "open" if end + timedelta(days=GRACE) >= AS_OF else "lost"


@SLOW
@given(st.lists(lives, min_size=1, max_size=3))
def test_renewals_are_those_one_counts_from_the_contracts(
    inside: Tenant, drawn: list[tuple[int, int, list[Turn]]]
):
    Account.objects.all().delete()
    made = {}
    for number, (begin, arr, life) in enumerate(drawn):
        account = make.account(str(number))
        made[account.pk] = live(account.external_id, FIRST + timedelta(days=begin), arr, life)
    coming = sorted((row for each in made.values() for row in each.rows), key=lambda row: row[0])
    for day, row in coming:
        if day <= AS_OF:
            bring(day, row)
    keep_ledger(account_ids=list(made), now=moment(AS_OF))
    found = renewals(FIRST, AS_OF, moment(AS_OF), AS_OF)
    told = {
        account_id: [
            (each.due_on, each.due_minor, each.renewed_minor, each.state)
            for each in sorted(found, key=lambda each: each.due_on)
            if each.account_id == account_id
        ]
        for account_id in made
    }
    assert told == {account_id: each.due for account_id, each in made.items()}
    every = [row for each in made.values() for row in each.due]
    if every:
        due, kept = sum(row[1] for row in every), sum(row[2] for row in every)
        assert dollar_renewal(found) == kept / due
        assert logo_renewal(found) == sum(row[3] == "renewed" for row in every) / len(every)
