"""Does a lower score mean more loss: the area under the curve, with its interval.

Source: operating model, 11.3. 0.5 is a coin, 1 tells every pair apart; ties count half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000
SEED = 20_110_903
Z = 1.959964  # of 95%


@dataclass(frozen=True)
class Ranking:
    """auc: 0 to 1; low, high: its 95% interval."""

    auc: float
    low: float
    high: float
    n: int

    @property
    def separates(self) -> bool:
        """Whether a coin can be ruled out."""
        return self.low > 0.5


def ranking(scores: Sequence[float], lost: Sequence[bool]) -> Ranking | None:
    """How well low scores came before losses; None where all or none were lost."""
    read = np.asarray(scores, dtype=float), np.asarray(lost, dtype=bool)
    order = np.lexsort(read[::-1])  # by score, then outcome: the order they came in tells nothing
    ordered, is_lost = read[0][order], read[1][order]
    if not len(ordered) or is_lost.all() or not is_lost.any():
        return None
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    area = _area(np.ones(len(ordered)), is_lost, starts)
    areas = _resampled(is_lost, starts)
    low, high = np.quantile(areas, [0.025, 0.975]) if len(areas) else (0.0, 1.0)
    return Ranking(float(area), float(low), float(high), len(ordered))


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson). Raises ZeroDivisionError for a share of nothing."""
    share, spread = part / whole, Z * Z / whole
    middle = share + spread / 2
    reach = Z * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def _area(weights: NDArray, is_lost: NDArray, starts: NDArray) -> float:
    """The area for weighted cases, sorted by score; starts: where each distinct score begins."""
    low = np.add.reduceat(weights * is_lost, starts)
    kept = np.add.reduceat(weights * ~is_lost, starts)
    above = kept.sum() - np.cumsum(kept)
    pairs = low.sum() * kept.sum()
    return (low * (above + kept / 2)).sum() / pairs if pairs else np.nan


def _resampled(is_lost: NDArray, starts: NDArray) -> NDArray:
    chance, n = np.random.default_rng(SEED), len(is_lost)
    areas = np.array(
        [
            _area(np.bincount(chance.integers(0, n, n), minlength=n), is_lost, starts)
            for _ in range(RESAMPLES)
        ]
    )
    return areas[~np.isnan(areas)]
