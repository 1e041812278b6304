"""The body of a play: when it starts, for whom, its steps, and when it has worked."""

import string
from dataclasses import dataclass
from typing import Any

from health.rules.catalogue import is_known
from health.rules.conditions import All, BadCondition, Compare, Condition, leaves, parse

OWNERS = {
    "csm": "CSM",
    "cs_lead": "CS lead",
    "ae": "Sales",
    "am": "Account manager",
    "support": "Support",
    "finance": "Finance",
}
KINDS = {
    "call": "Call",
    "meeting": "Meeting",
    "email": "E-mail",
    "research": "Look into",
    "internal": "Talk among us",
    "task": "Task",
}
FACING = frozenset({"call", "meeting", "email"})  # steps that reach the account
LOWEST_PRIORITY = 4
LONGEST_HOURS = 2_000
LONGEST_DAYS = 400
MOST_MINUTES = 480
MOST_STEPS = 12
NEEDED = {"when", "priority", "steps", "first_action_hours", "cooldown_days", "is_proactive"}
ALLOWED = NEEDED | {"scope", "suppress_if", "success", "yields_to", "because"}
LONGEST_BECAUSE = 200
STEP_KEYS = {"title", "owner", "due_hours", "kind", "minutes"}


class BadPlay(ValueError):
    """A body that cannot be read; says where and what is expected there."""


@dataclass(frozen=True)
class Step:
    """One task of a play. due_hours: business hours after the start; minutes: what it takes."""

    title: str
    owner: str
    due_hours: float
    kind: str
    minutes: int
    has_clock: bool = False


@dataclass(frozen=True)
class Body:
    """One version of a play.

    suppress_if: holds the play back while it is so. yields_to: keys of plays that go before it.
    success: without one, the play has worked once every step is done. because: why a run started,
    in words that may name measures of `when`: "Latest NPS answer is {nps_last}".
    """

    when: Condition
    scope: Condition | None
    suppress_if: Condition | None
    priority: int
    steps: tuple[Step, ...]
    first_action_hours: float
    cooldown_days: int
    success: Condition | None
    success_days: int
    is_proactive: bool
    yields_to: tuple[str, ...] = ()
    because: str = ""

    @property
    def trigger(self) -> Condition:
        """The condition an account meets to enter: within the scope, and when."""
        return self.when if self.scope is None else All((self.scope, self.when))

    @property
    def conditions(self) -> dict[str, Condition]:
        """Every condition of it, by the place it has in the body."""
        places = {
            "when": self.when,
            "scope": self.scope,
            "suppress_if": self.suppress_if,
            "success": self.success,
        }
        return {place: each for place, each in places.items() if each is not None}

    @property
    def aims_at(self) -> frozenset[str]:
        """Keys of the measures by which it has worked."""
        found = leaves(self.success) if self.success is not None else []
        return frozenset(each.key for each in found if isinstance(each, Compare))


def read(data: Any) -> Body:
    """Read a body. Raises BadPlay naming the place and what belongs there."""
    if not isinstance(data, dict):
        raise BadPlay("play: expected an object")
    if lacking := sorted(NEEDED - set(data)):
        raise BadPlay(f"{lacking[0]}: is missing")
    if extra := sorted(set(data) - ALLOWED):
        raise BadPlay(f"{extra[0]}: not expected in a play")
    success, success_days = _success(data.get("success"))
    if not isinstance(data["is_proactive"], bool):
        raise BadPlay("is_proactive: expected true or false")
    yields_to = data.get("yields_to", [])
    if not isinstance(yields_to, list) or not all(isinstance(key, str) for key in yields_to):
        raise BadPlay("yields_to: expected a list of keys of plays")
    return Body(
        when=_condition(data["when"], "when"),
        scope=_condition(data["scope"], "scope") if data.get("scope") else None,
        suppress_if=(
            _condition(data["suppress_if"], "suppress_if") if data.get("suppress_if") else None
        ),
        priority=_whole(data["priority"], "priority", 1, LOWEST_PRIORITY),
        steps=_steps(data["steps"]),
        first_action_hours=_hours(data["first_action_hours"], "first_action_hours"),
        cooldown_days=_whole(data["cooldown_days"], "cooldown_days", 0, LONGEST_DAYS),
        success=success,
        success_days=success_days,
        is_proactive=data["is_proactive"],
        yields_to=tuple(yields_to),
        because=_because(data.get("because", "")),
    )


def _condition(data: Any, path: str) -> Condition:
    try:
        return parse(data, path)
    except BadCondition as error:
        raise BadPlay(str(error)) from error


def _steps(data: Any) -> tuple[Step, ...]:
    if not isinstance(data, list) or not 1 <= len(data) <= MOST_STEPS:
        raise BadPlay(f"steps: expected a list of 1 to {MOST_STEPS} steps")
    return tuple(_step(step, f"steps[{at}]") for at, step in enumerate(data))


def _step(data: Any, path: str) -> Step:
    if not isinstance(data, dict):
        raise BadPlay(f"{path}: expected an object with a title")
    if lacking := sorted(STEP_KEYS - set(data)):
        raise BadPlay(f"{path}.{lacking[0]}: is missing")
    if extra := sorted(set(data) - STEP_KEYS - {"has_clock"}):
        raise BadPlay(f"{path}.{extra[0]}: not expected in a step")
    title = data["title"]
    if not isinstance(title, str) or not 1 <= len(title.strip()) <= 200:
        raise BadPlay(f"{path}.title: expected a text of at most 200 characters")
    if data["owner"] not in OWNERS:
        raise BadPlay(f"{path}.owner: expected one of {', '.join(OWNERS)}")
    if data["kind"] not in KINDS:
        raise BadPlay(f"{path}.kind: expected one of {', '.join(KINDS)}")
    return Step(
        title=title.strip(),
        owner=data["owner"],
        due_hours=_hours(data["due_hours"], f"{path}.due_hours"),
        kind=data["kind"],
        minutes=_whole(data["minutes"], f"{path}.minutes", 1, MOST_MINUTES),
        has_clock=data.get("has_clock") is True,
    )


def _success(data: Any) -> tuple[Condition | None, int]:
    if data is None:
        return None, LONGEST_DAYS
    if not isinstance(data, dict) or set(data) - {"when", "within_days"}:
        raise BadPlay("success: expected an object with “when” and “within_days”")
    days = _whole(data.get("within_days"), "success.within_days", 1, LONGEST_DAYS)
    when = _condition(data["when"], "success.when") if data.get("when") else None
    return when, days


def _because(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_BECAUSE:
        raise BadPlay(f"because: expected a text of at most {LONGEST_BECAUSE} characters")
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise BadPlay(f"because: {error}") from error
    for name in names:
        if not is_known(name):
            raise BadPlay(f"because: there is no measure “{name}”")
    return text


def _whole(value: Any, path: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadPlay(f"{path}: expected a whole number from {low} to {high}")
    return value


def _hours(value: Any, path: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= LONGEST_HOURS:
        raise BadPlay(f"{path}: expected business hours from 0 to {LONGEST_HOURS}")
    return float(value)
