"""How an onboarding stands: progress, pace, where First Impact will be, and what is wrong.

Source: the operating model, sections 6 and 7.4 (onboarding_stalled, first_impact_risk).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from charter.rules.calendar import Calendar
from charter.rules.numbers import LIMITS, Limits
from journeys.rules.templates import PHASES

THEIRS_LATE_DAYS = 5  # working days a task of the account is late
MILESTONES_FOR_PACE = 2


@dataclass(frozen=True)
class Item:
    """A task of a plan as it is judged. closed_on: the local day it was done or skipped."""

    key: str
    phase: str
    side: str
    due_on: date
    first_due_on: date
    state: str = "open"
    waiting_on: str = ""
    after: tuple[str, ...] = ()
    closed_on: date | None = None
    is_gate: bool = False
    weight: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Standing:
    """An onboarding judged on a day.

    progress: share of weight done, None where nothing counts. pace: actual ÷ planned days at the
    last completed gate, None with fewer than two. projected_on: None without a pace. late_days:
    days past the agreed date. stuck, warnings: in words, empty where all is well.
    """

    phase: str
    progress: float | None
    pace: float | None
    projected_on: date | None
    late_days: int
    late_tasks: int
    stuck: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def tone(self) -> str:
        if self.stuck or self.late_days:
            return "risk"
        return "watch" if self.warnings or self.late_tasks else "good"

    @property
    def word(self) -> str:
        if self.stuck:
            return "Stuck"
        if self.late_days:
            return "Late"
        return "At risk" if self.warnings else "Behind" if self.late_tasks else "On time"


def standing(
    items: Sequence[Item],
    *,
    anchor: date,
    planned_on: date,
    agreed_on: date,
    begun_on: date,
    today: date,
    calendar: Calendar,
    limits: Limits = LIMITS,
) -> Standing:
    """Judge an open onboarding on a day."""
    at_pace = pace(items, anchor)
    projected = None if at_pace is None else projection(anchor, planned_on, at_pace)
    late = [each for each in items if each.is_open and each.due_on < today]
    return Standing(
        phase=phase_of(items),
        progress=progress(items),
        pace=at_pace,
        projected_on=projected,
        late_days=max(0, (today - agreed_on).days),
        late_tasks=len(late),
        stuck=tuple(stuck(items, begun_on, today, calendar, limits)),
        warnings=tuple(_warnings(anchor, agreed_on, projected, today, limits)),
    )


def progress(items: Iterable[Item]) -> float | None:
    """Σ weight done ÷ Σ weight; what was skipped counts for neither."""
    counted = [each for each in items if each.state != "skipped"]
    whole = sum(each.weight for each in counted)
    return sum(e.weight for e in counted if e.state == "done") / whole if whole else None


def pace(items: Iterable[Item], anchor: date) -> float | None:
    """Actual ÷ planned days from the anchor to the last completed gate: above 1 is slow."""
    done = [e for e in items if e.is_gate and e.state == "done" and e.closed_on]
    if len(done) < MILESTONES_FOR_PACE:
        return None
    last = max(done, key=lambda each: each.first_due_on)
    planned = (last.first_due_on - anchor).days
    if planned <= 0 or last.closed_on is None:
        return None
    return max(0, (last.closed_on - anchor).days) / planned


def projection(anchor: date, planned_on: date, at_pace: float) -> date:
    """Commit + planned days × pace, in whole days."""
    days = (planned_on - anchor).days * at_pace
    return anchor + timedelta(days=int(days + 0.5))


def phase_of(items: Sequence[Item]) -> str:
    """The first phase that still has an open gate; the last one where all are passed."""
    with_gates = {each.phase for each in items if each.is_open and each.is_gate}
    last = [key for key in PHASES if any(each.phase == key for each in items)]
    return next((key for key in PHASES if key in with_gates), last[-1] if last else "handoff")


def in_hand(items: Iterable[Item]) -> list[Item]:
    """The open tasks whose forerunners are all closed."""
    found = list(items)
    still_open = {each.key for each in found if each.is_open}
    return [each for each in found if each.is_open and not still_open & set(each.after)]


def stuck(
    items: Sequence[Item], begun_on: date, today: date, calendar: Calendar, limits: Limits
) -> list[str]:
    """Why a plan does not move, in words: nothing done for too long, or theirs is late."""
    found = []
    ends = [each.closed_on for each in items if each.state == "done" and each.closed_on]
    idle = calendar.days_between(max([begun_on, *ends]), today)
    if idle >= limits.idle_days:
        found.append(f"no task done for {idle} working days")
    late = max(
        (calendar.days_between(e.due_on, today) for e in items if e.is_open and e.side == "them"),
        default=0,
    )
    if late > THEIRS_LATE_DAYS:
        found.append(f"a task of theirs is {late} working days late")
    return found


def is_overrun(anchor: date, agreed_on: date, today: date, limits: Limits) -> bool:
    """Whether a day lies past the agreed window by more than the charter lets it."""
    return (today - anchor).days > limits.overrun * max(1, (agreed_on - anchor).days)


def _warnings(
    anchor: date, agreed_on: date, projected: date | None, today: date, limits: Limits
) -> list[str]:
    found, past = [], f"past {limits.overrun:g} × the agreed time"
    if is_overrun(anchor, agreed_on, today, limits):
        found.append(f"{past}: due for an executive reset")
    elif projected and is_overrun(anchor, agreed_on, projected, limits):
        found.append(f"projected {past}")
    return found
