"""Which characters the bytes of an upload stand for: byte order mark, Unicode, or older."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes

from accounts.rules.filetypes import refuse_other_types
from accounts.rules.unreadable import EmptyFile, Undecodable

CHUNK = 1 << 20
SAMPLE = 1 << 16

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16 with a byte order mark",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32": "UTF-32 with a byte order mark",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "mac_roman": "Western European (old Macintosh)",
    "cp850": "Western European (DOS)",
    "big5": "Traditional Chinese (Big5)",
    "gb18030": "Simplified Chinese (GB 18030)",
    "cp932": "Japanese (Shift JIS)",
    "euc_jp": "Japanese (EUC)",
    "cp949": "Korean (Windows-949)",
}
_LINE_END = re.compile("\r\n|\r|\n")


class Encoding(NamedTuple):
    """The codec to read with; `doubt` asks the person to look when it was only guessed."""

    codec: str
    doubt: str = ""


def detect_encoding(path: Path) -> Encoding:
    """The encoding of a text file, checked against every byte of it.

    Raises EmptyFile, NotASheet (naming the type seen) or Undecodable (naming the line).
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip():
        raise EmptyFile("The file is empty")
    if len(head) < SAMPLE and not head.strip(b' \t\r\n,;|"'):
        raise EmptyFile("The file has no filled cell")
    codec = next((codec for mark, codec in MARKS if head.startswith(mark)), "") or _wide(head)
    if not codec:
        refuse_other_types(head)
    bad = first_bad_line(path, codec or "utf-8")
    if not bad:
        return Encoding(codec or "utf-8")
    if codec:
        raise Undecodable(f"Line {bad} is not {ENCODINGS[codec]} like the file says", bad)
    return _legacy(path, bad)


def chosen_encoding(path: Path, codec: str) -> Encoding:
    """The encoding a person chose, or Undecodable when the file is not written in it."""
    bad = first_bad_line(path, codec)
    if bad:
        raise Undecodable(f"Line {bad} cannot be read as {ENCODINGS.get(codec, codec)}", bad)
    return Encoding(codec)


def first_bad_line(path: Path, codec: str) -> int | None:
    """The first line that cannot be decoded, from 1, or None. Memory: one chunk."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines, at_return = 1, False
    for chunk, is_last in _chunks(path):
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(codec, "ignore")
            return lines + len(_LINE_END.findall(good)) - (at_return and good.startswith("\n"))
        lines += len(_LINE_END.findall(text)) - (at_return and text.startswith("\n"))
        at_return = text.endswith("\r") if text else at_return
    return None


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            yield chunk, not following
            chunk = following


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: most characters of a table are Latin, so every other byte is NUL."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _legacy(path: Path, bad: int) -> Encoding:
    """The likeliest encoding of before Unicode, always with a doubt.

    Western European is the fallback: the guesser cannot tell the Latin code pages apart by a
    few accents, so its word is taken only for other scripts.
    """
    lines = _foreign_lines(path)
    whole = sum(_is_utf8(line) for line in lines)
    if whole > len(lines) - whole:
        raise Undecodable(f"Line {bad} is not UTF-8, while other lines are: mixed encodings", bad)
    sample = b"\n".join(lines)
    guess = _guess(sample)
    if not guess or _is_latin(sample.decode(guess, "ignore")):
        guess = "cp1252"
    bad_there = first_bad_line(path, guess)
    if bad_there:
        raise Undecodable(
            f"Line {bad_there} has characters of an unknown encoding: save the file as UTF-8",
            bad_there,
        )
    name = ENCODINGS.get(guess, guess)
    return Encoding(guess, f"The encoding is a guess ({name}): check accents and names")


def _guess(sample: bytes) -> str:
    """The likeliest encoding; among the equally likely, one that sheets are really saved in."""
    matches = list(from_bytes(sample))
    close = [match.encoding for match in matches if match.chaos <= matches[0].chaos + 0.1]
    return next((codec for codec in close if codec in ENCODINGS), close[0] if close else "")


def _foreign_lines(path: Path) -> list[bytes]:
    """The lines with bytes beyond ASCII, up to SAMPLE bytes of them."""
    found, size = [], 0
    with path.open("rb") as file:
        for line in iter(lambda: file.readline(SAMPLE), b""):
            if not line.isascii():
                found.append(line.rstrip(b"\r\n"))
                size += len(line)
            if size >= SAMPLE:
                break
    return found


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_latin(text: str) -> bool:
    letters = [c for c in text if c > "\x7f" and c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return latin * 2 >= len(letters)
