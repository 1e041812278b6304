"""How the clock of a handoff reads on a page."""

from datetime import datetime
from typing import Any

from journeys.rules.clocks import Clock
from tenants.formats import effort


def clock_words(clock: Clock | None, due_at: datetime | None) -> dict[str, Any] | None:
    """A running clock as label, words, tone and moment; None where none runs."""
    if clock is None:
        return None
    span = effort(round(abs(clock.left_hours) * 60))
    return {
        "label": clock.label,
        "words": f"{span} late" if clock.is_late else f"{span} left",
        "tone": clock.tone,
        "due_at": due_at,
    }
