"""Where something was told, and what a new motion does to what is known.

Source: the operating model, sections 4.4 and 3.1.
"""

from dataclasses import dataclass
from enum import StrEnum


class Touchpoint(StrEnum):
    """The occasion of a note."""

    DEAL = "deal"
    KICKOFF = "kickoff"
    ONBOARDING = "onboarding"
    CALL = "call"
    REVIEW = "review"
    RENEWAL = "renewal"

    @property
    def label(self) -> str:
        return {"onboarding": "Onboarding call"}.get(self, self.capitalize())


BY_STAGE = {"committed": Touchpoint.KICKOFF} | {
    **dict.fromkeys(("prospect", "mql", "sql", "sal"), Touchpoint.DEAL),
    **dict.fromkeys(("onboarding", "live"), Touchpoint.ONBOARDING),
}


def likely(stage: str) -> Touchpoint:
    """The occasion one most likely writes from, by the stage of the account."""
    return BY_STAGE.get(stage, Touchpoint.CALL)


def is_sold(stage: str) -> bool:
    """Whether what is decided next is a renewal or an expansion."""
    return likely(stage) is not Touchpoint.DEAL


@dataclass(frozen=True)
class Motion:
    """A new deal with an account. kept: the parts that stay; is_new: it opens a new record."""

    label: str
    does: str
    kept: tuple[str, ...]
    is_new: bool = True


MOTIONS = {
    "new_buyer": Motion("New buyer", "opens a record with nothing in it", ()),
    "cross_sell": Motion(
        "Cross-sell to the same buyer",
        "opens a record that keeps Situation and Critical event",
        ("S", "CE"),
    ),
    "resell": Motion("Resell", "opens a record with nothing in it", ()),
    "upsell": Motion(
        "Upsell",
        "keeps the record, and has each part asked again",
        ("S", "P", "I", "CE", "D"),
        is_new=False,
    ),
}
