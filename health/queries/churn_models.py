"""What a churn model learns from, the newest one, and whom it foretells the highest chance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from health.models import ChurnModel, Snapshot
from health.queries.decisions import Drawn, decided, drawn
from health.queries.measuring import slot
from health.queries.seen import as_they_were, seen
from health.rules.catalogue import MEASURES
from health.rules.freshness import CHURN_MODEL
from health.rules.proof.churn_model import Case, Regression, read_regression
from health.rules.proof.decisions import WINDOW, Decision, Outcome
from health.rules.proof.lifetimes import MONTH, Life
from health.rules.proof.verdict import Seen
from tenants.models import Job

HORIZON = 90
YEARS_BEFORE = 3  # of decisions that teach, before the year they are tried on
MOST = 20_000  # accounts


@dataclass(frozen=True)
class Lessons:
    """Cases decided 90 days before `since` and earlier, with what had come of them by then, and
    those since with their score. Facts that came in later are taken as known on their own day.
    """

    since: date
    earlier: tuple[Case, ...]
    later: tuple[Case, ...]
    scores: tuple[float | None, ...]
    accounts: Drawn


@dataclass(frozen=True)
class Foretold:
    """An account with its chance of loss at the next decision, by its newest snapshot."""

    account_id: UUID
    name: str
    day: date
    chance: float
    because: tuple[str, ...]
    arr_minor: int


def lessons(until: date, as_of: datetime) -> Lessons:
    """Settled decisions with what was stored 90 days before. Sixteen queries."""
    since = until - WINDOW
    accounts = drawn(until, as_of, MOST)
    ids = accounts.account_ids
    seen_until = since - timedelta(days=HORIZON)  # what is foretold first is seen on that day
    before = _settled(decided(seen_until - YEARS_BEFORE * WINDOW, seen_until, as_of, ids))
    after = _settled(decided(since, until, as_of, ids))
    found = seen([*before, *after], (HORIZON,), as_they_were(), with_values=True)[HORIZON]
    earlier = [each for each in found[: len(before)] if each.values]
    later = [each for each in found[len(before) :] if each.values]
    return Lessons(
        since,
        tuple(_case(each) for each in earlier),
        tuple(_case(each) for each in later),
        tuple(each.score for each in later),
        accounts,
    )


def learnable() -> list[str]:
    """Measures that may foretell: those the leaving does not write itself."""
    return [each.key for each in MEASURES.values() if not each.tells_outcome]


def lives(until: date, as_of: datetime, account_ids: Collection[UUID]) -> list[Life]:
    """First lives of accounts by the ledger: from ARR to no ARR, or until a day. One query."""
    sql = """
    WITH days AS (
        SELECT account_id, effective_on AS day, sum(amount_minor) AS moved
        FROM accounts_arrmovement
        WHERE account_id = ANY(%(accounts)s::uuid[]) AND effective_on <= %(until)s
            AND recorded_at <= %(as_of)s
        GROUP BY 1, 2
    ), heights AS (
        SELECT account_id, day, sum(moved) OVER (PARTITION BY account_id ORDER BY day) AS arr
        FROM days
    ), began AS (
        SELECT DISTINCT ON (account_id) account_id, day, arr FROM heights
        WHERE arr > 0 ORDER BY account_id, day
    )
    SELECT a.segment, b.day, (
        SELECT min(h.day) FROM heights h
        WHERE h.account_id = b.account_id AND h.day > b.day AND h.arr <= 0
    ), b.arr FROM began b JOIN accounts_account a ON a.id = b.account_id
    """
    parameters: dict[str, Any] = {
        "accounts": [str(each) for each in account_ids], "until": until, "as_of": as_of
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return [
        Life(segment, ((end or until) - first).days / MONTH, end is not None, int(arr))
        for segment, first, end, arr in rows
    ]


def newest() -> ChurnModel | None:
    return ChurnModel.objects.select_related("author").order_by("-learned_at").first()


def is_learning() -> bool:
    waiting = [Job.State.WAITING, Job.State.RUNNING]
    return Job.objects.filter(kind=CHURN_MODEL, state__in=waiting).exists()


def regression_in_use(model: ChurnModel | None) -> Regression | None:
    """What foretells: that of a model which separated on trial, and no other."""
    if model is None or not model.separates or model.regression is None:
        return None
    return read_regression(model.regression)


def foretold(
    regression: Regression, account_ids: Collection[UUID] | None, most: int
) -> list[Foretold]:
    """Accounts with the highest chance, among some or all, on the newest day. Two queries."""
    day = Snapshot.objects.order_by("-day").values_list("day", flat=True).first()
    if day is None:
        return []
    told = " + ".join(
        f"(least(greatest(coalesce(s.values[{slot(term.measure)}], %(mean_{at})s), %(low_{at})s),"
        f" %(high_{at})s) - %(mean_{at})s) * %(each_{at})s"
        for at, term in enumerate(regression.terms)
    )
    sql = f"""
        SELECT s.account_id, a.name, s.values, s.arr_minor
        FROM health_snapshot s JOIN accounts_account a ON a.id = s.account_id
        WHERE s.day = %(day)s AND s.arr_minor > 0 AND a.archived_at IS NULL
            {"" if account_ids is None else "AND s.account_id = ANY(%(accounts)s::uuid[])"}
        ORDER BY {told} DESC, s.arr_minor DESC, s.account_id LIMIT %(most)s
    """
    parameters: dict[str, Any] = {
        "day": day,
        "most": most,
        "accounts": [str(each) for each in account_ids or ()],
    }
    for at, term in enumerate(regression.terms):
        parameters |= {
            f"low_{at}": term.low,
            f"high_{at}": term.high,
            f"mean_{at}": term.mean,
            f"each_{at}": term.weight / term.deviation,
        }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    return [
        Foretold(account_id, name, day, *_because(regression, values), arr_minor=arr_minor)
        for account_id, name, values, arr_minor in rows
    ]


def foretold_of(account_id: UUID) -> Foretold | None:
    """The chance of one account; None where no churn model is in use. Up to four queries."""
    regression = regression_in_use(newest())
    return next(iter(foretold(regression, [account_id], 1)), None) if regression else None


def values_by_measure(values: Sequence[float | None]) -> dict[str, float | None]:
    """A snapshot's array by the key of each measure; a slot it is too short for is not known."""
    return {
        each.key: values[each.slot - 1] if each.slot <= len(values) else None
        for each in MEASURES.values()
    }


def _because(
    regression: Regression, values: Sequence[float | None]
) -> tuple[float, tuple[str, ...]]:
    known = values_by_measure(values)
    reasons = tuple(term.measure for term, _ in regression.because(known)[:2])
    return regression.chance(known), reasons


def _settled(decisions: Sequence[Decision]) -> list[Decision]:
    return [each for each in decisions if each.outcome != Outcome.OPEN]


def _case(each: Seen) -> Case:
    return Case(str(each.decision.account_id), values_by_measure(each.values), each.is_lost)
