"""What a file is, by its first bytes, when it is no table in text."""

import re

from accounts.rules.unreadable import NotASheet

SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Office file"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or protected Office file (.xls, .doc)"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a database file"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a Rich Text document"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|svg)\b", re.IGNORECASE)
_JSON = re.compile(rb'\s*(?:\{\s*"|\[\s*[\[{"])')
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))


def refuse_other_types(head: bytes) -> None:
    """Raise NotASheet when the first bytes belong to no text table."""
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            raise NotASheet(f"This is {kind}, not a CSV file")
    if _MARKUP.match(head):
        raise NotASheet("This is a web page or XML document, not a CSV file")
    if _JSON.match(head):
        raise NotASheet("This is a JSON document, not a CSV file")
    # A text file may hold a stray control character: that is an error of its row.
    if len(head) - len(head.translate(None, _CONTROLS)) > max(2, len(head) // 50):
        raise NotASheet("This is a binary file, not a CSV file")
