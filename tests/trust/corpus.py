"""Strings that break software, ours to begin with."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("naughty.json")
OTHERS = Path(os.environ.get("CSOM_DATA", "")) / "naughty-strings" / "blns.json"


def naughty(*kinds: str) -> list[str]:
    """All strings of the corpus, or those of some kinds; a public list too where there is one."""
    told = json.loads(FILE.read_text())
    found = [text for kind, texts in told.items() if not kinds or kind in kinds for text in texts]
    strings = [each if isinstance(each, str) else each["repeat"] * each["times"] for each in found]
    if not kinds and OTHERS.is_file():
        strings += json.loads(OTHERS.read_text())
    return list(dict.fromkeys(strings))


def sendable(strings: list[str]) -> list[str]:
    """Those a form can carry: half characters cannot be written in UTF-8."""
    return [text for text in strings if not any("\ud800" <= sign <= "\udfff" for sign in text)]


def turns(strings: list[str], start: int = 0) -> Iterator[str]:
    """One after the other, for ever, from somewhere in the list."""
    while True:
        yield from strings[start % len(strings) :]
        yield from strings[: start % len(strings)]
