"""What scores said before decisions, read from stored days alone: no look-ahead.

Source: operating model, 11.2. A snapshot counts that was recorded by the end of its cut-off day;
only where there is none does one that was recorded later, or a replay, stand in and say so. Each
is scored by the version that scored it then, without what the outcome itself writes: the cap of a
notice and measures of notices. Overrides do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from health.models import HealthModel
from health.queries.decisions import Drawn, decided, drawn
from health.queries.seen import REACH_BACK, Scorers, as_they_were, rows, seen, with_draft
from health.rules.proof.decisions import WINDOW, Decision, Outcome
from health.rules.proof.verdict import Lead, Verdict, verdict

HORIZONS = (180, 90, 60, 30)
MAIN = 90
WARNED_WITHIN = 365
DROP_DAYS, DROP_POINTS = 28, 15.0
BEFORE = (
    "s.account_id = asked.account_id AND s.day < asked.decided_on"
    f" AND s.day >= asked.decided_on - {WARNED_WITHIN}"
)


@dataclass(frozen=True)
class Backtest:
    """Verdicts by days before the decision, over the decisions of the year up to a day.

    undecided: decisions whose outcome was not known by then; they count nowhere. lead: of those
    that left, if they are enough to say; churned: how many left. accounts: whose decisions.
    """

    since: date
    until: date
    verdicts: dict[int, Verdict]
    undecided: tuple[Decision, ...]
    lead: Lead
    churned: int
    accounts: Drawn

    @property
    def main(self) -> Verdict:
        return self.verdicts[MAIN]


def backtest(until: date, as_of: datetime, horizons: Sequence[int] = HORIZONS) -> Backtest:
    """How the scores did that were given. Seven queries, of what was recorded up to as_of."""
    return _judged(until, as_of, horizons, as_they_were())


def backtest_of(draft: HealthModel, until: date, as_of: datetime) -> Backtest:
    """How a draft would have done in place of its model, on the snapshots of the main distance."""
    return _judged(until, as_of, (MAIN,), with_draft(draft, until))


def _judged(until: date, as_of: datetime, horizons: Sequence[int], scorers: Scorers) -> Backtest:
    since = until - WINDOW
    accounts = drawn(until, as_of)
    everything = decided(since - WINDOW, until, as_of, accounts.account_ids)
    settled = [each for each in everything if each.outcome != Outcome.OPEN]
    by_horizon = seen(settled, horizons, scorers)
    verdicts = {}
    for horizon, cases in by_horizon.items():
        now = [each for each in cases if each.decision.decided_on > since]
        earlier = [each for each in cases if each.decision.decided_on <= since]
        verdicts[horizon] = verdict(horizon, now, earlier)
    recent = [each for each in everything if each.decided_on > since]
    churned = [each for each in recent if each.outcome == Outcome.CHURNED]
    return Backtest(
        since,
        until,
        verdicts,
        tuple(each for each in recent if each.outcome == Outcome.OPEN),
        Lead(_warned(churned, scorers)),
        len(churned),
        accounts,
    )


def _warned(lost: Sequence[Decision], scorers: Scorers) -> tuple[int, ...]:
    """Per decision the days from the start of the last run of warning days to the decision.

    A day warns where the score is red, or below green after a fall of 15 points in 28 days. A run
    is of stored days; it counts where it lasts up to the last of them. One query.
    """
    if not lost or not scorers.model_no:
        return ()
    sql = f"""
    WITH asked AS (
        SELECT * FROM unnest(%(numbers)s::int[], %(accounts)s::uuid[], %(decided)s::date[])
            AS each(number, account_id, decided_on)
    ), bands AS (
        SELECT * FROM unnest(%(ids)s::uuid[], %(yellow)s::float8[], %(green)s::float8[])
            AS each(id, yellow, green)
    ), days AS (
        SELECT asked.number, asked.decided_on, s.day,
            s.capped < bands.yellow OR (s.capped < bands.green AND s.capped <= last_value(s.capped)
                OVER (PARTITION BY asked.number ORDER BY s.day
                    RANGE BETWEEN interval '{DROP_DAYS + REACH_BACK - 1} days' PRECEDING
                        AND interval '{DROP_DAYS} days' PRECEDING) - {DROP_POINTS}) AS warns
        FROM asked CROSS JOIN LATERAL (
            SELECT s.day, s.capped, s.model_id FROM health_snapshot s WHERE {BEFORE}
            UNION ALL
            SELECT s.day, s.capped, s.model_id FROM health_replay s WHERE {BEFORE}
                AND NOT EXISTS (SELECT 1 FROM health_snapshot t
                    WHERE t.account_id = s.account_id AND t.day = s.day)
        ) s
        LEFT JOIN bands ON bands.id = s.model_id
    )
    SELECT number, CASE WHEN max(day) >= decided_on - {REACH_BACK} - 1
        THEN coalesce(decided_on - min(day) FILTER (WHERE day > calm), 0) ELSE 0 END FROM (
        SELECT *, coalesce(max(day) FILTER (WHERE warns IS NOT TRUE)
            OVER (PARTITION BY number), '-infinity') AS calm FROM days
    ) runs GROUP BY number, decided_on
    """
    parameters = {
        "numbers": list(range(len(lost))),
        "accounts": [str(each.account_id) for each in lost],
        "decided": [each.decided_on for each in lost],
        "ids": [str(each) for each in scorers.ids],
        "yellow": [each.yellow for each in scorers.models],
        "green": [each.green for each in scorers.models],
    }
    by_number: dict[int, int] = dict(rows(sql, parameters))
    return tuple(by_number.get(number, 0) for number in range(len(lost)))
