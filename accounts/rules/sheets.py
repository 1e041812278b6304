"""Open an uploaded table: detect its layout, let the person correct it, stream its rows."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from accounts.rules.dialect import detect_dialect, line_ends
from accounts.rules.encoding import chosen_encoding, detect_encoding
from accounts.rules.frame import Row
from accounts.rules.layout import Choice, Layout
from accounts.rules.records import PLAIN, records
from accounts.rules.survey import has_content, surveyed
from accounts.rules.unreadable import NotASheet, TooLarge
from accounts.rules.xlsx import WORKBOOK_SIGNATURE, choose_worksheet, workbook_rows

FILE_LIMIT = 200 * 1024 * 1024
SAMPLE_LENGTH = 1 << 18
TEXT_NAMES = (".csv", ".tsv", ".tab", ".psv", ".txt")


@dataclass(frozen=True)
class Sheet:
    """A table in a file, with its layout. Every pass over the rows reads the file anew."""

    path: Path
    layout: Layout
    spool: Path | None = None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of every row of data; blank rows are passed over.

        line: the line of the file the row starts on, from 1 (in a workbook, the row number).
        cells: as written, not yet fitted to the header; see Layout.fit. Memory: one row.
        """
        layout = self.layout
        for line, cells in _all_rows(self.path, layout, self.spool):
            if line > layout.last_line:
                return
            if line >= layout.first_line and has_content(cells):
                yield line, cells


def open_sheet(
    path: Path, choice: Choice | None = None, *, name: str = "", spool: Path | None = None
) -> Sheet:
    """The sheet in an upload, its layout detected except for what `choice` settles.

    name: the name the file was sent under; a workbook must not pass for a .csv file.
    spool: where the rows of a workbook are copied as text, so that further passes are quick.
    Reads the whole file twice, in bounded memory. Raises Unreadable (see its subclasses).
    """
    choice = choice or Choice()
    if path.stat().st_size > FILE_LIMIT:
        raise TooLarge(f"The file is larger than {FILE_LIMIT >> 20} MB")
    with path.open("rb") as file:
        is_workbook = file.read(len(WORKBOOK_SIGNATURE)) == WORKBOOK_SIGNATURE
    if is_workbook and name.lower().endswith(TEXT_NAMES):
        raise NotASheet("This is a workbook or zip archive, but its name says it is a text file")
    start = _workbook_start(path, choice) if is_workbook else _text_start(path, choice)
    if not is_workbook:
        spool = None
    elif spool:
        _spool_rows(workbook_rows(path, start.worksheet), spool)
    return Sheet(path, surveyed(lambda: _all_rows(path, start, spool), start, choice), spool)


def _all_rows(path: Path, layout: Layout, spool: Path | None) -> Iterator[Row]:
    if spool:
        return ((int(cells[0]), cells[1:]) for _, cells in records(spool, "utf-8", PLAIN))
    if layout.format == "workbook":
        return workbook_rows(path, layout.worksheet)
    return records(path, layout.encoding, layout.dialect)


def _spool_rows(rows: Iterator[Row], spool: Path) -> None:
    """Copy rows as text, each with its number in front."""
    with spool.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([line, *cells] for line, cells in rows)


def _workbook_start(path: Path, choice: Choice) -> Layout:
    title, titles = choose_worksheet(path, choice.worksheet)
    return Layout("workbook", worksheet=title, worksheets=titles)


def _text_start(path: Path, choice: Choice) -> Layout:
    """The layout as far as encoding and dialect go."""
    found = chosen_encoding(path, choice.encoding) if choice.encoding else detect_encoding(path)
    with path.open(encoding=found.codec, newline="") as text:
        sample = text.read(SAMPLE_LENGTH)
    is_whole = len(sample) < SAMPLE_LENGTH
    dialect, doubt = detect_dialect(sample, is_whole=is_whole, delimiter=choice.delimiter)
    if choice.quote is not None:
        dialect = replace(dialect, quote=choice.quote)
    if choice.escape is not None:
        dialect = replace(dialect, escape=choice.escape)
    return Layout(
        "text",
        encoding=found.codec,
        dialect=dialect,
        line_ends=line_ends(sample),
        doubts=tuple(said for said in (found.doubt, doubt) if said),
    )
