"""What the gates ask, read from the apps that know it."""

from datetime import date, timedelta

from django.db import connection

from accounts.models import Account, Contract, Opportunity
from bowtie.rules.stages import Facts
from spiced.models import Element, ImpactGoal, ImpactMeasurement

FIRST_IMPACT_SHARE = 0.25  # of the way from baseline to target (operating model, 3.3)
DECIDERS = ["champion", "economic_buyer", "exec_sponsor"]
NORM_SHARE_OF_SEATS = 0.25


def facts(account: Account, today: date) -> Facts:
    """The facts of one account. Seven queries."""
    goals = list(ImpactGoal.objects.filter(account=account))
    confirmed = list(
        ImpactMeasurement.objects.filter(goal__account=account, confirmed_at__isnull=False)
        .select_related("goal", "confirmed_by")
        .order_by("measured_on")
    )
    rational = [g for g in goals if g.kind == "rational" and g.status in ("active", "agreed")]
    return Facts(
        scores=dict(
            Element.objects.filter(note__account=account, note__is_current=True).values_list(
                "letter", "score"
            )
        ),
        has_opportunity=Opportunity.objects.filter(account=account).exists(),
        has_contract=Contract.objects.filter(account=account, ends_on__gt=today).exists()
        or Contract.objects.filter(account=account, ends_on=None).exists(),
        has_owner=account.owner_id is not None,
        first_impact_is_confirmed=any(_is_first_impact(each) for each in confirmed),
        delivered_periods=_streak({_quarter(each.measured_on) for each in confirmed}, today),
        habit_weeks=_habit_weeks(account, today),
        goals_achieved=bool(rational)
        and all(_achievement(goal, confirmed) >= 1 for goal in rational),
        emotional_confirmations=len(
            {
                each.confirmed_by_id
                for each in confirmed
                if each.goal.kind == "emotional" and each.value >= 4
            }
        ),
        arr_minor=account.arr_minor,
    )


def _is_first_impact(each: ImpactMeasurement) -> bool:
    goal, by = each.goal, each.confirmed_by
    if goal.kind != "rational" or not each.evidence or by is None:
        return False
    return bool(set(by.roles) & set(DECIDERS)) and _share(goal, each.value) >= FIRST_IMPACT_SHARE


def _share(goal: ImpactGoal, value: float) -> float:
    """How far from baseline to target; 0 where either is unknown or they are equal."""
    if goal.baseline is None or goal.target is None or goal.target == goal.baseline:
        return 0.0
    return (value - goal.baseline) / (goal.target - goal.baseline)


def _achievement(goal: ImpactGoal, confirmed: list[ImpactMeasurement]) -> float:
    values = [each.value for each in confirmed if each.goal_id == goal.pk]
    return _share(goal, values[-1]) if values else 0.0


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _streak(delivered: set[int], today: date) -> int:
    """Quarters in a row with confirmed impact, up to this one or the one before."""
    quarter = _quarter(today)
    if quarter not in delivered:
        quarter -= 1
    count = 0
    while quarter - count in delivered:
        count += 1
    return count


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
