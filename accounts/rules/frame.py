"""Where the table begins and ends in a sheet: header, lines above it, notes and totals below."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from accounts.rules.cells import family, is_year, mark_of
from accounts.rules.texts import is_blank

Row = tuple[int, list[str]]

LABEL_LIMIT = 300
_TYPED = ("number", "year", "date", "datetime", "boolean", "email")
_TOTAL = re.compile(
    r"(?:grand |sub-?|overall )?totals?|sum|gesamt(?:summe)?|summe|totaal|totale?|suma|somme",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:source|notes?|quelle|fuente|bron|report|generated|created|exported|page|disclaimer)\b"
    r"|\(?\w{1,2}[).] |\* ?\w|©",
    re.IGNORECASE,
)
NOTE_LENGTH = 60


class Header(NamedTuple):
    """The lines of the header (none when the table has no header), its cells, and a doubt."""

    lines: tuple[int, ...]
    cells: list[str]
    doubt: str = ""


def table_width(rows: Sequence[Row]) -> int:
    """The commonest number of cells of rows with more than one cell, else 1."""
    widths = Counter(len(cells) for _, cells in rows if _filled(cells) > 0)
    wide = {width: count for width, count in widths.items() if width > 1}
    return max(wide, key=lambda width: (wide[width], width)) if wide else 1


def find_header(rows: Sequence[Row]) -> Header:
    """The header among the first rows of a sheet.

    A header stands out by cells that are text (or a year) where the column below holds numbers,
    dates or yes and no. Where every column is text, the first full row is taken, with a doubt.
    """
    width = table_width(rows)
    kinds = _column_kinds(rows, width)
    typical = _typical(rows, width)
    top: list[Row] = []
    for line, cells in rows:
        if _agrees(cells, kinds) and _filled(cells) * 2 >= typical:
            break
        top.append((line, cells))
    ranked = [_evidence(c, kinds) if _is_labels(c, typical / 2) else 0 for _, c in top]
    if not any(ranked):
        return _plain_header(rows, kinds, typical)
    at = ranked.index(max(ranked))
    while at + 1 < len(top) and ranked[at + 1] == ranked[at] >= 3:
        at += 1
    return _with_lower_lines(top, at, kinds)


def find_footer(rows: Sequence[Row], width: int) -> int:
    """How many of the last rows are no data: notes, rules, blank rows, and one row of totals.

    Careful by design: a row with a single name in it may be a record. It counts as a note only
    after a blank row, or when its text is a rule ("####"), long, or begins like a note.
    """
    typical = _typical(rows, width)
    cut = keep = len(rows)
    while keep and _is_note(rows[keep - 1][1], width, typical):
        keep -= 1
        if is_blank("".join(rows[keep][1])) or _reads_as_note(rows[keep][1]):
            cut = keep
    if cut > 1 and _is_total(rows[cut - 1][1]):
        cut -= 1
    return len(rows) - cut


def column_names(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """One distinct name per column: "Column 4" for a blank one, "Name (2)" for a repeated one."""
    names: list[str] = []
    for number in range(1, max(width, len(cells)) + 1):
        name = " ".join(cells[number - 1].split()) if number <= len(cells) else ""
        base, repeat = name or f"Column {number}", 2
        name = base
        while name in names:
            name, repeat = f"{base} ({repeat})", repeat + 1
        names.append(name)
    return tuple(names)


def _filled(cells: Sequence[str]) -> int:
    return sum(not is_blank(cell) for cell in cells)


def _typical(rows: Sequence[Row], width: int) -> float:
    """The usual number of filled cells in a row of full width."""
    counts = sorted(n for _, cells in rows if len(cells) == width and (n := _filled(cells)))
    return counts[len(counts) // 2] if counts else 0


def _kind(cell: str) -> str:
    kind = family(mark_of(cell))
    return "year" if kind == "number" and is_year(cell) else kind


def _column_kinds(rows: Sequence[Row], width: int) -> list[str]:
    """The kind of each column: a typed one when half of its filled cells say so, else text."""
    kinds = []
    for column in range(width):
        cells = [c[column] for _, c in rows if len(c) == width]
        seen = Counter(k for k in map(_kind, cells) if k not in ("empty", "missing"))
        total = seen.total()
        if seen["year"] and seen["year"] < 0.8 * (seen["year"] + seen["number"]):
            seen["number"] += seen.pop("year")
        typed = [k for k in _TYPED if seen[k] and seen[k] * 2 >= total]
        kinds.append(typed[0] if typed else "text")
    return kinds


def _evidence(cells: Sequence[str], kinds: Sequence[str]) -> int:
    """How many cells label a typed column instead of belonging to it."""
    pairs = [(_kind(cell), kind) for cell, kind in zip(cells, kinds, strict=False)]
    return sum(
        kind != "text" and (mine in ("text", "code") or (mine == "year" and kind == "number"))
        for mine, kind in pairs
    )


def _agrees(cells: Sequence[str], kinds: Sequence[str]) -> bool:
    """The row is data: most of its cells in typed columns are of that type."""
    typed = [(_kind(c), k) for c, k in zip(cells, kinds, strict=False) if k != "text"]
    typed = [(mine, kind) for mine, kind in typed if mine not in ("empty", "missing")]
    alike = sum(mine == kind or {mine, kind} == {"date", "datetime"} for mine, kind in typed)
    return alike > 0 and alike * 2 >= len(typed)


def _is_labels(cells: Sequence[str], least: float) -> bool:
    labels = [cell.strip() for cell in cells if not is_blank(cell)]
    return (
        len(labels) >= max(1, least)
        and len(set(labels)) * 5 >= len(labels) * 3
        and max(map(len, labels)) <= LABEL_LIMIT
    )


def _plain_header(rows: Sequence[Row], kinds: Sequence[str], typical: float) -> Header:
    """Without typed columns to tell by: the first full row, if it can be a header at all."""
    for line, cells in rows:
        if _is_labels(cells, 0.8 * typical):
            if all(_kind(cell) in ("text", "year", "empty") for cell in cells):
                doubt = f"Every column holds text: check that line {line} is the header"
                return Header((line,), cells, doubt)
            break
    return Header((), [], "The first row looks like data: the file seems to have no header")


def _with_lower_lines(top: Sequence[Row], at: int, kinds: Sequence[str]) -> Header:
    """A header spread over lines: those below fill only columns the ones above left blank."""
    lines, merged = [top[at][0]], list(top[at][1])
    for line, cells in top[at + 1 :]:
        clash = any(
            not is_blank(a) and not is_blank(b) for a, b in zip(merged, cells, strict=False)
        )
        if clash or not _evidence(cells, kinds) or len(cells) != len(merged):
            break
        merged = [a if is_blank(b) else b for a, b in zip(merged, cells, strict=True)]
        lines.append(line)
    return Header(tuple(lines), merged)


def _is_note(cells: Sequence[str], width: int, typical: float) -> bool:
    """Blank, or so sparse beside the other rows that it may be a note."""
    filled = _filled(cells)
    return filled == 0 or (typical >= 3 and filled <= 2 and filled * 3 <= typical) or (
        width > 2 and len(cells) < width and filled <= 2
    )  # fmt: skip


def _reads_as_note(cells: Sequence[str]) -> bool:
    text = "".join(cells).strip()
    return (
        len(text) >= NOTE_LENGTH
        or not any(c.isalnum() for c in text)
        or bool(_NOTE.match(text))
    )  # fmt: skip


def _is_total(cells: Sequence[str]) -> bool:
    """A word for the total, and nothing but numbers beside it."""
    filled = [cell.strip() for cell in cells if not is_blank(cell)]
    return (
        len(filled) > 1
        and bool(_TOTAL.fullmatch(filled[0].rstrip(": ")))
        and all(family(mark_of(cell)) == "number" for cell in filled[1:])
    )
