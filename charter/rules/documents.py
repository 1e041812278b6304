"""What each chapter of the charter must hold: problems of a body, in words."""

from collections.abc import Callable
from datetime import date, time
from itertools import pairwise
from typing import Any

from charter.rules import causes, numbers, questions, rates

TOUCH_MODELS = ("high", "mid", "low", "tech")
LETTERS = ("S", "P", "I", "CE", "D")
MOST_FRESH_DAYS = 1000
CLOCKS = ("business", "clock")
CONVERSIONS = ("cr1", "cr2", "cr3", "cr4", "cr5", "cr5a", "cr5b", "cr6", "cr7", "cr8")
HANDOFF_KINDS = {
    *("sales_to_cs", "onboarding_to_cs", "csm_to_csm"),
    *("cs_to_sales", "cs_to_support", "cs_to_finance", "cs_to_marketing"),
}
PARTS = {"A", "R", "C", "I", "A/R"}
Body = dict[str, Any]
Check = Callable[[Body], list[str]]
JUDGES: dict[str, list[Check]] = {}


def problems(kind: str, body: Any) -> list[str]:
    """Everything wrong with a chapter's body; empty where it may be published."""
    if not isinstance(body, dict):
        return ["The chapter must be an object."]
    try:
        return CHECKS[kind](body) or [
            problem for judge in JUDGES.get(kind, ()) for problem in judge(body)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"The chapter lacks or misspells a part: {error}."]


def judge(kind: str, asked: Check) -> None:
    """Have an app above judge bodies of a chapter too, in a language that it alone knows."""
    JUDGES.setdefault(kind, []).append(asked)


def _segments(body: Body) -> list[str]:
    found = []
    for key in TOUCH_MODELS:
        model = body["touch_models"].get(key)
        if model is None:
            found.append(f"The touch model “{key}” is missing.")
        elif not 0 < model["accounts_per_csm"] <= model["accounts_per_csm_max"]:
            found.append(f"“{key}”: accounts per CSM must be above 0 and not above its most.")
        if model is not None and not _is_minimum(model["spiced"]):
            found.append(f"“{key}”: SPICED asks for 0 to 15 in all and 0 to 3 for known parts.")
    keys = [segment["key"] for segment in body["segments"]]
    if not keys:
        found.append("At least one segment is needed.")
    found += [f"The segment “{key}” stands twice." for key in set(keys) if keys.count(key) > 1]
    if body["strategic_segment"] not in keys:
        found.append("Strategic accounts need a segment that exists.")
    for segment in body["segments"]:
        if segment["touch_model"] not in TOUCH_MODELS:
            found.append(f"“{segment['key']}”: no such touch model.")
        if not segment["label"].strip() or not isinstance(segment["condition"], dict):
            found.append(f"“{segment['key']}” needs a name and a condition.")
    return found


def _is_minimum(minimum: Body) -> bool:
    known = set(minimum["letters"]) <= set(LETTERS)
    return known and 0 <= minimum["total"] <= 15 and 0 <= minimum["each"] <= 3


def _calendar(body: Body) -> list[str]:
    found = []
    if time.fromisoformat(body["opens"]) >= time.fromisoformat(body["closes"]):
        found.append("The day must open before it closes.")
    if not body["weekdays"] or not set(body["weekdays"]) <= set(range(7)):
        found.append("At least one working day is needed, from Monday (0) to Sunday (6).")
    days = [date.fromisoformat(day["on"]) for day in body["holidays"]]
    found += [f"{one} stands twice." for one, other in pairwise(sorted(days)) if one == other]
    return found


def _promises(body: Body) -> list[str]:
    found = []
    for promise in body["promises"]:
        if not 0 < promise["hours"] <= 10_000:
            found.append(f"“{promise['label']}” needs a time above 0 hours.")
        if promise["clock"] not in CLOCKS:
            found.append(f"“{promise['label']}” runs on business or clock hours.")
    return found


def _definitions(body: Body) -> list[str]:
    return [
        f"“{each['label']}” needs a condition."
        for each in body["definitions"]
        if not isinstance(each["condition"], dict)
    ]


