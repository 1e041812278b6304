"""Conditions in chapters of the charter: judged when they are saved, not by the night."""

from charter.rules.documents import Body, judge
from health.rules.conditions import BadCondition, parse
from health.rules.definitions import circle, faults, read, refers_to


def judge_conditions() -> None:
    """Have the charter refuse definitions and segments that nobody could evaluate."""
    judge("definitions", _definitions)
    judge("segments", lambda body: _problems(body["segments"], None))


def _definitions(body: Body) -> list[str]:
    parts = body["definitions"]
    keys = [each["key"] for each in parts]
    found = _problems(parts, keys)
    if found:
        return found
    definitions = read(parts)
    if loop := circle(definitions):
        names = {each["key"]: each["label"] for each in parts}
        told = " → ".join(f"“{names.get(key, key)}”" for key in loop)
        return [f"These refer to each other in a circle: {told}."]
    return []


def _problems(parts: list[Body], keys: list[str] | None) -> list[str]:
    found = []
    for each in parts:
        try:
            condition = parse(each["condition"])
        except BadCondition as problem:
            found.append(f"“{each['label']}”: {problem}.")
            continue
        named = refers_to(condition) if keys is None else keys
        found += [f"“{each['label']}”: {fault}." for fault in faults(condition, named)]
    return found
