"""Volume, conversion and time along the bowtie (operating model, 3.4; cohort method)."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

SMALL = 30


@dataclass(frozen=True)
class Step:
    """One step of the bowtie for a cohort.

    volume: entered in the period; reached: of those, entered the next step so far;
    conversion: reached ÷ volume, None where volume is 0; median_days of completed transitions;
    is_low_n: fewer than 30 stand behind the rate.
    """

    key: str
    label: str
    unit: str
    volume: int
    reached: int
    conversion: float | None
    median_days: float | None
    target: float | None = None

    @property
    def is_low_n(self) -> bool:
        return self.volume < SMALL

    @property
    def gap(self) -> float | None:
        """Points under target, 0.0 where met; None without either."""
        if self.conversion is None or self.target is None:
            return None
        return max(0.0, self.target - self.conversion)


Passage = tuple[bool, float | None]


def step(
    key: str, label: str, unit: str, passages: Sequence[Passage], target: float | None = None
) -> Step:
    """A step from one passage per object that entered: (reached the next step, days it took).

    Days are None where the source does not know them.
    """
    reached = sum(did for did, _ in passages)
    days = [took for did, took in passages if did and took is not None]
    return Step(
        key=key,
        label=label,
        unit=unit,
        volume=len(passages),
        reached=reached,
        conversion=reached / len(passages) if passages else None,
        median_days=median(days) if days else None,
        target=target,
    )


def weakest(steps: Sequence[Step]) -> Step | None:
    """The step furthest under its target; None where all targets are met or nothing is known."""
    known = [each for each in steps if each.gap]
    return max(known, key=lambda each: (each.gap or 0.0, each.volume)) if known else None
