"""How the clock of a promised step reads."""

from dataclasses import dataclass

WARM_SHARE = 0.25  # of the promised time left
REPAIR = "handoff_repair"


@dataclass(frozen=True)
class Clock:
    """A promised step that runs. left_hours: in the promise's own hours, negative when late."""

    step: str
    label: str
    left_hours: float
    promised_hours: float

    @property
    def is_late(self) -> bool:
        return self.left_hours < 0

    @property
    def tone(self) -> str:
        """hot once late, warm in the last quarter."""
        if self.is_late:
            return "hot"
        return "warm" if self.left_hours <= self.promised_hours * WARM_SHARE else ""
