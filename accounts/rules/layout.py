"""How a sheet is laid out: what was detected or chosen, in words a person can check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.rules.dialect import DELIMITERS
from accounts.rules.encoding import ENCODINGS
from accounts.rules.records import PLAIN, Dialect
from accounts.rules.unreadable import BadRow

LINE_ENDS = {"LF": "Unix", "CRLF": "Windows", "CR": "old Macintosh", "mixed": "mixed"}


@dataclass(frozen=True)
class Choice:
    """What a person settles instead of detection; None leaves it to us.

    encoding: a Python codec. delimiter: one character. quote, escape: "" for none.
    header_line: 0 for no header. keep_below: what looks like notes or totals is data.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header_line: int | None = None
    worksheet: str | None = None
    keep_below: bool = False


@dataclass(frozen=True)
class Aside:
    """A line of the file that is no part of the table, left out of the rows."""

    line: int
    text: str


@dataclass(frozen=True)
class Layout:
    """The layout of one sheet.

    names: one distinct name per column. named_width: columns up to the last one with a name.
    header_lines: () when the columns have no header. first_line, last_line: where the first
    and last row of data start. row_count: rows of data, blank ones not counted. misfits: rows
    whose cells do not fit the header, with the first few of their lines. For a workbook, lines
    are row numbers and encoding, dialect and line_ends say nothing.
    """

    format: Literal["text", "workbook"]
    names: tuple[str, ...] = ()
    named_width: int = 0
    header_lines: tuple[int, ...] = ()
    first_line: int = 0
    last_line: int = 0
    row_count: int = 0
    encoding: str = ""
    dialect: Dialect = PLAIN
    line_ends: str = ""
    worksheet: str = ""
    worksheets: tuple[str, ...] = ()
    above: tuple[Aside, ...] = ()
    below: tuple[Aside, ...] = ()
    misfits: int = 0
    misfit_lines: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def decimal_mark(self) -> Literal["."] | None:
        """The mark of the numbers, where the file itself settles it."""
        return "." if self.format == "workbook" else None

    def fit(self, cells: Sequence[str]) -> list[str]:
        """The cells of a row, one per column, or BadRow when they do not fit the header.

        Blank cells beyond the header are dropped, and missing ones added below columns without
        a name; a workbook leaves blank cells out at will.
        """
        width, count = len(self.names), len(cells)
        if count == width:
            return list(cells)
        if count > width and any(cell.strip() for cell in cells[width:]):
            raise BadRow(f"This row has {_cells(count)}, the header has {width}")
        if count < self.named_width and self.format == "text":
            raise BadRow(f"This row has {_cells(count)}, the header has {width}")
        return [*cells[:width], *[""] * (width - count)]

    def words(self) -> list[str]:
        """What was found, a sentence each; doubts are separate."""
        said = [f"{self.row_count:,} rows of {len(self.names):,} columns."]
        if self.format == "workbook":
            said.append(f"Worksheet “{self.worksheet}” of {len(self.worksheets)}.")
        else:
            said.append(_text_words(self))
        if self.header_lines:
            said.append(f"The header is on {_lines(self.header_lines)}.")
        else:
            said.append("There is no header; the columns are numbered.")
        said += [
            f"{_lines([a.line for a in asides]).capitalize()} {where} the table left out."
            for where, asides in (("above", self.above), ("below", self.below))
            if asides
        ]
        if self.misfits:
            said.append(f"{self.misfits:,} rows do not fit the header.")
        return said


def _text_words(layout: Layout) -> str:
    dialect = layout.dialect
    parts = [ENCODINGS.get(layout.encoding, layout.encoding)]
    if dialect.delimiter in DELIMITERS:
        parts.append(DELIMITERS[dialect.delimiter])
    else:
        parts.append(f"“{dialect.delimiter}” between cells")
    if dialect.quote == "'":
        parts.append("single quotation marks")
    if dialect.escape:
        parts.append("backslash escapes")
    if layout.line_ends in LINE_ENDS:
        parts.append(f"{LINE_ENDS[layout.line_ends]} line ends")
    return ", ".join(parts) + "."


def _lines(lines: Sequence[int]) -> str:
    """line 4; lines 6 and 7; lines 1 to 3."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) == 2:
        return f"lines {lines[0]} and {lines[1]}"
    return f"lines {lines[0]} to {lines[-1]}"


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"
