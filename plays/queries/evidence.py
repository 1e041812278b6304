"""What stands behind a task: the values that started its play, and how they came about."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import Account
from health.models import Snapshot
from health.rules.catalogue import MEASURES, name_of, shown, unit_of
from plays.models import Run
from plays.rules.evidence import chart_key
from pulse.models import Activity
from pulse.rules.activities import NOTE
from spiced.models import Element
from spiced.queries.notes import Picture, picture
from spiced.rules.elements import LETTERS
from spiced.rules.questions import Ask, asks
from tenants.formats import day as day_words

WEEKS = 12
UNITS = {"share": "%", "change": "%", "days": "days", "weeks": "weeks"}


@dataclass(frozen=True)
class Known:
    """What SPICED holds of one part, in a line."""

    letter: str
    kind: str
    words: str


@dataclass(frozen=True)
class Spiced:
    """The note in five lines, and the best question to ask next."""

    picture: Picture
    parts: list[Known] = field(default_factory=list)
    ask: Ask | None = None

    @property
    def states(self) -> dict[str, str]:
        return {letter: str(state.kind) for letter, state in self.picture.states.items()}


def history(account: Account, facts: list[dict[str, Any]], today: date) -> dict[str, Any] | None:
    """The course over twelve weeks of what started the play, as a line chart. One query.

    None where fewer than two weeks are known.
    """
    key = chart_key(facts)
    days = [today - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    stored = {
        row.day: row
        for row in Snapshot.objects.filter(account=account, day__in=days).only(
            "day", "values", "score"
        )
    }
    values = [_value(stored.get(day), key) for day in days]
    known = [(day, value) for day, value in zip(days, values, strict=True) if value is not None]
    if len(known) < 2:
        return None
    (since, first), (_, last) = known[0], known[-1]
    return {
        "title": name_of(key),
        "finding": f"{name_of(key)}: {shown(key, last)} now, {shown(key, first)} on "
        f"{day_words(since, today)}.",
        "labels": [day_words(day, today) for day in days],
        "values": values,
        "unit": UNITS.get(unit_of(key), ""),
        "tone": _tone(key, first, last),
    }


def spiced(account: Account, today: date) -> Spiced:
    """What the note of an account holds. Six queries."""
    held = picture(account, today)
    event = held.event
    facts = {
        "event": event.statement if event else "",
        "event_on": day_words(event.on, today) if event and event.on else "",
    }
    found = asks(held.terms.bank, list(held.states.values()), stage=account.stage, facts=facts)
    parts = [
        Known(
            letter,
            str(held.states[letter].kind),
            _line(held.elements.get(letter)) or held.states[letter].reason,
        )
        for letter in LETTERS
    ]
    return Spiced(held, parts, found[0] if found else None)


def has_acted(run: Run) -> bool:
    """Whether somebody turned to the account since a run began. One query at most."""
    if run.first_action_at is not None:
        return True
    since = Activity.objects.filter(account=run.account_id, at__gte=run.started_at)
    return since.exclude(kind=NOTE).exists()


def _value(row: Snapshot | None, key: str) -> float | None:
    if row is None:
        return None
    if key == "score":
        return row.score
    slot = MEASURES[key].slot
    return row.values[slot - 1] if slot <= len(row.values) else None


def _tone(key: str, first: float, last: float) -> str:
    direction = MEASURES[key].direction if key in MEASURES else "up"
    if direction == "none" or first == last:
        return ""
    return "good" if (last > first) == (direction == "up") else "risk"


def _line(element: Element | None) -> str:
    return element.text if element else ""
