"""How well an account is known: state of each part, freshness, score, index, sequence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeGuard

from spiced.rules.elements import LETTERS, PARTS, gaps, is_blank, rows_of
from tenants.formats import day, joined

MOST = 3
RENEWAL_CHECK = timedelta(days=120)
AMENDS = ("expansion", "contraction")  # movements that change the contract
RESTS_ON = {"I": ("S", "P"), "D": ("I",)}


class Kind(StrEnum):
    """How a part stands."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True)
class Known:
    """What is known of one part: its values, since when, and whether the account said so.

    fresh_days: for how many days its score counts in full, as the charter has it.
    """

    letter: str
    fresh_days: int
    values: Mapping[str, Any] = field(default_factory=dict)
    validated_on: date | None = None
    is_confirmed: bool = False
    score: int = 0


@dataclass(frozen=True)
class Happened:
    """What makes knowledge out of date before its time.

    left_on, leaver: of the last sponsor who left; gone: (day, name) by id of all who left.
    came_on, comer: of the last who became a champion or sponsor.
    amended_on: the contract's last change; asked_on: the day an upsell began.
    """

    left_on: date | None = None
    leaver: str = ""
    renews_on: date | None = None
    gone: Mapping[str, tuple[date, str]] = field(default_factory=dict)
    amended_on: date | None = None
    asked_on: date | None = None
    came_on: date | None = None
    comer: str = ""


@dataclass(frozen=True)
class State:
    """How one part stands, why in words, and how much of its score still counts."""

    letter: str
    kind: Kind
    reason: str
    factor: float
    gaps: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return PARTS[self.letter].name


NOTHING = Happened()


def factor(fresh_days: int, validated_on: date | None, today: date) -> float:
    """1 within the days, a half up to twice as many, then nothing."""
    if validated_on is None:
        return 0.0
    age = (today - validated_on).days
    return 1.0 if age <= fresh_days else 0.5 if age <= 2 * fresh_days else 0.0


def outdated(known: Known, today: date, happened: Happened) -> str:
    """Why a part is out of date although its interval has not run out; empty where it is not."""
    since = known.validated_on or date.min

    def is_new(on: date | None) -> TypeGuard[date]:
        return on is not None and since < on <= today

    event_on = known.values.get("on") or known.values.get("expected_on")
    if known.letter == "CE" and event_on and date.fromisoformat(event_on) < today:
        return f"{day(date.fromisoformat(event_on), today)} has passed"
    left_on, leaver = happened.left_on, happened.leaver
    if known.letter == "I":
        left_on, leaver = happened.gone.get(known.values.get("person") or "", (None, ""))
    if known.letter in ("S", "D", "I") and is_new(left_on):
        return f"{leaver or 'a sponsor'} left {day(left_on, today)}"
    if known.letter in ("S", "D") and is_new(happened.came_on):
        return f"{happened.comer} became a sponsor {day(happened.came_on, today)}"
    if known.letter == "D" and is_new(happened.amended_on):
        return f"the contract changed {day(happened.amended_on, today)}"
    if is_new(happened.asked_on):
        return f"to be asked again for the upsell of {day(happened.asked_on, today)}"
    if happened.renews_on is not None:
        check_on = happened.renews_on - RENEWAL_CHECK
        if since < check_on <= today:
            return "older than the renewal check"
    return ""


def state(known: Known, *, today: date, happened: Happened = NOTHING) -> State:
    """How one part stands today."""
    letter = known.letter
    if is_blank(letter, known.values):
        return State(letter, Kind.MISSING, "nothing known yet", 0.0, gaps(letter, known.values))
    lacking = gaps(letter, known.values)
    counts = factor(known.fresh_days, known.validated_on, today)
    why = outdated(known, today, happened)
    if why:
        return State(letter, Kind.STALE, why, min(counts, 0.5), lacking)
    if counts < 1:
        return State(letter, Kind.STALE, _age(known, today), counts, lacking)
    if lacking:
        return State(letter, Kind.PARTIAL, lack(letter, known.values), counts, lacking)
    return State(letter, Kind.COMPLETE, _told(known, today), counts)


def lack(letter: str, values: Mapping[str, Any]) -> str:
    """What a part lacks, in words."""
    lacking = gaps(letter, values)
    if letter == "CE" and lacking == ("consequence",):
        return "no consequence, so compelling only"
    if letter == "I":
        emotional = {"words", "person"} & set(lacking)
        rational = [key for key in lacking if key not in emotional]
        names = ["emotional"] if len(emotional) == 2 else _called("I", emotional)
        rational = ["rational"] if "text" in rational else _called("I", rational)
        return f"{joined([*rational, *names])} missing"
    return f"{joined(_called(letter, lacking))} missing"


def _called(letter: str, keys: Any) -> list[str]:
    return [field.called for field in PARTS[letter].asked if field.key in keys]


def _age(known: Known, today: date) -> str:
    if known.validated_on is None:
        return "nobody knows since when"
    return f"older than {known.fresh_days} days, from {day(known.validated_on, today)}"


def _told(known: Known, today: date) -> str:
    said = "confirmed" if known.is_confirmed else "heard"
    event_on = known.values.get("on")
    if known.letter == "CE" and event_on:
        return f"{day(date.fromisoformat(event_on), today)}, date and consequence"
    return f"{said} {day(known.validated_on, today)}"


ACCOUNTABLE = frozenset({"champion", "exec_sponsor", "economic_buyer"})
CARRIES = {"I": "person", "CE": "sufferer"}


def carriers(letter: str, values: Mapping[str, Any]) -> set[str]:
    """Whoever feels the pains, has the impact or suffers: contacts by id."""
    if letter == "P":
        pains = rows_of(PARTS["P"].fields[0], values)
        return {row["who"] for row in pains if row.get("who")}
    carrier = values.get(CARRIES.get(letter, ""))
    return {carrier} if carrier else set()


def is_validated(
    letter: str, values: Mapping[str, Any], confirmers: Mapping[str, set[str]]
) -> bool:
    """Whether two people said a part is right, or one accountable for it.

    Accountable is a sponsor, and whoever feels the pain, has the impact or suffers.
    confirmers: roles by id of each contact who said so. Source: the operating model, 4.3.
    """
    carrying = carriers(letter, values)
    return len(confirmers) > 1 or any(
        person in carrying or roles & ACCOUNTABLE for person, roles in confirmers.items()
    )


def rubric(letter: str, values: Mapping[str, Any], *, confirmed: bool, leveraged: bool) -> int:
    """0 unknown, 1 identified, 2 validated, 3 leveraged: in the account's own plan.

    confirmed: as `is_validated` says.
    """
    if is_blank(letter, values):
        return 0
    if letter == "CE" and not values.get("consequence"):
        return 1
    if gaps(letter, values) or not confirmed:
        return 1
    return MOST if leveraged else 2


def index(scored: Mapping[str, tuple[int, float]]) -> float:
    """SPICED index 0 to 1. scored: score and freshness factor by letter."""
    earned = sum(score * counts for score, counts in scored.values())
    return earned / (MOST * len(LETTERS))


def out_of_sequence(scores: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """(part, earlier part) wherever a part scores 2 or more while an earlier one scores 0."""
    return tuple(
        (letter, earlier)
        for at, letter in enumerate(LETTERS)
        if scores.get(letter, 0) >= 2
        for earlier in LETTERS[:at]
        if not scores.get(earlier, 0)
    )


def missing_before(letter: str, blank: set[str]) -> tuple[str, ...]:
    """The parts a part rests on that are blank, so that it cannot be confirmed."""
    return tuple(part for part in RESTS_ON.get(letter, ()) if part in blank)
