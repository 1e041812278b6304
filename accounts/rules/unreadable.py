"""What can be wrong with an uploaded sheet as a whole, in words for the person who sent it."""


class Unreadable(Exception):
    """The file cannot be loaded; `reason` says why, `line` where (a line of the file, from 1)."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class EmptyFile(Unreadable):
    """There is nothing in the file."""


class NoRows(Unreadable):
    """There is a header, but no row below it."""


class NotASheet(Unreadable):
    """The bytes are something else than a table: an image, a PDF, an archive, a web page."""


class Undecodable(Unreadable):
    """The characters cannot be read in the encoding of the file."""


class UnclosedQuote(Unreadable):
    """A quotation mark opens a cell and never closes it: the file is damaged or cut off."""


class RecordTooLong(Unreadable):
    """One row is longer than any row can be; usually a quotation mark is not closed."""


class TooLarge(Unreadable):
    """The file, or what it unpacks to, is beyond the limits."""


class BadWorkbook(Unreadable):
    """The workbook is damaged, protected, or holds formulas without results."""


class BadRow(Exception):
    """A row does not fit the header; `reason` is fit for the person who owns the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
