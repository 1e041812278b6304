"""Fields that a tenant adds to its accounts: what may be defined, and how their values read."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

from accounts.rules.fields import Kind
from tenants import formats

# Where many fields stand side by side (a refusal, a column, a mapping) a field of the tenant
# goes by this and its key: custom.tier. Keys hold no dot, so that nothing else is called so.
PREFIX = "custom."
KIND_WORDS = {
    Kind.TEXT: "Text",
    Kind.NUMBER: "Number",
    Kind.DATE: "Date",
    Kind.CHOICE: "Choice",
    Kind.YES_NO: "Yes or no",
}
MOST_IN_USE = 50
MOST_CHOICES = 100
LONGEST_KEY = 40
LONGEST_LABEL = 80
LONGEST_CHOICE = 80
LONGEST_TEXT = 500
KEY = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def named(key: str) -> str:
    """The name of a field among many: tier is custom.tier."""
    return PREFIX + key


def key_of(label: str) -> str:
    """The key a label suggests, empty where it has no letter of ours: "Größe (m²)" is grosse_m2."""
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).lower()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = [word for word in re.split(r"[^a-z0-9]+", letters) if word]
    while words and not words[0][0].isalpha():
        words.pop(0)
    return "_".join(words)[:LONGEST_KEY].rstrip("_")


def key_fault(key: str) -> str:
    """Why something cannot be a key; empty where it can."""
    if len(key) > LONGEST_KEY:
        return f"A key has at most {LONGEST_KEY} characters."
    if not KEY.fullmatch(key):
        return (
            "A key begins with a small letter and goes on with small letters and digits, "
            "its words joined by underscores: contract_tier."
        )
    return ""


def choices_in(text: str) -> list[str]:
    """Choices as they are typed, one a line; blank lines and spaces around do not count."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line]


def choices_fault(kind: str, choices: Sequence[str]) -> str:
    """Why a field cannot have these choices; empty where it can."""
    if kind != Kind.CHOICE:
        return "Only a field of the type Choice has choices." if choices else ""
    if not choices:
        return "Name at least one choice."
    if len(choices) > MOST_CHOICES:
        return f"These are {len(choices)} choices; at most {MOST_CHOICES} fit."
    for choice in choices:
        if len(choice) > LONGEST_CHOICE:
            return f"“{choice[:20]}…” has more than {LONGEST_CHOICE} characters."
        if not any(letter.isalnum() for letter in choice):
            return f"“{choice}” has no letter and no digit."
    alike = [choice.casefold() for choice in choices]
    twice = next((choice for choice in choices if alike.count(choice.casefold()) > 1), None)
    return f"“{twice}” stands there twice; small and capital letters count the same." * bool(twice)


def in_words(kind: str, value: Any, today: date | None = None) -> str:
    """A stored value as people read it; empty where there is none.

    A value that is not of its kind, which no action writes, reads as it stands.
    """
    if value is None or value == "":
        return ""
    if kind == Kind.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    if kind == Kind.NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    if kind == Kind.DATE:
        try:
            return formats.day(date.fromisoformat(value), today)
        except (TypeError, ValueError):
            return str(value)
    return str(value)
