"""The shared definitions of the charter as conditions: in force, and as every day had them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from charter.models import Document
from charter.queries import default_body, history
from health.queries.today import zone_of_tenant
from health.rules.definitions import NEVER, Definitions, inlined, read
from health.rules.tree import Condition

KIND = str(Document.Kind.DEFINITIONS)


@dataclass(frozen=True)
class InForce:
    """The definitions of one version; 0 where the charter has none and the default counts."""

    version: int
    conditions: Definitions
    labels: dict[str, str]

    def of(self, condition: Condition) -> Condition:
        """A condition with what it refers to in its place."""
        return inlined(condition, self.conditions)


@dataclass(frozen=True)
class Versions:
    """What the chapter said from which day on, the newest first; at last from ever (None)."""

    told: Sequence[tuple[date | None, Definitions]]

    def of(self, key: str) -> list[tuple[date | None, Condition]]:
        """A definition through time, what stayed the same told once."""
        found: list[tuple[date | None, Condition]] = []
        for since, definitions in self.told:
            condition = inlined(definitions.get(key, NEVER), definitions)
            if found and found[-1][1] == condition:
                found[-1] = (since, condition)
            else:
                found.append((since, condition))
        return found

    def on(self, key: str, day: date) -> Condition:
        """A definition as a day had it."""
        told = self.of(key)
        return next((each for since, each in told if since is None or since <= day), NEVER)


def in_force() -> InForce:
    """The definitions as they are now. One query."""
    found = Document.objects.filter(kind=KIND, state=Document.State.PUBLISHED).first()
    parts = (found.body if found else default_body(KIND))["definitions"]
    labels = {each["key"]: each["label"] for each in parts}
    return InForce(found.version if found else 0, read(parts), labels)


def all_versions() -> Versions:
    """Every version with the local day at whose end it was in force. Two queries."""
    zone, told = ZoneInfo(zone_of_tenant()), history(KIND)
    days: list[tuple[date | None, Definitions]] = []
    for since, _, body in told.versions:
        day = since.astimezone(zone).date()
        if not days or days[-1][0] != day:
            days.append((day, read(body["definitions"])))
    return Versions([*days, (None, read(default_body(KIND)["definitions"]))])
