"""One object's way along the bowtie, and what stood where in a window of time; plain values.

A deal goes along the left half, an account along the right one; both are read the same way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bowtie.rules.stages import LINE, Stage

ENDS = ("lost", "churned")
BY_PROXY, BY_OVERRIDE = "proxy", "override"
RANKS = {str(stage): rank for rank, stage in enumerate(LINE)} | {"won": LINE.index(Stage.COMMITTED)}


@dataclass(frozen=True, slots=True)
class Entry:
    """The moment a stage was entered."""

    stage: str
    at: datetime
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The entries of one deal, or of one life of an account, in order.

    id: of the deal or account; account_id is None for a deal without one. is_imported: it came
    with its stage, so nobody knows when it entered. is_referred: customer success
    brought it, or an account did: referred_by.
    unproven: why its First Impact is not what the champion, buyer or sponsor confirmed: BY_PROXY,
    BY_OVERRIDE, or "" where it is.
    """

    id: UUID
    name: str
    account_id: UUID | None
    entries: tuple[Entry, ...]
    is_imported: bool = False
    is_referred: bool = False
    referred_by: UUID | None = None
    unproven: str = ""

    def reached(self, stage: Stage) -> datetime | None:
        """When it first stood at a stage or beyond it; going back is no entry."""
        rank = LINE.index(stage)
        found = [e.at for e in self.entries if not e.is_back and RANKS.get(e.stage, -1) >= rank]
        return min(found, default=None)

    def entered(self, stage: Stage) -> datetime | None:
        """When it came to exactly this stage; None where it was skipped, or entered only later."""
        at, rank = self.reached(stage), LINE.index(stage)
        is_exact = any(e.at == at and RANKS.get(e.stage) == rank for e in self.entries)
        return at if is_exact else None

    def ended(self) -> datetime | None:
        """When it was lost or left."""
        return next((e.at for e in self.entries if e.stage in ENDS), None)

    def stays(self) -> Iterable[tuple[str, datetime, datetime | None]]:
        """(stage, from, to) of each stay; the last is open unless it is an end."""
        for at, entry in enumerate(self.entries):
            if entry.stage in RANKS:
                after = self.entries[at + 1].at if at + 1 < len(self.entries) else None
                yield entry.stage, entry.at, after


@dataclass(frozen=True)
class Flow:
    """What stood in a stage when a window opened, came in, went out, and stood at its end."""

    opening: list[Way] = field(default_factory=list)
    came_in: list[Way] = field(default_factory=list)
    went_out: list[Way] = field(default_factory=list)
    closing: list[Way] = field(default_factory=list)

    @property
    def reconciles(self) -> bool:
        """Whether opening + in − out = closing."""
        return len(self.opening) + len(self.came_in) - len(self.went_out) == len(self.closing)


def flows(ways: Sequence[Way], start: datetime, end: datetime) -> dict[str, Flow]:
    """The flow of each stage from `start` up to, not including, `end`; deals won count as signed.

    A stay is counted in when it begins in the window and out when it ends in it, however short.
    """
    found = {str(stage): Flow() for stage in LINE}
    for way in ways:
        for stage, begun, left in way.stays():
            if stage == "won":
                continue  # from there on the account is counted
            flow = found[stage]
            if begun >= end:
                continue
            if begun >= start:
                flow.came_in.append(way)
            elif left is None or left >= start:
                flow.opening.append(way)
            else:
                continue
            if left is not None and left < end:
                flow.went_out.append(way)
            else:
                flow.closing.append(way)
    return found
