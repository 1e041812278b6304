"""A score as a chance of loss, learned in one window and tried in the next.

Source: operating model, 11.3: five bins of equal count, made monotone, then Brier and ECE.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 5


@dataclass(frozen=True)
class Bin:
    """Scores up to `upto`: the chance of loss they meant, and what became of later ones."""

    upto: float
    chance: float
    n: int
    lost: int

    @property
    def observed(self) -> float | None:
        return self.lost / self.n if self.n else None


@dataclass(frozen=True)
class Calibration:
    """brier: mean squared error of the chance; ece: mean gap of chance and share, by bin."""

    bins: tuple[Bin, ...]
    brier: float
    ece: float
    n: int
    learned_from: int


def calibration(
    earlier: Sequence[tuple[float, bool]], later: Sequence[tuple[float, bool]]
) -> Calibration:
    """Learn chances from the (score, lost) of an earlier window and try them on a later one."""
    edges, chances = learned(earlier)
    counts = [[0, 0] for _ in edges]
    error = 0.0
    for score, lost in later:
        at = _bin(edges, score)
        counts[at][0] += 1
        counts[at][1] += lost
        error += (chances[at] - lost) ** 2
    bins = tuple(
        Bin(upto, chance, n, lost)
        for upto, chance, (n, lost) in zip(edges, chances, counts, strict=True)
    )
    gap = sum(abs(each.chance * each.n - each.lost) for each in bins)
    return Calibration(bins, error / len(later), gap / len(later), len(later), len(earlier))


def chance_of(edges: Sequence[float], chances: Sequence[float], score: float) -> float:
    return chances[_bin(edges, score)]


def learned(earlier: Sequence[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    """The upper edges of the bins and the chance of loss in each, never rising with the score."""
    ordered = sorted(earlier)
    n = len(ordered)
    parts = [ordered[n * at // BINS : n * (at + 1) // BINS] for at in range(BINS)]
    parts = [part for part in parts if part]
    blocks: list[list[float]] = []  # lost, n, bins
    for part in parts:
        blocks.append([sum(lost for _, lost in part), len(part), 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] < blocks[-1][0] * blocks[-2][1]:
            lost, count, width = blocks.pop()
            blocks[-1] = [blocks[-1][0] + lost, blocks[-1][1] + count, blocks[-1][2] + width]
    chances = [lost / count for lost, count, width in blocks for _ in range(int(width))]
    return [part[-1][0] for part in parts], chances


def _bin(edges: Sequence[float], score: float) -> int:
    return min(bisect_left(edges, score), len(edges) - 1)
