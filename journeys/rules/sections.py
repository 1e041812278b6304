"""What a section of a handoff is, and the eleven of a Sales to CS handoff.

Source: the operating model, section 12.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Said = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """One thing a section asks. kind: text, line, date or contact (the id of one)."""

    key: str
    label: str
    kind: str = "text"
    hint: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the handoff; worth 2 when all is said, 1 when something is."""

    key: str
    label: str
    asks: tuple[Ask, ...]

    def score(self, said: Said) -> int:
        filled = [is_said(said, ask.key) for ask in self.asks]
        return 2 if all(filled) else int(any(filled))


SECTIONS = (
    Section(
        "commercial",
        "Commercial",
        (
            Ask("terms", "Terms", "line", "ARR, term and renewal date, as signed."),
            Ask("discount", "Discount", "line", "How much and until when, or “none”."),
        ),
    ),
    Section(
        "stakeholders",
        "Stakeholders",
        (
            Ask("sponsor", "Sponsor", "contact", "Who answers for the purchase."),
            Ask("champion", "Champion", "contact", "Who wants it to succeed, day by day."),
        ),
    ),
    Section(
        "why_now",
        "Why now",
        (
            Ask("trigger", "What made them buy now", "line"),
            Ask("event", "Critical event", "line", "By when, and what happens if it passes."),
        ),
    ),
    Section(
        "goals",
        "Goals",
        (
            Ask("goal_1", "First goal", "line", "The outcome, in their words."),
            Ask("criterion_1", "It succeeds when", "line", "A number and a date."),
            Ask("goal_2", "Second goal", "line"),
            Ask("criterion_2", "It succeeds when", "line"),
        ),
    ),
    Section(
        "scope",
        "Scope",
        (
            Ask("in_scope", "Bought and expected", "text"),
            Ask("technical", "Technical set-up", "text", "Systems, data, security."),
        ),
    ),
    Section(
        "risks",
        "Risks and commitments",
        (
            Ask("risks", "Risks", "text", "Or “none”: signed with your name and the date."),
            Ask(
                "commitments",
                "Promises made",
                "text",
                "Beyond the contract, one on each line, or “none”.",
            ),
        ),
    ),
    Section(
        "growth",
        "Growth ideas",
        (
            Ask("growth", "Where it may grow", "line"),
            Ask("use_cases", "Further use cases", "line"),
        ),
    ),
    Section(
        "working_style",
        "Working style",
        (
            Ask("style", "How they like to work", "line"),
            Ask("channel", "Language and channel", "line"),
        ),
    ),
    Section(
        "ownership",
        "Ownership",
        (
            Ask("ours", "Who leads on our side", "line", "And what Sales stays responsible for."),
            Ask("theirs", "Who leads on theirs", "line"),
        ),
    ),
    Section(
        "next_steps",
        "Next steps",
        (
            Ask("kickoff_on", "Kickoff proposed for", "date"),
            Ask("first_step", "First step agreed", "line"),
        ),
    ),
    Section(
        "attachments",
        "Attachments",
        (
            Ask("documents", "Contract and documents", "line", "Links."),
            Ask("recordings", "Notes and recordings", "line", "Links."),
        ),
    ),
)
ITEMS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "goals": (
        "two goals with success criteria",
        "goals",
        ("goal_1", "criterion_1", "goal_2", "criterion_2"),
    ),
    "stakeholders": ("a sponsor and a champion", "stakeholders", ("sponsor", "champion")),
    "risks": ("risks, or “none”", "risks", ("risks",)),
    "commitments": ("promises made, or “none”", "promises", ("commitments",)),
    "terms": ("ARR, term and renewal date", "terms", ("terms",)),
    "discount": ("the discount and when it ends, or “none”", "discount", ("discount",)),
}  # what may be mandatory: words, one word, and what is asked for it


def is_said(said: Said, key: str) -> bool:
    return bool((said.get(key) or "").strip())
