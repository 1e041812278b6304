"""The promised steps of a handoff, in order, and how a clock reads."""

from dataclasses import dataclass

WARM_SHARE = 0.25  # of the promised time left
STEPS = {
    "submit": ("Submit", "handoff_submit"),
    "answer": ("Accept or return", "handoff_accept"),
    "first_contact": ("First contact", "first_contact"),
    "kickoff_booked": ("Book kickoff", "kickoff_booked"),
    "kickoff_held": ("Hold kickoff", "kickoff_held"),
}
REPAIR = "handoff_repair"
AFTER_ACCEPTANCE = ("first_contact", "kickoff_booked", "kickoff_held")
DONE_WORDS = {
    "first_contact": "First contact made",
    "kickoff_booked": "Kickoff booked",
    "kickoff_held": "Kickoff held",
}


@dataclass(frozen=True)
class Clock:
    """A promised step that runs. left_hours: in the promise's own hours, negative when late."""

    step: str
    left_hours: float
    promised_hours: float

    @property
    def label(self) -> str:
        return STEPS[self.step][0]

    @property
    def is_late(self) -> bool:
        return self.left_hours < 0

    @property
    def tone(self) -> str:
        """hot once late, warm in the last quarter."""
        if self.is_late:
            return "hot"
        return "warm" if self.left_hours <= self.promised_hours * WARM_SHARE else ""


def step_in_hand(state: str, done: dict[str, str]) -> str:
    """The step a handoff waits for; empty once all is done."""
    if state in ("draft", "returned"):
        return "submit"
    if state == "submitted":
        return "answer"
    if state == "accepted":
        return next((step for step in AFTER_ACCEPTANCE if step not in done), "")
    return ""
