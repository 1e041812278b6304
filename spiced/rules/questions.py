"""The next best question: what to ask so that the largest gap closes."""

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spiced.rules.elements import PARTS
from spiced.rules.states import Kind, State


@dataclass(frozen=True)
class Question:
    """A question of the bank. It closes one field, or refreshes a part that is out of date.

    text: may hold {event}, {event_on}, {person}; asked only where they are known.
    """

    key: str
    part: str
    text: str
    field: str = ""
    stages: tuple[str, ...] = ()

    @property
    def needs(self) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(self.text) if name}


@dataclass(frozen=True)
class Ask:
    """A question ready to be asked, and what for."""

    key: str
    part: str
    about: str
    text: str


def asks(
    bank: Iterable[Question],
    states: Sequence[State],
    *,
    first: str = "",
    stage: str = "",
    facts: Mapping[str, Any] | None = None,
) -> list[Ask]:
    """Questions worth asking now, best first: the open part, then the sequence of SPICED.

    Within a part what is missing comes before what is out of date, and a question that is made
    for the account's stage before one that fits all.
    """
    known = {name: str(value) for name, value in (facts or {}).items() if value}
    ordered = sorted(states, key=lambda state: state.letter != first)
    bank = [question for question in bank if question.needs <= set(known)]
    found: list[Ask] = []
    for state in ordered:
        fitting = [
            question
            for question in bank
            if question.part == state.letter and (not question.stages or stage in question.stages)
        ]
        fitting.sort(key=lambda question: (not question.stages, -len(question.needs)))
        missing = [question for gap in state.gaps for question in fitting if question.field == gap]
        refreshing = [q for q in fitting if not q.field] if state.kind is Kind.STALE else []
        for question in [*missing, *refreshing]:
            found.append(
                Ask(question.key, question.part, _about(question), question.text.format(**known))
            )
    return found


def _about(question: Question) -> str:
    part = PARTS[question.part]
    if not question.field:
        return f"Ask again, {part.name} is out of date"
    return f"Ask next, for {part.field(question.field).called}"


def parsed(data: Mapping[str, Any]) -> tuple[Question, ...]:
    """The questions of a bank. Raises ValueError where it names unknown parts or fields."""
    made = []
    for item in data["questions"]:
        part = PARTS.get(item["part"])
        name = item.get("field", "")
        if part is None or (name and name not in {field.key for field in part.asked}):
            raise ValueError(f"question {item['key']}: no field {item['part']}.{name}")
        stages = tuple(item.get("stages", ()))
        made.append(Question(item["key"], item["part"], item["text"], name, stages))
    return tuple(made)
