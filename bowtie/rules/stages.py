"""The stages of an account, the phase of the bowtie each belongs to, and the gates between them.

Source: the operating model, sections 3.1 to 3.3.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where an account stands. The order is the order of the bowtie."""

    PROSPECT = "prospect"
    MQL = "mql"
    SQL = "sql"
    SAL = "sal"
    COMMITTED = "committed"
    ONBOARDING = "onboarding"
    LIVE = "live"
    FIRST_IMPACT = "first_impact"
    RECURRING_IMPACT = "recurring_impact"
    MAX_IMPACT = "max_impact"
    CHURNED = "churned"

    @property
    def label(self) -> str:
        return LABELS[self]

    @property
    def phase(self) -> str:
        return PHASES[self]


LABELS = {
    Stage.PROSPECT: "Prospect",
    Stage.MQL: "Marketing qualified",
    Stage.SQL: "Sales qualified",
    Stage.SAL: "Sales accepted",
    Stage.COMMITTED: "Committed",
    Stage.ONBOARDING: "Onboarding",
    Stage.LIVE: "Live",
    Stage.FIRST_IMPACT: "First Impact",
    Stage.RECURRING_IMPACT: "Recurring Impact",
    Stage.MAX_IMPACT: "Max Impact",
    Stage.CHURNED: "Churned",
}
PHASES = {
    Stage.PROSPECT: "awareness",
    Stage.MQL: "education",
    Stage.SQL: "education",
    Stage.SAL: "selection",
    Stage.COMMITTED: "commit",
    Stage.ONBOARDING: "onboarding",
    Stage.LIVE: "onboarding",
    Stage.FIRST_IMPACT: "adoption",
    Stage.RECURRING_IMPACT: "adoption",
    Stage.MAX_IMPACT: "expansion",
    Stage.CHURNED: "churned",
}
LINE = tuple(Stage)[:-1]
LEFT = LINE[:4]
CUSTOMERS = LINE[4:]
BACKWARD = {
    Stage.MAX_IMPACT: Stage.RECURRING_IMPACT,
    Stage.RECURRING_IMPACT: Stage.FIRST_IMPACT,
}


@dataclass(frozen=True)
class Facts:
    """What the gates ask of an account.

    scores: the SPICED scores 0-3 by letter. days_since_confirmed: days since somebody at the
    account confirmed a measurement, None where nobody ever did.
    """

    scores: dict[str, int]
    has_opportunity: bool = False
    has_contract: bool = False
    has_owner: bool = False
    first_impact_is_confirmed: bool = False
    delivered_periods: int = 0
    habit_weeks: float | None = None
    goals_achieved: bool = False
    emotional_confirmations: int = 0
    live_use_cases: int = 0
    arr_minor: int = 0


def next_stage(stage: Stage) -> Stage | None:
    """The stage after this one on the line; None at its end and for accounts that left."""
    if stage not in LINE or stage is LINE[-1]:
        return None
    return LINE[LINE.index(stage) + 1]


def is_forward(before: Stage, after: Stage) -> bool:
    return before in LINE and after in LINE and LINE.index(after) > LINE.index(before)


def may_follow(before: Stage, after: Stage) -> bool:
    """Whether a move exists at all, gates aside. Skipping forward is an override."""
    if before is Stage.CHURNED:
        return after is Stage.COMMITTED
    if after is Stage.CHURNED:
        return before in CUSTOMERS
    return is_forward(before, after) or BACKWARD.get(before) is after


def missing(after: Stage, facts: Facts, evidence: dict[str, object]) -> list[str]:
    """What a gate still asks for, in words; empty where the account may enter."""
    asks: dict[Stage, list[tuple[bool, str]]] = {
        Stage.PROSPECT: [],
        Stage.MQL: [],
        Stage.SQL: [
            (_score(facts, "S", 1), "the Situation in SPICED"),
            (_score(facts, "P", 1), "a Pain we solve in SPICED"),
        ],
        Stage.SAL: [
            (facts.has_opportunity, "an opportunity"),
            (_score(facts, "I", 1), "an Impact in SPICED"),
            (_score(facts, "D", 1), "the Decision in SPICED"),
        ],
        Stage.COMMITTED: [(facts.has_contract, "a signed contract with ARR, start and end")],
        Stage.ONBOARDING: [
            (bool(evidence.get("handoff")), "an accepted handoff"),
            (facts.has_owner, "a CSM"),
        ],
        Stage.LIVE: [(bool(evidence.get(key)), words) for key, words in GO_LIVE.items()],
        Stage.FIRST_IMPACT: [
            (
                facts.first_impact_is_confirmed,
                "an Impact measurement with evidence that the champion, buyer or sponsor confirmed",
            )
        ],
        Stage.RECURRING_IMPACT: [
            (facts.delivered_periods >= 2, "two quarters in a row with confirmed impact"),
            ((facts.habit_weeks or 0) >= 8, "habitual use in 8 of the last 12 weeks"),
        ],
        Stage.MAX_IMPACT: [
            (facts.goals_achieved, "every active rational goal achieved"),
            (facts.emotional_confirmations >= 2, "two people who confirm their emotional impact"),
        ],
        Stage.CHURNED: [(facts.arr_minor == 0, "ARR of zero: end the contracts first")],
    }
    return [words for holds, words in asks[after] if not holds]


GO_LIVE = {
    "production_access": "production access",
    "data_loaded": "data loaded",
    "core_workflow": "the core workflow run by a user of the account",
    "half_of_users": "at least half of the planned users enabled",
    "support_path": "a known support path",
    "sign_off": "the account's sign-off",
}


def _score(facts: Facts, letter: str, least: int) -> bool:
    return facts.scores.get(letter, 0) >= least
