"""What the gates ask, read from the apps that know it."""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from django.utils import timezone

from accounts.models import Account, Contract, Opportunity
from accounts.rules.renewal import term_end
from bowtie.models import Stay
from bowtie.queries.first_impact import confirmed, first_impact_days, proof
from bowtie.rules.gates import PLANNED_TOUCH, Facts, Numbers
from bowtie.rules.stages import Stage
from charter.queries import body_at
from charter.rules.numbers import Lapse
from pulse.queries.habit import habit_weeks
from spiced.models import Element, ImpactGoal, ImpactMeasurement
from spiced.queries.readings import readings_of
from spiced.rules.impact import Reading, achievement, is_lapsed, last_sign
from spiced.rules.recurring import streak
from tenants.formats import day as day_words

GATES = {
    "quarters": "gate_quarters",
    "habit_weeks": "gate_habit_weeks",
    "people": "gate_people",
    "agreement": "gate_agreement",
    "restore_days": "restore_days",
}  # of the numbers, in the charter


def facts(account: Account, now: datetime) -> Facts:
    """The facts of one account. At most fourteen queries."""
    today, asked = timezone.localdate(now), numbers_at(now)
    goals = list(ImpactGoal.objects.filter(account=account))
    found = confirmed(account)
    readings = readings_of([account.pk], today)[account.pk]
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
        needs_joint_plan=account.touch_model in PLANNED_TOUCH,
        first_impact=proof(account, found, now),
        delivered_periods=streak(readings, today),
        habit_weeks=habit_weeks(account.pk, today),
        goals_achieved=bool(rational or done)
        and all(_achieved(goal, found) >= 1 for goal in rational),
        emotional_confirmations=len(
            {
                each.confirmed_by_id
                for each in found
                if each.goal.kind == "emotional" and each.value >= asked.agreement
            }
        ),
        lapsed=lapsed_words(
            readings, first_impact_days([account.pk], now).get(account.pk), today, asked.lapse
        ),
        arr_minor=account.arr_minor,
        asked=asked,
        left_days_ago=(today - left_on).days if (left_on := _left_on(account)) else None,
    )


def numbers_at(moment: datetime) -> Numbers:
    """What the charter in force at a moment asks of the gates. One query."""
    told = body_at("bowtie", moment)[1]
    asked = {key: int(told[name]) for key, name in GATES.items() if name in told}
    return Numbers(**asked, lapse=Lapse.from_body(told))


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


def lapsed_words(
    found: Sequence[Reading], first_impact_on: date | None, today: date, lapse: Lapse
) -> str:
    """What was lost, in words; "" where impact goes on."""
    last = last_sign(found, first_impact_on)
    if last is None or not is_lapsed(found, first_impact_on, today, lapse):
        return ""
    if (today - last).days <= lapse.days:
        return f"the last two measurements, up to {day_words(last)}, were far behind"
    return f"no impact confirmed since {'' if found else 'First Impact on '}{day_words(last)}"


def _has_contract(account: Account, today: date) -> bool:
    """Whether a signed contract with ARR runs or will: a trial is none. One query."""
    signed = Contract.objects.filter(account=account, is_trial=False, arr_minor__gt=0)
    ends = map(term_end, signed.exclude(status=Contract.Status.PENDING))
    return any(end is None or end > today for end in ends)


def _achieved(goal: ImpactGoal, found: Sequence[ImpactMeasurement]) -> float:
    values = [each.value for each in found if each.goal_id == goal.pk]
    return achievement(goal.baseline, goal.target, values[-1]) or 0.0 if values else 0.0
