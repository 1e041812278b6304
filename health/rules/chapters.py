"""Conditions in chapters of the charter: judged when they are saved, not by the night."""

from charter.rules.documents import Body, judge
from health.rules.conditions import BadCondition, parse


def judge_conditions() -> None:
    """Have the charter refuse definitions and segments that nobody could evaluate."""
    judge("definitions", lambda body: _problems(body["definitions"]))
    judge("segments", lambda body: _problems(body["segments"]))


def _problems(parts: list[Body]) -> list[str]:
    found = []
    for each in parts:
        try:
            parse(each["condition"])
        except BadCondition as problem:
            found.append(f"“{each['label']}”: {problem}.")
    return found
