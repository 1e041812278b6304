"""Numbers that rules of other apps read from the charter. Where a chapter says nothing of one, as
those written before it was asked for, our default counts.

Each number stands once in WHOLE or DECIMAL: its words, the least and the most it may be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]
OF_POINTS = 22  # the points of a Sales to CS handoff, which levels are set for
LIVES = {
    "lapse_days": ("Impact has lapsed after so many days without a confirmed one", 30, 730),
    "restore_days": ("Who is back within so many days did not leave", 1, 365),
}
LAPSE_RATIO = ("… or where the last two are below so many % of what was due", 0.01, 1.0)
LEVELS = {
    f"level_{level}": (f"Completeness {level} of 5, from so many of {OF_POINTS} points", 1, 22)
    for level in (5, 4, 3, 2)
}
RETURNS = {
    "return_below": ("Comes back by itself with a completeness below", 1, 5),
    "return_missing": ("Comes back by itself with so many mandatory items missing", 1, 20),
}
IDLE_DAYS = ("An onboarding is stuck after so many working days without a task done", 1, 100)
OVERRUN = ("Executives reset it past so many times the time agreed for First Impact", 1.0, 5.0)


@dataclass(frozen=True)
class Lapse:
    """When impact has lapsed: after `days` without any, or where two in a row are below `ratio`.

    ratio: of what was due by then, 0 to 1.
    """

    days: int = 180
    ratio: float = 0.5

    @classmethod
    def from_body(cls, body: Body) -> "Lapse":
        """As the chapter on the bowtie has it."""
        return cls(body.get("lapse_days", cls.days), body.get("lapse_ratio", cls.ratio))


RESTORE_DAYS = 90  # who is back within them did not leave


@dataclass(frozen=True)
class Completeness:
    """How points of a handoff become a level of 1 to 5, and when it comes back by itself.

    from_points: for the levels 5, 4, 3 and 2. below: a level under it comes back; missing: so
    many mandatory items missing, too.
    """

    from_points: tuple[int, int, int, int] = (20, 16, 11, 6)
    below: int = 3
    missing: int = 2

    @classmethod
    def from_body(cls, body: Body) -> "Completeness":
        """As the chapter on handoffs has it."""
        five, four, three, two = (
            body.get(key, usual) for key, usual in zip(LEVELS, cls.from_points, strict=True)
        )
        return cls(
            (five, four, three, two),
            body.get("return_below", cls.below),
            body.get("return_missing", cls.missing),
        )

    def level_of(self, points: int, most: int = OF_POINTS) -> int:
        """The level of so many points, of a kind of handoff that has `most` at most."""
        of_22 = zip((5, 4, 3, 2), self.from_points, strict=True)
        return next((level for level, least in of_22 if points * OF_POINTS >= least * most), 1)


@dataclass(frozen=True)
class Limits:
    """When an onboarding is stuck (working days without a task done), and when overrun."""

    idle_days: int = 10
    overrun: float = 1.2

    @classmethod
    def from_body(cls, body: Body) -> "Limits":
        """As the chapter on handoffs has it."""
        return cls(body.get("idle_days", cls.idle_days), body.get("overrun", cls.overrun))


LAPSE, COMPLETENESS, LIMITS = Lapse(), Completeness(), Limits()  # without a charter


def of_bowtie(body: Body) -> list[str]:
    """What is wrong with the numbers of lapses and returns, in words."""
    return [*_whole(body, LIVES), *_decimal(body, "lapse_ratio", LAPSE_RATIO)]


def of_handoffs(body: Body) -> list[str]:
    """What is wrong with the numbers of handoffs and onboardings, in words."""
    found = _whole(body, LEVELS | RETURNS | {"idle_days": IDLE_DAYS})
    found += _decimal(body, "overrun", OVERRUN)
    if found:
        return found
    points = Completeness.from_body(body).from_points
    if sorted(set(points), reverse=True) != list(points):
        return ["A higher completeness needs more points than the one below it."]
    return []


def _whole(body: Body, asked: Mapping[str, tuple[str, int, int]]) -> list[str]:
    return [
        f"{words}: a whole number from {least} to {most}."
        for key, (words, least, most) in asked.items()
        if key in body and not (type(body[key]) is int and least <= body[key] <= most)
    ]


def _decimal(body: Body, key: str, asked: tuple[str, float, float]) -> list[str]:
    words, least, most = asked
    told = body.get(key, most)
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    if is_number and least <= told <= most:
        return []
    return [f"{words}: a number from {least:g} to {most:g}."]
