"""CSV that no spreadsheet runs as formulas, and that our own import reads back unchanged."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

Cell = str | int | float | Decimal | bool | date | datetime | None

# What a spreadsheet may take for the start of a formula: also behind spaces, in full width, or
# with an apostrophe of ours already in front.
_RISKY = re.compile(
    r"'*[\s\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20\u2212]"
)
BYTE_ORDER_MARK = "\ufeff"


def neutralised(text: str) -> str:
    """The text, with an apostrophe in front when a spreadsheet could run it."""
    return "'" + text if _RISKY.match(text) else text


def restored(text: str) -> str:
    """The text before `neutralised`; restored(neutralised(text)) == text for every text."""
    return text[1:] if text[:1] == "'" and _RISKY.match(text, 1) else text


def export_cell(value: Cell) -> str | int | float | Decimal:
    """A value as it stands in the file: numbers stay numbers, all else becomes safe text.

    Dates are written 2024-01-31, moments 2024-01-31T08:30:00+00:00, yes and no TRUE and FALSE,
    None as an empty cell.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return neutralised(value)


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, byte_order_mark: bool = False
) -> Iterator[str]:
    """The file, one row per item, ready to stream: texts quoted, numbers bare, CRLF line ends.

    byte_order_mark: for spreadsheets that take a file without it for Windows-1252.
    """
    echo = _Echo()
    writer = csv.writer(echo, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if byte_order_mark:
        yield BYTE_ORDER_MARK
    for cells in chain([header], rows):
        writer.writerow([export_cell(cell) for cell in cells])
        yield echo.line


class _Echo:
    """A file of one line: the last one written."""

    line = ""

    def write(self, text: str) -> int:
        self.line = text
        return len(text)
