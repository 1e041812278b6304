"""What a section of a handoff is, and the eleven of a Sales to CS handoff.

Source: the operating model, section 12.1.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from journeys.rules.commitments import says_none

Said = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """One thing a section asks. kind: text, line, date, choice or contact (the id of one).

    options: of a choice, (value, label). is_signed: whether “none” counts only once somebody put
    their name and the day to it.
    """

    key: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    is_signed: bool = False

    def is_said(self, said: Said) -> bool:
        """Whether it is answered."""
        if not is_said(said, self.key):
            return False
        is_open = self.is_signed and says_none(said[self.key])
        return not is_open or is_said(said, signed_on(self.key))


@dataclass(frozen=True)
class Section:
    """A part of the handoff; worth 2 when all is said, 1 when something is."""

    key: str
    label: str
    asks: tuple[Ask, ...]

    def score(self, said: Said) -> int:
        filled = [ask.is_said(said) for ask in self.asks]
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
            Ask("risks", "Risks", "text", "Or “none”, signed below.", is_signed=True),
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
    "risks": ("risks, or “none” signed and dated", "risks", ("risks",)),
    "commitments": ("promises made, or “none”", "promises", ("commitments",)),
    "terms": ("ARR, term and renewal date", "terms", ("terms",)),
    "discount": ("the discount and when it ends, or “none”", "discount", ("discount",)),
}  # what may be mandatory: words, one word, and what is asked for it


def signed_by(key: str) -> str:
    """Where the name of who signed that there is none is kept."""
    return f"{key}_signed_by"


def signed_on(key: str) -> str:
    """Where the day of it is kept, as 2026-11-30."""
    return f"{key}_signed_on"


def with_signatures(
    asks: Iterable[Ask], said: Said, signed: Collection[str] | None, by: str, on: date
) -> dict[str, str]:
    """What is said, with who signed on which day that there is none of something.

    signed: keys of what is signed; None where that was not asked. A signature goes once something
    is said, or where it is taken back; the first one stays.
    """
    found = dict(said)
    for ask in asks:
        if not ask.is_signed:
            continue
        name, day = signed_by(ask.key), signed_on(ask.key)
        is_taken_back = signed is not None and ask.key not in signed
        if is_taken_back or not says_none(found.get(ask.key) or ""):
            found.pop(name, None)
            found.pop(day, None)
        elif signed is not None and not found.get(day):
            found |= {name: by, day: on.isoformat()}
    return found


def is_said(said: Said, key: str) -> bool:
    return bool((said.get(key) or "").strip())
