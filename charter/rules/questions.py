"""The bank of questions in the charter: what each asks for, and what is wrong with one."""

import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST = 200
LONGEST = 300
FACTS = ("event", "event_on", "person")  # a text may hold {event}, {event_on} and {person}
AGAIN = ""  # asks for no field: whether what was heard before still holds

# By part its name, and its fields as the SPICED note calls them.
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "S": (
        "Situation",
        {
            "text": "Situation",
            "tools": "Current tools",
            "team": "Team",
            "initiatives": "Initiatives",
            "maturity": "Maturity",
            "changes": "Changes",
        },
    ),
    "P": (
        "Pain",
        {
            "text": "Pain",
            "who": "Who feels it",
            "frequency": "How often",
            "annual_cost": "Cost a year",
        },
    ),
    "I": (
        "Impact",
        {
            "text": "Rational impact",
            "measure": "Measure",
            "unit": "Unit",
            "baseline": "Baseline",
            "target": "Target",
            "by": "By",
            "words": "Emotional impact",
            "person": "Whose",
        },
    ),
    "CE": (
        "Critical event",
        {
            "text": "Critical event",
            "on": "Date",
            "condition": "Or condition",
            "operator": "Reaches",
            "value": "Value",
            "expected_on": "Expected",
            "consequence": "Consequence",
            "consequence_kind": "Kind",
            "amount": "What it costs",
            "sufferer": "Who suffers",
        },
    ),
    "D": (
        "Decision",
        {
            "text": "Decision",
            "people": "People",
            "process": "Process",
            "criteria": "Criteria",
            "paper": "Paper",
        },
    ),
}


def about(part: str, field: str) -> str:
    """What a question asks for: a field of a part, or the part anew."""
    return PARTS[part][1][field] if field else "Ask again"


def by_part(questions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """(name of the part, its questions in their order), in the order of SPICED."""
    for part, (name, _) in PARTS.items():
        yield name, [each for each in questions if each["part"] == part]


def problems(questions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Everything wrong with a bank, in words."""
    keys = Counter(each["key"] for each in questions)
    found = [f"The question “{key}” stands twice." for key, n in keys.items() if n > 1]
    if len(questions) > MOST:
        found.append(f"A bank holds at most {MOST} questions.")
    for each in questions:
        fields = PARTS[each["part"]][1] if each["part"] in PARTS else None
        if fields is None or each["field"] not in {AGAIN, *fields}:
            found.append(f"“{each['text']}” asks for a field that SPICED does not have.")
        if not all(isinstance(stage, str) for stage in each["stages"]):
            found.append(f"“{each['text']}”: stages are named by their keys.")
        if word := problem(each["text"]):
            found.append(f"“{each['text'][:60]}”: {word}")
    return found


def problem(text: str) -> str:
    """What is wrong with the words of a question; empty where nothing is."""
    if not text.strip() or len(text) > LONGEST:
        return f"a question has 1 to {LONGEST} characters."
    try:
        places = [place[1:] for place in string.Formatter().parse(text) if place[1] is not None]
    except ValueError:
        places = [("", "", "")]
    if any(name not in FACTS or form or convert for name, form, convert in places):
        return "in braces stand only {event}, {event_on} and {person}."
    return ""
