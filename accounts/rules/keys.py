"""Repeated keys in a sheet: the same row again, or the same key with other content.

Two passes over the rows. The first keeps eight bytes per row; the second looks closely at the
rows whose hash came up twice, and compares their text, so that no chance collision counts.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Rows = Callable[[], Iterable[tuple[int, Sequence[str]]]]

EXAMPLES = 1_000


@dataclass(frozen=True)
class Repeat:
    """A key seen before. differs: the columns (from 0) whose cells are not the same as in the
    first row; () for an exact copy, None beyond the first EXAMPLES keys, which are only counted."""

    key: tuple[str, ...]
    first_line: int
    line: int
    differs: tuple[int, ...] | None


@dataclass(frozen=True)
class NearRepeat:
    """Two keys that differ only in case or in spaces: told apart, but probably the same."""

    key: tuple[str, ...]
    line: int
    like: tuple[str, ...]
    first_line: int


@dataclass(frozen=True)
class Repeats:
    """What the check found. copies, conflicts: rows that repeat an earlier key, with equal or
    other content. blanks: rows without a key. The tuples hold the first EXAMPLES of each."""

    copies: int
    conflicts: int
    blanks: int
    examples: tuple[Repeat, ...]
    near: tuple[NearRepeat, ...]
    blank_lines: tuple[int, ...]
    _copy_lines: "array[int]"
    _conflict_lines: "array[int]"

    def is_copy(self, line: int) -> bool:
        """The row starting on this line is an exact copy of an earlier one."""
        return _holds(self._copy_lines, line)

    def is_conflict(self, line: int) -> bool:
        """The key of the row on this line stands elsewhere with other content; true for the
        first of them too."""
        return _holds(self._conflict_lines, line)


def key_of(cells: Sequence[str], columns: Sequence[int]) -> tuple[str, ...]:
    """The trimmed cells that identify a row; case counts. Columns beyond the row are blank."""
    return tuple(cells[column].strip() if column < len(cells) else "" for column in columns)


def find_repeats(rows: Rows, columns: Sequence[int]) -> Repeats:
    """Check the identifying columns of all rows.

    rows: gives (line, cells) anew on each call, such as Sheet.rows. A key is blank when one of
    its cells is. Memory: 8 bytes per row, plus the repeated ones.
    """
    twice = _hashes_seen_twice(rows, columns)
    found = _Found()
    for line, cells in rows():
        key = key_of(cells, columns)
        if not all(key):
            found.blank(line)
        elif hash(_folded(key)) in twice:
            found.compare(line, key, cells)
    return found.repeats()


def _folded(key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(" ".join(part.split()).casefold() for part in key)


def _hashes_seen_twice(rows: Rows, columns: Sequence[int]) -> frozenset[int]:
    hashes = array("q", (hash(_folded(key_of(cells, columns))) for _, cells in rows()))
    ordered = array("q", sorted(hashes))
    return frozenset(a for a, b in pairwise(ordered) if a == b)


def _holds(lines: "array[int]", line: int) -> bool:
    at = bisect_left(lines, line)
    return at < len(lines) and lines[at] == line


class _Found:
    """The rows of repeated keys, as they pass by a second time."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, ...], tuple[int, int, Sequence[str] | None]] = {}
        self.alike: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.examples: list[Repeat] = []
        self.near: list[NearRepeat] = []
        self.blank_lines: list[int] = []
        self.blanks = 0
        self.copy_lines = array("q")
        self.conflict_lines: set[int] = set()
        self.conflicts = 0

    def blank(self, line: int) -> None:
        self.blanks += 1
        if len(self.blank_lines) < EXAMPLES:
            self.blank_lines.append(line)

    def compare(self, line: int, key: tuple[str, ...], cells: Sequence[str]) -> None:
        content = hash(tuple(cells))
        known = self.first.get(key)
        if known is None:
            kept = list(cells) if len(self.first) < EXAMPLES else None
            self.first[key] = (line, content, kept)
            self._note_near(line, key)
            return
        first_line, first_content, first_cells = known
        is_copy = content == first_content
        if is_copy:
            self.copy_lines.append(line)
        else:
            self.conflicts += 1
            self.conflict_lines.update((first_line, line))
        if len(self.examples) < EXAMPLES:
            differs = None if first_cells is None else _differences(first_cells, cells)
            self.examples.append(Repeat(key, first_line, line, differs))

    def _note_near(self, line: int, key: tuple[str, ...]) -> None:
        like = self.alike.setdefault(_folded(key), key)
        if like != key and len(self.near) < EXAMPLES:
            self.near.append(NearRepeat(key, line, like, self.first[like][0]))

    def repeats(self) -> Repeats:
        return Repeats(
            copies=len(self.copy_lines),
            conflicts=self.conflicts,
            blanks=self.blanks,
            examples=tuple(self.examples),
            near=tuple(self.near),
            blank_lines=tuple(self.blank_lines),
            _copy_lines=self.copy_lines,
            _conflict_lines=array("q", sorted(self.conflict_lines)),
        )


def _differences(one: Sequence[str], two: Sequence[str]) -> tuple[int, ...]:
    width = max(len(one), len(two))
    pad = [""] * width
    pairs = zip([*one, *pad][:width], [*two, *pad][:width], strict=True)
    return tuple(column for column, (a, b) in enumerate(pairs) if a != b)