def _owners(body: Body) -> list[str]:
    """One accountable, at least one responsible for each activity (operating model, 12.3)."""
    found = []
    roles = {role["key"] for role in body["roles"]}
    for activity in body["activities"]:
        parts = activity["parts"]
        if not set(parts) <= roles or not set(parts.values()) <= PARTS:
            found.append(f"“{activity['label']}”: parts are A, R, C or I of a known role.")
            continue
        accountable = [role for role, part in parts.items() if "A" in part]
        if len(accountable) != 1:
            found.append(f"“{activity['label']}” needs exactly one accountable role.")
        if not any("R" in part for part in parts.values()):
            found.append(f"“{activity['label']}” needs somebody who does it.")
    return found


GATES = {
    "gate_quarters": ("Recurring Impact asks for quarters with impact in a row", 1, 8),
    "gate_habit_weeks": ("Recurring Impact asks for weeks of habit, of the last 12", 1, 12),
    "gate_people": ("Max Impact asks for people who confirm how it feels", 1, 20),
    "gate_agreement": ("Each of them agrees with at least so many of 5", 1, 5),
}


def _bowtie(body: Body) -> list[str]:
    found = []
    if not 0 < body["first_impact_share"] <= 1:
        found.append("First Impact needs a part of the way above 0% and at most 100%.")
    if not 1 <= body["mature_after"] <= 10:
        found.append("A cohort is mature after 1 to 10 times the median time.")
    if not 1 <= body["renewal_window_days"] <= 365:
        found.append("The renewal window is 1 to 365 days.")
    for key, (words, least, most) in GATES.items():
        told = body.get(key, least)  # chapters of before have none
        if isinstance(told, bool) or not isinstance(told, int) or not least <= told <= most:
            found.append(f"{words}: a whole number from {least} to {most}.")
    found += numbers.of_bowtie(body)
    margin = body.get("gross_margin")  # chapters of before have none
    if margin is not None and not 0 < margin <= 1:
        found.append("A gross margin is above 0% and at most 100%.")
    if not isinstance(body["counts_advocacy"], bool):
        found.append("Referrals are counted or not.")
    keys = [each["key"] for each in body["conversions"]]
    if sorted(keys) != sorted(CONVERSIONS):
        found.append(f"The conversions are {', '.join(CONVERSIONS)}, each once.")
    for each in body["conversions"]:
        if not each["label"].strip():
            found.append(f"“{each['key']}” needs a name.")
        if each["target"] is not None and not 0 < each["target"] <= 10:
            found.append(f"“{each['label']}”: a target is above 0% and at most 1000%.")
    return found


def _handoffs(body: Body) -> list[str]:
    found = []
    if {kind["key"] for kind in body["kinds"]} != HANDOFF_KINDS:
        found.append(f"The kinds of handoff are {', '.join(sorted(HANDOFF_KINDS))}, each once.")
    for kind in body["kinds"]:
        if not all(isinstance(item["mandatory"], bool) for item in kind["items"]):
            found.append(f"“{kind['label']}”: an item is mandatory or not.")
        if not any(item["mandatory"] for item in kind["items"]):
            found.append(f"“{kind['label']}” needs at least one mandatory item.")
    return found + numbers.of_handoffs(body)


def _spiced(body: Body) -> list[str]:
    found = []
    days, targets = body["fresh_days"], body["index_targets"]
    if set(days) != set(LETTERS) or not all(_is_days(each) for each in days.values()):
        found.append(f"Each part of SPICED stays fresh for 1 to {MOST_FRESH_DAYS} whole days.")
    if set(targets) != set(TOUCH_MODELS) or not all(
        each is None or 0 < each <= 1 for each in targets.values()
    ):
        found.append("Each touch model has a target of the index above 0 and at most 1, or none.")
    return found + questions.problems(body["questions"])


def _is_days(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_FRESH_DAYS


CHECKS: dict[str, Check] = {
    "segments": _segments,
    "calendar": _calendar,
    "promises": _promises,
    "definitions": _definitions,
    "owners": _owners,
    "bowtie": _bowtie,
    "handoffs": _handoffs,
    "spiced": _spiced,
    "rates": rates.problems,
    "causes": causes.problems,
}
