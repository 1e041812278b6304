"""What the charter says of SPICED: what counts, for how long, and what to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from charter.models import Document
from charter.queries import default_body
from spiced.rules.questions import Question, parsed

KIND = Document.Kind.SPICED


@dataclass(frozen=True)
class Terms:
    """The chapter of a version; version 0 is the default, where a tenant has no charter."""

    version: int
    body: Mapping[str, Any]

    @property
    def fresh_days(self) -> Mapping[str, int]:
        """Days for which a part's score counts in full, by letter."""
        days: Mapping[str, int] = self.body["fresh_days"]
        return days

    def index_target(self, touch_model: str) -> float | None:
        """The SPICED index (0 to 1) an account should have; None where none is set."""
        target: float | None = self.body["index_targets"].get(touch_model)
        return target

    @cached_property
    def bank(self) -> tuple[Question, ...]:
        """The questions to ask."""
        return parsed(self.body)


def terms() -> Terms:
    """The chapter in force. One query."""
    found = Document.objects.filter(kind=KIND, state=Document.State.PUBLISHED).first()
    return Terms(found.version, found.body) if found else Terms(0, default_body(KIND))
