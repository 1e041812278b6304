"""The trail in plain sentences: each app says, beside its actions, how its own verbs read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Sentence = str | Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Wording:
    """How a verb reads on a timeline."""

    sentence: Sentence
    icon: str
    detail: Sentence
    is_aside: bool


@dataclass(frozen=True)
class Line:
    """One entry of a timeline, in words."""

    title: str
    text: str
    icon: str


WORDINGS: dict[str, Wording] = {}


def describe(
    verb: str,
    sentence: Sentence,
    *,
    icon: str = "activity",
    detail: Sentence = "",
    is_aside: bool = False,
) -> None:
    """Say how a verb reads: "{who} saved version {version} of the SPICED note".

    sentence, detail: a format string over the facts and `who`, or a function of both. A change
    is a pair: "{stage[0]} to {stage[1]}". is_aside: for the audit log alone, off timelines.
    """
    WORDINGS[verb] = Wording(sentence, icon, detail, is_aside)


def told(verb: str, facts: Mapping[str, Any], who: str) -> Line:
    """A trail entry in words; the bare verb where nobody described it."""
    wording = WORDINGS.get(verb) or Wording(
        verb.replace("_", " ").replace(".", ": "), "activity", "", is_aside=True
    )
    known = _Facts(facts | {"who": who})  # type: ignore[operator]
    return Line(_said(wording.sentence, known), _said(wording.detail, known), wording.icon)


def _said(sentence: Sentence, facts: "_Facts") -> str:
    words = sentence(facts) if callable(sentence) else sentence.format_map(facts)
    return words[:1].upper() + words[1:]


class _Blank(str):
    """A fact that was not recorded reads as nothing, whatever one asks of it."""

    __slots__ = ()

    def __getitem__(self, key: object) -> "_Blank":
        return self

    def __getattr__(self, name: str) -> "_Blank":
        return self

    def __format__(self, spec: str) -> str:
        return ""


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> _Blank:
        return _Blank()
