"""Critical or only compelling: a date matters once somebody said what happens if it passes."""

from datetime import date
from enum import StrEnum

from tenants.formats import figure

MOVES_THAT_DOWNGRADE = 2
ENDINGS = {"met": "it was met", "missed": "it was missed", "invalid": "it no longer matters"}


class Class(StrEnum):
    """What an event is, derived from what is known of it."""

    NONE = "none"
    COMPELLING = "compelling"
    CRITICAL = "critical"
    CONFIRMED = "critical_confirmed"

    @property
    def is_critical(self) -> bool:
        return self in (Class.CRITICAL, Class.CONFIRMED)

    @property
    def label(self) -> str:
        return {
            Class.NONE: "no event",
            Class.COMPELLING: "compelling",
            Class.CRITICAL: "critical",
            Class.CONFIRMED: "critical, confirmed",
        }[self]


def class_of(
    *, on: date | None, condition: str, consequence: str, is_confirmed: bool, times_moved: int
) -> Class:
    """The class of an event. Moved twice, nobody believes the consequence any more."""
    if on is None and not condition:
        return Class.NONE
    if not consequence or times_moved >= MOVES_THAT_DOWNGRADE:
        return Class.COMPELLING
    return Class.CONFIRMED if is_confirmed else Class.CRITICAL


def condition_words(condition: str, operator: str, value: float | None) -> str:
    """A condition as people read it: "Users ≥ 1,000,000"; its name alone without a value."""
    if not condition or not operator or value is None:
        return condition
    return f"{condition} {operator} {figure(value)}"


def why_compelling(*, consequence: str, times_moved: int) -> str:
    """Why an event with a date is not critical, in words; empty where it is."""
    if not consequence:
        return "It has a date but no consequence, so it is a compelling event."
    if times_moved >= MOVES_THAT_DOWNGRADE:
        return f"It {moved(times_moved)} and nothing happened, so it is a compelling event."
    return ""


def moved(times: int) -> str:
    """How often a date moved: "moved twice"; empty where it did not."""
    return {0: "", 1: "moved once", 2: "moved twice"}.get(times, f"moved {times} times")
