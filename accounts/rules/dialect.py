"""Delimiter, quotation marks and escapes of a delimited text, judged by how it falls apart."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from accounts.rules.amounts import read_amount
from accounts.rules.records import ONE_COLUMN, Dialect

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", ONE_COLUMN: "one column"}
TRIAL_ROWS = 400
PURITY_ROWS = 100
LEAST_SCORE = 0.3

_DECLARED = re.compile(r'"?sep=(.)"?\r?\n?')
_FOREIGN = re.compile(r"[,;\t|](?!\s|$)")


def detect_dialect(
    sample: str, *, is_whole: bool, delimiter: str | None = None
) -> tuple[Dialect, str]:
    """The dialect that cuts the sample into the most regular table, and a doubt or "".

    sample: the first part of the text. is_whole: nothing follows it. A first line "sep=;", as
    spreadsheets write it, is believed, unless the delimiter is given.
    """
    declared = _DECLARED.match(sample)
    delimiters = delimiter or (declared[1] if declared else ",;\t|")
    scored = [
        (round(score, 6), width, dialect)
        for dialect in _candidates(sample, delimiters)
        for score, width in [_trial(sample, dialect, is_whole)]
    ]
    score, _, best = max(scored, key=lambda s: (s[0], s[1]))  # the first, plainest, of equals
    if score >= LEAST_SCORE or len(delimiters) == 1:
        rivals = {d.delimiter for s, _, d in scored if s >= 0.95 * score} - {best.delimiter}
        return best, _rivalry(best.delimiter, rivals)
    return Dialect(delimiter=ONE_COLUMN), ""


def line_ends(sample: str) -> str:
    """The line ends in use: LF, CRLF, CR, or mixed."""
    pairs = sample.count("\r\n")
    counts = {"CRLF": pairs, "LF": sample.count("\n") - pairs, "CR": sample.count("\r") - pairs}
    used = [name for name, count in counts.items() if count]
    return used[0] if len(used) == 1 else "mixed" if used else "none"


def _candidates(sample: str, delimiters: str) -> Iterator[Dialect]:
    """Plain dialects first; stranger ones only where the sample gives cause."""
    for delimiter in delimiters:
        plain = Dialect(delimiter)
        yield plain
        cut = re.escape(delimiter)
        if re.search(rf'{cut} +"', sample):
            yield replace(plain, skip_spaces=True)
        if re.search(rf'\\(?:{cut}|")', sample):
            yield replace(plain, escape="\\")
        if '"' not in sample and re.search(rf"(?:^|{cut})'[^'\r\n]*'(?:{cut}|$)", sample, re.M):
            yield replace(plain, quote="'")


def _trial(sample: str, dialect: Dialect, is_whole: bool) -> tuple[float, int]:
    """How regular the table is, 0.0-1.0, and its width in columns.

    Share of rows of the commonest width, times share of cells that hold no other delimiter,
    times share of rows without misplaced quotation marks.
    """
    rows, broken = _rows(sample, dialect, is_whole)
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    if not widths:
        return 0.0, 1
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    regular = [cells for cells in rows if len(cells) == width]
    share = count / (len(rows) + broken)
    return share * _purity(regular[:PURITY_ROWS], dialect.delimiter), width


def _rows(sample: str, dialect: Dialect, is_whole: bool) -> tuple[list[list[str]], int]:
    """The filled rows of the sample, and how many rows have misplaced quotation marks."""
    reader = csv.reader(io.StringIO(sample, newline=""), strict=True, **dialect.options())
    rows: list[list[str]] = []
    broken = 0
    for _ in range(TRIAL_ROWS):
        try:
            cells = next(reader, None)
        except csv.Error:
            broken += 1
            continue
        if cells is None:
            break
        if any(cell.strip() for cell in cells):
            rows.append(cells)
    else:
        return rows, broken
    if not is_whole and broken:
        broken -= 1  # the sample ends in the middle of a row
    return rows, broken


def _purity(rows: list[list[str]], delimiter: str) -> float:
    cells = [cell for cells in rows for cell in islice(cells, 200) if cell.strip()]
    pure = sum(
        (0.5 if cell[0] == " " and delimiter == "," else 1.0)
        for cell in cells
        if not _FOREIGN.search(cell) or read_amount(cell)
    )
    return pure / len(cells) if cells else 0.0


def _rivalry(delimiter: str, rivals: set[str]) -> str:
    if not rivals:
        return ""
    names = " or ".join(DELIMITERS.get(rival, rival) for rival in sorted(rivals))
    chosen = DELIMITERS.get(delimiter, delimiter)
    return f"The columns could also be set apart by {names}: check that {chosen} is right"
