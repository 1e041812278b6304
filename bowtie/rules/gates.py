"""What each stage asks before an account may enter it, and what the facts say to that.

Source: the operating model, sections 3.2, 3.3 and 5.3.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bowtie.rules.stages import Stage
from charter.rules.numbers import LAPSE, RESTORE_DAYS, Lapse
from tenants.formats import plural

SPICED = {
    Stage.SQL: {"S": "the Situation in SPICED", "P": "a Pain we solve in SPICED"},
    Stage.SAL: {"I": "an Impact in SPICED", "D": "the Decision in SPICED"},
}
GO_LIVE = {
    "production_access": "production access",
    "data_loaded": "data loaded",
    "core_workflow": "the core workflow run by a user of the account",
    "half_of_users": "at least half of the planned users enabled",
    "support_path": "a known support path",
    "sign_off": "the account's sign-off",
}
TICKS = {
    Stage.LIVE: GO_LIVE,
    Stage.MAX_IMPACT: {"two_use_cases": "at least two use cases live"},
}
PLANNED_TOUCH = ("high", "mid")  # accounts that an onboarding begins with a joint plan
COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}
GOES_ON = "since it left: within them it goes on where it stood, as soon as its contract begins"


@dataclass(frozen=True)
class Proof:
    """The measurement that makes First Impact: what, how far, and who said so when.

    share: of the way from baseline to target. is_proxy: of a tech-touch account, confirmed by
    somebody who decides nothing there; reported apart.
    """

    measurement: str
    goal: str
    value: float
    share: float
    confirmed_by: str
    at: datetime
    is_proxy: bool = False

    def as_evidence(self) -> dict[str, Any]:
        """Ready to be kept as JSON."""
        return {
            "measurement": self.measurement,
            "goal": self.goal,
            "value": self.value,
            "share": round(self.share, 4),
            "confirmed_by": self.confirmed_by,
            "confirmed_at": self.at.isoformat(),
            "is_proxy": self.is_proxy,
        }


@dataclass(frozen=True)
class Numbers:
    """What the charter asks of the gates; without a word of its own, our default.

    quarters: with impact, in a row; habit_weeks: of the last twelve; people: who confirm how it
    feels, each with at least `agreement` of 5. restore_days: within which who is back did not
    leave; lapse: when impact is lost.
    """

    quarters: int = 2
    habit_weeks: int = 8
    people: int = 2
    agreement: int = 4
    restore_days: int = RESTORE_DAYS
    lapse: Lapse = LAPSE


@dataclass(frozen=True)
class Facts:
    """What the gates ask of an account.

    scores: the SPICED scores 0-3 by letter. first_impact: the first measurement of this life that
    counts as such. delivered_periods: quarters in a row. habit_weeks: of the last twelve, None
    without seats. lapsed: in words what was lost of the impact, "" where nothing was.
    left_days_ago: of a churned account.
    """

    scores: dict[str, int]
    has_opportunity: bool = False
    has_contract: bool = False
    has_owner: bool = False
    needs_joint_plan: bool = False
    first_impact: Proof | None = None
    delivered_periods: int = 0
    habit_weeks: float | None = None
    goals_achieved: bool = False
    emotional_confirmations: int = 0
    lapsed: str = ""
    arr_minor: int = 0
    left_days_ago: int | None = None
    asked: Numbers = Numbers()


def missing(after: Stage, facts: Facts, given: dict[str, Any]) -> list[str]:
    """What a gate still asks for, in words; empty where the account may enter.

    given: the evidence that a person brings: ticks, and the handoff that was accepted; or the
    ledger, the day it came back on.
    """
    asks = [
        (facts.scores.get(letter, 0) >= 1, words) for letter, words in SPICED.get(after, {}).items()
    ]
    asks += [(given.get(key) is True, words) for key, words in TICKS.get(after, {}).items()]
    match after:
        case Stage.SAL:
            asks.insert(0, (facts.has_opportunity, "an opportunity"))
        case Stage.COMMITTED:
            asks.append((facts.has_contract, "a signed contract with ARR, start and end"))
            within, ago = facts.asked.restore_days, facts.left_days_ago
            is_known_back = bool(given.get("came_back_on"))  # the ledger judged it by its day
            is_new_life = is_known_back or ago is None or ago > within
            asks.append((is_new_life, f"{plural(within, 'day')} {GOES_ON}"))
        case Stage.ONBOARDING:
            asks.append((bool(given.get("handoff")), "an accepted handoff"))
            asks.append((facts.has_owner, "a CSM"))
            is_planned = not facts.needs_joint_plan or bool(given.get("joint_plan"))
            asks.append((is_planned, "a joint plan, drafted"))
        case Stage.FIRST_IMPACT:
            words = "an Impact measurement with evidence that the champion, buyer or sponsor"
            asks.append((facts.first_impact is not None, f"{words} confirmed"))
        case Stage.RECURRING_IMPACT:
            least = facts.asked
            is_delivered = facts.delivered_periods >= least.quarters
            in_a_row = (
                "a quarter" if least.quarters == 1 else f"{_n(least.quarters)} quarters in a row"
            )
            asks.append((is_delivered, f"{in_a_row} with confirmed impact"))
            is_habit = (facts.habit_weeks or 0) >= least.habit_weeks
            asks.append((is_habit, f"habitual use in {least.habit_weeks} of the last 12 weeks"))
        case Stage.MAX_IMPACT:
            asks.insert(0, (facts.goals_achieved, "every active rational goal achieved"))
            people = facts.asked.people
            who = "one person who confirms" if people == 1 else f"{_n(people)} people who confirm"
            is_felt = facts.emotional_confirmations >= people
            asks.insert(1, (is_felt, f"{who} their emotional impact"))
        case Stage.CHURNED:
            asks.append((facts.arr_minor == 0, "ARR of zero: end the contracts first"))
    return [words for holds, words in asks if not holds]


def _n(count: int) -> str:
    return COUNTS.get(count, str(count))


def lost(facts: Facts) -> list[str]:
    """What a step back asks for: impact that lapsed. Empty where it did."""
    if facts.lapsed:
        return []
    days = plural(facts.asked.lapse.days, "day")
    return [f"impact that lapsed: nothing confirmed for {days}, or two measurements far behind"]


def evidence(after: Stage, facts: Facts, given: dict[str, Any]) -> dict[str, Any]:
    """What the gate was shown, ready to be kept as JSON with the stay."""
    shown: dict[str, Any] = {
        letter: facts.scores.get(letter, 0) for letter in SPICED.get(after, {})
    }
    match after:
        case Stage.SAL:
            shown |= {"opportunity": facts.has_opportunity}
        case Stage.COMMITTED:
            shown |= {"contract": facts.has_contract, "arr_minor": facts.arr_minor}
        case Stage.FIRST_IMPACT if facts.first_impact:
            shown |= facts.first_impact.as_evidence()
        case Stage.RECURRING_IMPACT:
            shown |= {
                "delivered_periods": facts.delivered_periods,
                "habit_weeks": facts.habit_weeks,
            }
        case Stage.MAX_IMPACT:
            shown |= {
                "goals_achieved": facts.goals_achieved,
                "emotional_confirmations": facts.emotional_confirmations,
            }
        case Stage.CHURNED:
            shown |= {"arr_minor": facts.arr_minor}
    return shown | given
