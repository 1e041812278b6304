"""What the gates ask, read from the apps that know it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contract, Opportunity
from accounts.rules.renewal import term_end
from bowtie.models import Stay
from bowtie.queries.first_impact import confirmed, proof
from bowtie.rules.gates import Facts
from bowtie.rules.stages import Stage
from spiced.models import Element, ImpactGoal, ImpactMeasurement
from spiced.rules.impact import (
    LAPSES_AFTER,
    Reading,
    achievement,
    expected,
    is_lapsed,
    on_track_ratio,
)
from spiced.rules.recurring import streak
from tenants.formats import day as day_words

NORM_SHARE_OF_SEATS = 0.25


def facts(account: Account, now: datetime) -> Facts:
    """The facts of one account. At most eleven queries."""
    today = timezone.localdate(now)
    goals = list(ImpactGoal.objects.filter(account=account))
    found = confirmed(account)
    rational = [g for g in goals if g.kind == "rational" and g.status in ("active", "agreed")]
    done = [g for g in goals if g.kind == "rational" and g.status == "achieved"]
    return Facts(
        scores=dict(
            Element.objects.filter(note__account=account, note__is_current=True).values_list(
                "letter", "score"
            )
        ),
        has_opportunity=Opportunity.objects.filter(account=account).exists(),
        has_contract=_has_contract(account, today),
        has_owner=account.owner_id is not None,
        first_impact=proof(account, found, now),
        delivered_periods=streak(readings(found), today),
        habit_weeks=_habit_weeks(account, today),
        goals_achieved=bool(rational or done)
        and all(_achieved(goal, found) >= 1 for goal in rational),
        emotional_confirmations=len(
            {
                each.confirmed_by_id
                for each in found
                if each.goal.kind == "emotional" and each.value >= 4
            }
        ),
        lapsed=lapsed_words(readings(found), today),
        arr_minor=account.arr_minor,
        left_days_ago=(today - left_on).days if (left_on := _left_on(account)) else None,
    )


def left_day(entry: Stay, zone: tzinfo) -> date:
    """The day on which a churned account left: that of the ledger where it is known."""
    if said := entry.evidence.get("gone_on"):
        return date.fromisoformat(said)
    return entry.entered_at.astimezone(zone).date()


def _left_on(account: Account) -> date | None:
    if account.stage != Stage.CHURNED:
        return None
    entry = Stay.objects.filter(account=account, left_at=None, revoked_at=None).first()
    return left_day(entry, timezone.get_current_timezone()) if entry else None


def readings(measurements: Sequence[ImpactMeasurement]) -> list[Reading]:
    """Confirmed measurements as the rules of impact read them, each judged on its day."""
    found = []
    for each in measurements:
        goal = each.goal
        if goal.kind == "emotional":
            achieved: float | None = 1.0 if each.value >= 4 else each.value / 5
            found.append(Reading(each.measured_on, achieved, achieved))
            continue
        achieved = achievement(goal.baseline, goal.target, each.value)
        due = expected(goal.baseline_on, goal.deadline_on, each.measured_on)
        found.append(Reading(each.measured_on, achieved, on_track_ratio(achieved, due)))
    return found


def lapsed_words(found: Sequence[Reading], today: date) -> str:
    """What was lost, in words; "" where impact goes on."""
    if not is_lapsed(found, today):
        return ""
    if not found:
        return "no impact was ever confirmed"
    last = max(each.measured_on for each in found)
    if today - last > LAPSES_AFTER:
        return f"no impact confirmed since {day_words(last)}"
    return f"the last two measurements, up to {day_words(last)}, were far behind"


def _has_contract(account: Account, today: date) -> bool:
    """Whether a signed contract with ARR runs or will: a trial is none. One query."""
    signed = Contract.objects.filter(account=account, is_trial=False, arr_minor__gt=0)
    ends = map(term_end, signed.exclude(status=Contract.Status.PENDING))
    return any(end is None or end > today for end in ends)


def _achieved(goal: ImpactGoal, found: Sequence[ImpactMeasurement]) -> float:
    values = [each.value for each in found if each.goal_id == goal.pk]
    return achievement(goal.baseline, goal.target, values[-1]) or 0.0 if values else 0.0


def _habit_weeks(account: Account, today: date) -> float | None:
    """Of the last 12 complete weeks, those in which a quarter of the seats were active."""
    monday = today - timedelta(days=today.weekday())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH seats AS (
                SELECT sum(seats) AS n FROM accounts_contract
                WHERE account_id = %(account)s AND starts_on <= %(today)s
                  AND (ends_on IS NULL OR ends_on > %(today)s)
            ), weeks AS (
                SELECT date_trunc('week', day) AS week, max(active_users) AS users
                FROM pulse_usageday
                WHERE account_id = %(account)s AND day < %(monday)s
                  AND day >= %(monday)s - 84
                GROUP BY 1
            )
            SELECT count(*) FILTER (WHERE users >= %(share)s * n), max(n)
            FROM weeks, seats
            """,
            {
                "account": account.pk,
                "today": today,
                "monday": monday,
                "share": NORM_SHARE_OF_SEATS,
            },
        )
        weeks, seats = cursor.fetchone()
    return float(weeks) if seats else None
