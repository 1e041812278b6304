"""A profile of each column over all rows: kind, examples, fill, distinct values, date order.

One pass, bounded memory: the marks of the cells are counted, and judged at the end.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.rules.amounts import DecimalMark
from accounts.rules.cells import mark_of
from accounts.rules.dates import DateOrder
from accounts.rules.judgement import Judgement, Kind, judge

EXAMPLES = 3
EXAMPLE_LENGTH = 120
LINES_KEPT = 5
SKETCH_SIZE = 1_024
_HASH_SPAN = 1 << 61


@dataclass(frozen=True)
class Profile:
    """What one column holds.

    index: position from 0. rows: rows seen. filled: rows with something in the cell; n/a and
    null count as filled. distinct: values, exact up to SKETCH_SIZE, beyond that within about
    3 %. longest: characters. Dates, numbers and doubts are in `judgement`.
    """

    index: int
    name: str
    rows: int
    filled: int
    distinct: int
    longest: int
    examples: tuple[str, ...]
    judgement: Judgement

    @property
    def kind(self) -> Kind:
        return self.judgement.kind

    @property
    def date_order(self) -> DateOrder | None:
        """The order all dates of the column share; None when it must be asked, or no dates."""
        return self.judgement.date_order

    @property
    def decimal_mark(self) -> DecimalMark | None:
        """The decimal mark of the numbers; None when it makes no difference or must be asked."""
        return self.judgement.decimal_mark

    @property
    def is_ambiguous(self) -> bool:
        """A person must choose before the column can be read."""
        return bool(self.judgement.questions)

    @property
    def filled_share(self) -> float:
        """0.0-1.0; 0.0 without rows."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def is_unique(self) -> bool:
        """Every row has its own value, as far as the distinct count can tell."""
        return self.filled == self.rows > 0 and self.distinct >= 0.9 * self.rows


def profile_columns(
    names: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    *,
    decimal_mark: Literal[".", ","] | None = None,
) -> list[Profile]:
    """One profile per name, from (line, cells) rows in any width.

    decimal_mark: known beforehand, as in a workbook; otherwise judged from the cells.
    """
    tallies = [_Tally() for _ in names]
    count = 0
    for line, cells in rows:
        count += 1
        for tally, cell in zip(tallies, cells, strict=False):
            if cell:
                tally.add(line, cell)
    return [
        tally.profile(index, name, count, decimal_mark)
        for index, (name, tally) in enumerate(zip(names, tallies, strict=True))
    ]


class _Tally:
    """What is counted of one column while the rows pass by."""

    __slots__ = ("bar", "examples", "lines", "longest", "marks", "seen")

    def __init__(self) -> None:
        self.marks: Counter[str] = Counter()
        self.lines: dict[str, list[int]] = {}
        self.examples: list[str] = []
        self.longest = 0
        self.seen: set[int] = set()  # the smallest hashes; their density tells how many there are
        self.bar = _HASH_SPAN

    def add(self, line: int, cell: str) -> None:
        mark = mark_of(cell) if len(cell) < EXAMPLE_LENGTH else "text"
        if mark == "empty":
            return
        self.marks[mark] += 1
        lines = self.lines.get(mark)
        if lines is None:
            self.lines[mark] = [line]
        elif len(lines) < LINES_KEPT:
            lines.append(line)
        if len(cell) > self.longest:
            self.longest = len(cell)
        spot = hash(cell) % _HASH_SPAN
        if spot < self.bar and spot not in self.seen:
            if len(self.examples) < EXAMPLES:
                self.examples.append(cell[:EXAMPLE_LENGTH])
            self.seen.add(spot)
            if len(self.seen) >= 2 * SKETCH_SIZE:
                self.seen = set(sorted(self.seen)[:SKETCH_SIZE])
                self.bar = max(self.seen)

    def distinct(self) -> int:
        if self.bar == _HASH_SPAN:
            return len(self.seen)
        kept = sorted(self.seen)[:SKETCH_SIZE]
        return round((SKETCH_SIZE - 1) * _HASH_SPAN / kept[-1])

    def profile(
        self, index: int, name: str, rows: int, decimal_mark: DecimalMark | None
    ) -> Profile:
        filled = self.marks.total()
        return Profile(
            index=index,
            name=name,
            rows=rows,
            filled=filled,
            distinct=min(self.distinct(), filled),
            longest=self.longest,
            examples=tuple(self.examples),
            judgement=judge(self.marks, self.lines, decimal_mark),
        )


def usual_mark(profiles: Iterable[Profile]) -> DecimalMark | None:
    """The decimal mark the settled columns of a file share: what to propose for the others."""
    marks = {profile.decimal_mark for profile in profiles} - {None}
    return marks.pop() if len(marks) == 1 else None


def usual_order(profiles: Iterable[Profile]) -> DateOrder | None:
    """The order of numeric dates the settled columns share: what to propose for the others."""
    orders = {profile.date_order for profile in profiles} - {None, "named"}
    return orders.pop() if len(orders) == 1 else None
