"""Rows of a workbook, streamed, with its size checked before anything is unpacked."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from accounts.rules.unreadable import BadWorkbook, EmptyFile, NotASheet, TooLarge

WORKBOOK_SIGNATURE = b"PK\x03\x04"
PART_LIMIT = 2_000
EXPANDED_LIMIT = 500 * 1024 * 1024
WHOLE_LIMIT = 32 * 1024 * 1024  # of a part that is read into memory as a whole
RATIO_LIMIT = 200
RATIO_FREE = 1024 * 1024  # small parts may pack tightly
COLUMN_LIMIT = 1_000
SCAN = 1 << 18
OVERLAP = 400

# What the reader raises on broken parts; a broken XML document is a SyntaxError.
_DAMAGE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_ENTITY = re.compile(rb"<!\x00?(?:D\x00?O\x00?C\x00?T|E\x00?N\x00?T)")
# A formula cell with an empty value, unless its result is said to be text (which may be empty).
_NO_RESULT = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]*t="str")[^>]*>\s*'
    rb"<f[^>]*(?:/>|>[^<]{0,200}</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


def choose_worksheet(path: Path, wanted: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The worksheet to read and the titles of all visible ones, after checking the file.

    Without a wish, the first visible worksheet with a filled cell.
    Raises NotASheet, TooLarge, BadWorkbook or EmptyFile.
    """
    _check_archive(path)
    with _opened(path) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        titles = tuple(sheet.title for sheet in sheets)
        if wanted is not None:
            if wanted not in titles:
                raise BadWorkbook(f"There is no worksheet named “{wanted}”")
            return wanted, titles
        for sheet in sheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_row=1_000, values_only=True)
            if any(value is not None for row in rows for value in row):
                return sheet.title, titles
    raise EmptyFile("The workbook has no filled cell")


def workbook_rows(path: Path, title: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells as text) of a worksheet, blank rows included. Memory: one row and the
    workbook's table of texts. Formulas come as the results stored with them."""
    with _opened(path) as book:
        sheet = book[title]
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [cell_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if len(cells) > COLUMN_LIMIT:
                raise TooLarge(f"Row {number:,} has more than {COLUMN_LIMIT:,} columns", number)
            yield number, cells


def cell_text(value: Any) -> str:
    """A typed cell as text our readers take back: 1234.5, 2024-01-31, 2024-01-31 08:30:00, TRUE.

    Numbers have the 15 digits a spreadsheet shows and a decimal point, never an exponent.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        text = format(Decimal(format(value, ".15g")), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return str(value)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook; whatever breaks while it is read is told as BadWorkbook."""
    book = None
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        yield book
    except _DAMAGE as error:
        raise BadWorkbook("The workbook is damaged: save it again and upload it") from error
    finally:
        if book is not None:
            book.close()


def _check_archive(path: Path) -> None:
    """Refuse what is no workbook, unpacks too large, or hides entities or missing results.

    The sizes an archive states bound what is read: the reader stops there.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if "xl/workbook.xml" not in archive.namelist():
                raise NotASheet("This is a zip archive or another Office file, not a workbook")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _scan(archive, part)
    except _DAMAGE as error:
        raise BadWorkbook("The workbook is damaged, cut off or protected") from error


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    if len(parts) > PART_LIMIT or total > EXPANDED_LIMIT:
        raise TooLarge(f"The workbook unpacks to more than {EXPANDED_LIMIT >> 20} MB")
    for part in parts:
        if part.file_size > RATIO_FREE and part.file_size > RATIO_LIMIT * part.compress_size:
            raise TooLarge("The workbook is packed far tighter than any real one: refused")
        is_streamed = part.filename.startswith("xl/worksheets/")
        if part.file_size > WHOLE_LIMIT and part.filename.endswith(".xml") and not is_streamed:
            raise TooLarge("The workbook holds too much text: save it as CSV and upload that")


def _scan(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look through one part without parsing it."""
    is_worksheet = part.filename.startswith("xl/worksheets/")
    before = b""
    with archive.open(part) as stream:
        while chunk := stream.read(SCAN):
            text = before + chunk
            if _ENTITY.search(text):
                raise BadWorkbook("The workbook defines entities, which no spreadsheet does")
            missing = _NO_RESULT.search(text) if is_worksheet else None
            if missing:
                raise BadWorkbook(
                    f"Cell {missing[1].decode()} has a formula without a stored result: open the"
                    " workbook in a spreadsheet program, save it, and upload it again"
                )
            before = text[-OVERLAP:]
