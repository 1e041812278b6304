"""Strict readers for text cells: plain text, keys, yes or no, e-mail addresses."""

import re

TEXT_LIMIT = 32_000
KEY_LIMIT = 255
EMAIL_LIMIT = 254

TRUE_WORDS = frozenset("true t yes y 1 on ja wahr oui si sí sim".split())  # noqa: SIM905
FALSE_WORDS = frozenset("false f no n 0 off nein falsch non nee não".split())  # noqa: SIM905
MISSING_WORDS = frozenset(
    "n/a na #n/a null none nil nan - -- --- – — . ? (null)".split()  # noqa: SIM905
)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_EMAIL = re.compile(r"[^\s@,;<>\"()\[\]]+@[^\s@,;<>\"()\[\]]+\.[^\s@,;<>\"()\[\].]{2,}")


class BadValue(ValueError):
    """A cell cannot be read as asked; `reason` is fit for the person who owns the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def shown(text: str, limit: int = 40) -> str:
    """The cell in quotation marks, cut and made printable, for use in a reason."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "“" + "".join(c if c.isprintable() else "�" for c in cut) + "”"


def is_blank(text: str) -> bool:
    """Nothing but white space, no-break spaces included."""
    return not text or text.isspace()


def is_missing_word(text: str) -> bool:
    """A word people write for "nothing here", such as n/a or null. Never silently read as empty."""
    word = text.strip().lower()
    return word in MISSING_WORDS or (word != "" and not word.strip("*"))


def parse_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text unchanged, formulas included.

    limit: longest text allowed, in characters.
    Raises BadValue for NUL, other control characters (tab and line ends are kept),
    lone surrogates and text that is too long.
    """
    if len(text) > limit:
        raise BadValue(f"The text has {len(text):,} characters; at most {limit:,} can be stored")
    found = _CONTROL.search(text)
    if found:
        raise BadValue(_control_reason(found.group(), found.start()))
    if not text.isascii() and _SURROGATE.search(text):
        raise BadValue("The text holds half of a character pair: the file was damaged on its way")
    return text


def parse_key(text: str, limit: int = KEY_LIMIT) -> str:
    """An identifier: trimmed, case kept, on one line, never empty."""
    key = parse_text(text, limit).strip()
    if not key:
        raise BadValue("The cell is empty, but it identifies the row")
    if "\n" in key or "\r" in key or "\t" in key:
        raise BadValue(f"{shown(key)} has a line break or tab inside an identifier")
    return key


def parse_bool(text: str) -> bool:
    """Yes or no, in the words of TRUE_WORDS and FALSE_WORDS, any case."""
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    if not word:
        raise BadValue("The cell is empty")
    raise BadValue(f"{shown(text)} is neither yes nor no: write yes, no, true, false, 1 or 0")


def parse_email(text: str) -> str:
    """One e-mail address, trimmed, its domain in lower case."""
    address = parse_text(text).strip()
    if not address:
        raise BadValue("The cell is empty")
    if len(address) > EMAIL_LIMIT or not _EMAIL.fullmatch(address):
        raise BadValue(f"{shown(address)} is not one e-mail address")
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.lower()}"


def is_email(text: str) -> bool:
    """Shaped like one e-mail address."""
    return bool(_EMAIL.fullmatch(text.strip()))


def _control_reason(character: str, position: int) -> str:
    if character == "\0":
        return f"The text holds a NUL character at position {position + 1}: remove it"
    if character >= "\x7f":
        return (
            f"The text holds a control character (U+{ord(character):04X}) at position"
            f" {position + 1}: the encoding of the file may be chosen wrongly"
        )
    return f"The text holds a control character (U+{ord(character):04X}) at position {position + 1}"
