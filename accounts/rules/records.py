"""Rows of a delimited text file, streamed, each with the line it starts on."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from accounts.rules.unreadable import RecordTooLong, UnclosedQuote, Undecodable

RECORD_LIMIT = 1 << 20
ONE_COLUMN = "\x1f"

# The library's own limit of 131,072 characters stops at a cell without naming its row; records
# below are limited as a whole, so that it is never reached.
csv.field_size_limit(2 * RECORD_LIMIT)


@dataclass(frozen=True)
class Dialect:
    """How cells are set apart. `delimiter` ONE_COLUMN: each line is one cell.

    quote: "" when quotation marks mean nothing. escape: "" or a backslash before a literal
    character. skip_spaces: spaces after the delimiter are no part of the cell.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_spaces: bool = False

    def options(self) -> dict[str, Any]:
        """Keyword arguments of csv.reader."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "escapechar": self.escape or None,
            "skipinitialspace": self.skip_spaces,
        }


PLAIN = Dialect()


class _Feed:
    """Physical lines for the reader, within the limit of one record."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.read = partial(text.readline, RECORD_LIMIT)
        self.start = 1
        self.size = 0
        self.is_over = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self.read()
        if not line:
            self.is_over = True
            raise StopIteration
        self.size += len(line)
        if self.size >= RECORD_LIMIT:
            raise RecordTooLong(
                f"The row on line {self.start} is longer than a million characters:"
                " a quotation mark may not be closed",
                self.start,
            )
        return line


def records(path: Path, codec: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) for every row, blank ones included; line is physical, from 1.

    Cells are exactly as written, line ends inside quotation marks too. Memory: one row.
    Raises UnclosedQuote, RecordTooLong or Undecodable, each with its line.
    """
    with path.open("rb") as raw, io.TextIOWrapper(raw, codec, newline="") as text:
        feed = _Feed(text)
        reader = csv.reader(feed, **dialect.options())
        try:
            for cells in reader:
                if feed.is_over:  # the reader wanted more lines to finish this row
                    raise UnclosedQuote(
                        f"A quotation mark opens in the row on line {feed.start} and is never"
                        " closed: the file may be cut off",
                        feed.start,
                    )
                yield feed.start, cells
                feed.start, feed.size = reader.line_num + 1, 0
        except UnicodeDecodeError as error:
            raise Undecodable(f"Cannot read on after line {feed.start}", feed.start) from error
