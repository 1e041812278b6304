"""How long until something happens, counting those it has not happened to yet (Kaplan-Meier).

Source: the operating model, 11.4. An event precedes a censoring at the same time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt


@dataclass(frozen=True)
class Point:
    """The share that is still open after `time`, and its standard error (Greenwood)."""

    time: float
    share: float
    error: float | None


def curve(durations: Iterable[tuple[float, bool]]) -> list[Point]:
    """One point for each time something happened. durations: (time, whether it happened)."""
    ordered = sorted(durations)
    left, share, spread, points, at = len(ordered), 1.0, 0.0, list[Point](), 0
    while at < len(ordered):
        time = ordered[at][0]
        here = [happened for other, happened in ordered[at:] if other == time]
        events = sum(here)
        if events:
            share *= 1 - events / left
            if events < left:
                spread += events / (left * (left - events))
            error = share * sqrt(spread) if events < left else None
            points.append(Point(time, share, error))
        left -= len(here)
        at += len(here)
    return points


def median_time(durations: Iterable[tuple[float, bool]]) -> float | None:
    """The first time by which half got there; None while fewer than half did."""
    return next((point.time for point in curve(durations) if point.share <= 0.5 + 1e-12), None)


def percentile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that at least a share of them do not exceed; None without values."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
