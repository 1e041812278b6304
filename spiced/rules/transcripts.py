"""What each side of a call asked and said, counted in its transcript."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_TIME = r"(?:\[?\(?\d{1,2}:\d{2}(?::\d{2})?\)?\]?\s+)?"
_SPEAKER = re.compile(
    rf"^\s*{_TIME}(?:\*\*)?([^\W\d_][^:*\n]{{0,39}}?)\s*(?::\*\*|\*\*:|:)\s+(.*)$"
)
_QUESTION = re.compile(r"\?+(?=[\s\"'”’)*\]!]|$)")
_RULE = re.compile(r"^\s*-{3,}\s*$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SHORT = 3  # letters of a small word inside a name, such as van or de


@dataclass(frozen=True)
class Heard:
    """Questions and words of each side of a call."""

    questions_ours: int = 0
    questions_theirs: int = 0
    words_ours: int = 0
    words_theirs: int = 0

    @property
    def talk_share(self) -> float | None:
        """The part of all words that is ours, 0.0 to 1.0; None where nobody said any."""
        said = self.words_ours + self.words_theirs
        return self.words_ours / said if said else None


def heard(text: str, ours: Collection[str]) -> Heard:
    """Count what was said by our speakers, and by all others.

    A line "Name: words" (bold or not, a time before it or not) is of that speaker, and so are the
    lines below it until the next. ours: names as they are marked, in any case. A run of question
    marks is one question; a mark inside a word, such as an address, is none. Rules (---) part the
    call from its heading and notes: what stands between two of them counts where we speak there.
    """
    us = {name.casefold() for name in ours}
    counts = {"questions_ours": 0, "questions_theirs": 0, "words_ours": 0, "words_theirs": 0}
    for part in _RULE.split(text):
        said = list(_said(part, us))
        if not any(name in us for name, _ in said):
            continue
        for name, words in said:
            side = "ours" if name in us else "theirs"
            counts[f"questions_{side}"] += len(_QUESTION.findall(words))
            counts[f"words_{side}"] += len(_WORD.findall(words))
    return Heard(**counts)


def speakers(text: str) -> list[str]:
    """The names that lines are marked with, each once, in order."""
    found = (_SPEAKER.match(line) for line in text.splitlines())
    return list(dict.fromkeys(mark[1] for mark in found if mark and _is_name(mark[1])))


def _said(part: str, us: Collection[str]) -> Iterator[tuple[str, str]]:
    """(speaker in small letters, words) of each line that somebody said."""
    name = ""
    for line in part.splitlines():
        words = line
        mark = _SPEAKER.match(line)
        if mark and (mark[1].casefold() in us or _is_name(mark[1])):
            name, words = mark[1].casefold(), mark[2]
        if name:
            yield name, words


def _is_name(words: str) -> bool:
    """Not the beginning of a sentence that goes on after a colon."""
    return all(not word[0].islower() or len(word) <= SHORT for word in words.split())
