"""From the rows of a sheet to its layout: header, columns, first and last row, what is left out."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from accounts.rules.frame import Header, Row, column_names, find_footer, find_header, table_width
from accounts.rules.layout import Aside, Choice, Layout
from accounts.rules.texts import is_blank
from accounts.rules.unreadable import BadRow, EmptyFile, NoRows, TooLarge

HEAD_ROWS = 200
TAIL_ROWS = 200
COLUMN_LIMIT = 1_000
MISFIT_LINES = 5
ASIDE_LENGTH = 200

Source = Callable[[], Iterator[Row]]


def surveyed(source: Source, start: Layout, choice: Choice) -> Layout:
    """The layout completed from the rows, in one pass and a short look ahead.

    source: gives all rows anew. start: how the file is read. Raises EmptyFile, NoRows, TooLarge.
    """
    head = [row for row in islice(source(), HEAD_ROWS) if not _is_declaration(*row)]
    header = _header(head, choice)
    width = max(table_width(head), len(header.cells))
    if width > COLUMN_LIMIT:
        raise TooLarge(f"The table has {width:,} columns; {COLUMN_LIMIT:,} can be read")
    shaped = replace(
        start,
        names=column_names(header.cells, width),
        named_width=max((n for n, c in enumerate(header.cells, 1) if c.strip()), default=width),
        header_lines=header.lines,
        above=_asides([row for row in head if header.lines and row[0] < header.lines[0]]),
        doubts=(*start.doubts, *_doubts(header)),
    )
    top = header.lines[-1] if header.lines else head[0][0] - 1
    return _counted(source, shaped, top, choice.keep_below)


def has_content(cells: list[str]) -> bool:
    """Some cell is not blank."""
    return not is_blank("".join(cells))


def _is_declaration(line: int, cells: list[str]) -> bool:
    """The first line of some spreadsheets, which names the delimiter."""
    return line == 1 and len(cells) <= 2 and cells[:1] == ["sep="]


def _header(head: list[Row], choice: Choice) -> Header:
    if not any(has_content(cells) for _, cells in head):
        raise EmptyFile("The file has no filled cell in its first rows")
    if choice.header_line is None:
        return find_header(head)
    if choice.header_line == 0:
        return Header((), [])
    for line, cells in head:
        if line == choice.header_line:
            return Header((line,), cells)
    raise NoRows(f"No row starts on line {choice.header_line}", choice.header_line)


def _counted(source: Source, layout: Layout, top: int, keep_below: bool) -> Layout:
    """Count the rows below line `top`, and find where the data end."""
    tail: deque[Row] = deque(maxlen=TAIL_ROWS)
    filled = first_line = 0
    misfit_lines: list[int] = []
    misfits = 0
    for line, cells in source():
        if line <= top:
            continue
        tail.append((line, cells))
        if not has_content(cells):
            continue
        filled += 1
        first_line = first_line or line
        if not _fits(layout, cells):
            misfits += 1
            misfit_lines[MISFIT_LINES - 1 :] = misfit_lines[MISFIT_LINES - 1 :] or [line]
    below = [] if keep_below else list(tail)[len(tail) - find_footer(tail, len(layout.names)) :]
    asides = _asides(below)
    if filled == len(asides):
        raise _no_rows(layout)
    kept = [n for n, cells in list(tail)[: len(tail) - len(below)] if has_content(cells)]
    last_line = kept[-1] if kept else below[0][0] - 1
    return replace(
        layout,
        first_line=first_line,
        last_line=last_line,
        row_count=filled - len(asides),
        below=asides,
        misfits=misfits - sum(has_content(c) and not _fits(layout, c) for _, c in below),
        misfit_lines=tuple(line for line in misfit_lines if line <= last_line),
    )


def _asides(rows: list[Row]) -> tuple[Aside, ...]:
    return tuple(
        Aside(line, " ".join(" ".join(cells).split())[:ASIDE_LENGTH])
        for line, cells in rows
        if has_content(cells)
    )


def _fits(layout: Layout, cells: list[str]) -> bool:
    if len(cells) == len(layout.names):
        return True
    try:
        layout.fit(cells)
    except BadRow:
        return False
    return True


def _no_rows(layout: Layout) -> NoRows:
    names = ", ".join(layout.names[:5])
    line = layout.header_lines[-1] if layout.header_lines else None
    return NoRows(f"The file has a header ({names}) and no row below it", line)


def _doubts(header: Header) -> list[str]:
    names = [" ".join(cell.split()) for cell in header.cells]
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    doubts = [header.doubt] if header.doubt else []
    if repeated:
        doubts.append(f"Several columns have the same name: {', '.join(repeated[:5])}")
    return doubts
