"""What SPICED must reach at the handoff to CS. Source: the operating model, section 4.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenants.formats import joined

MOST_POINTS = 15


@dataclass(frozen=True)
class Minimum:
    """What SPICED must reach before CS accepts: a total, and a least score of some parts."""

    total: int = 0
    each: int = 0
    letters: tuple[str, ...] = ("S", "P", "I", "CE", "D")

    @property
    def words(self) -> str:
        """What is asked: "12 of 15, each part at least 2"; empty where nothing is."""
        if not self.total and not self.each:
            return ""
        parts = "each part" if len(self.letters) == 5 else joined(self.letters)
        least = f", {parts} at least {self.each}" if self.each and self.letters else ""
        return f"{self.total} of {MOST_POINTS}{least}"


def minimum(touch_models: Mapping[str, Mapping[str, Any]], touch_model: str) -> Minimum:
    """The SPICED minimum of a touch model; without one, that of mid touch.

    touch_models: as the charter has them. Without a charter nothing is asked.
    """
    model = touch_models.get(touch_model) or touch_models.get("mid")
    if not model:
        return Minimum()
    asked = model["spiced"]
    return Minimum(asked["total"], asked["each"], tuple(asked["letters"]))


def reaches(scores: Mapping[str, int], least: Minimum) -> bool:
    """Whether SPICED scores (0-3 by letter) are at a minimum."""
    return not lacks(scores, least)


def lacks(scores: Mapping[str, int], least: Minimum) -> tuple[str, ...]:
    """What SPICED scores lack of a minimum, in words: "3 points in all", "1 of CE"."""
    found = []
    if (short := least.total - sum(scores.values())) > 0:
        found.append(f"{short} in all")
    for letter in least.letters:
        if (short := least.each - scores.get(letter, 0)) > 0:
            found.append(f"{short} of {letter}")
    return tuple(found)
