"""The stages of an account, the phase of the bowtie each belongs to, and the moves that exist.

Source: the operating model, sections 3.1 and 3.2.
"""

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


def is_backward(before: Stage, after: Stage) -> bool:
    """Whether a move is a regression: from Max to Recurring Impact, from there to First Impact."""
    return BACKWARD.get(before) is after


def skipped(before: Stage, after: Stage) -> list[Stage]:
    """The stages between two on the line, whose gates a move forward would not ask.

    A signature is a fact and skips nothing: on the way to Committed the list is empty.
    """
    if not is_forward(before, after) or after is Stage.COMMITTED:
        return []
    return list(LINE[LINE.index(before) + 1 : LINE.index(after)])
