"""The stays of one account in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import Account
from bowtie.models import Stay
from bowtie.rules.gates import GO_LIVE, TICKS, Facts, missing
from bowtie.rules.stages import CUSTOMERS, LINE, Stage

NAMES = {
    "opportunity": "opportunity",
    "contract": "contract",
    "handoff": "handoff accepted",
    "joint_plan": "joint plan drafted",
    "delivered_periods": "quarters with impact",
    "habit_weeks": "weeks of habitual use",
    "goals_achieved": "goals achieved",
    "emotional_confirmations": "people who confirm how it feels",
    "two_use_cases": "two use cases live",
    "gone_on": "no ARR since",
    "came_back_on": "ARR again since",
    "goal": "goal",
    "lost": "lost",
    "missing": "went without",
}


@dataclass(frozen=True)
class StayLine:
    """One stay. evidence: what the gate was shown, in words."""

    stage: Stage
    lifecycle: int
    entered_at: datetime
    left_at: datetime | None
    by: str
    evidence: list[str]
    stay: Stay

    @property
    def is_now(self) -> bool:
        return self.left_at is None

    @property
    def is_first_impact(self) -> bool:
        return (
            self.stage is Stage.FIRST_IMPACT
            and not self.stay.is_imported
            and self.stay.came_from != Stage.RECURRING_IMPACT
        )


def stays_of(account: Account) -> list[StayLine]:
    """All stays of an account, newest first, revoked ones among them. One query."""
    found = (
        Stay.objects.filter(account=account)
        .select_related("moved_by", "revoked_by")
        .order_by("-lifecycle", "-entered_at", "-recorded_at", "-pk")
    )
    return [
        StayLine(
            Stage(each.stage),
            each.lifecycle,
            each.entered_at,
            each.left_at,
            str(each.moved_by or ""),
            words(each.evidence),
            each,
        )
        for each in found
    ]


def gaps_of(stays: list[StayLine], account: Account, facts: Facts) -> list[tuple[Stage, list[str]]]:
    """What the gates up to here would still ask of an account that was imported past them."""
    stage = Stage(account.stage)
    if stage not in CUSTOMERS or not any(each.stay.is_imported and each.is_now for each in stays):
        return []
    asked = LINE[LINE.index(CUSTOMERS[0]) : LINE.index(stage) + 1]
    ticks = {key: True for keys in TICKS.values() for key in keys}
    found = [
        (each, missing(each, facts, ticks | {"handoff": True, "joint_plan": True}))
        for each in asked
    ]
    return [(each, gaps) for each, gaps in found if gaps]


def words(evidence: dict[str, Any]) -> list[str]:
    """Evidence as short phrases; what is false or only an id is left out."""
    told = []
    if all(evidence.get(key) is True for key in GO_LIVE):
        told.append("go-live checklist complete")
    scores = [f"{key} {evidence[key]}" for key in ("S", "P", "I", "D") if key in evidence]
    if scores:
        told.append(f"SPICED {', '.join(scores)}")
    if "share" in evidence:
        told.append(f"{evidence['share']:.0%} of the way to the goal")
    if evidence.get("is_proxy"):
        told.append("by proxy")
    for key, name in NAMES.items():
        value = evidence.get(key)
        if value in (None, False, "", []):
            continue
        if key in ("handoff", "joint_plan") or value is True:
            told.append(name)
        elif isinstance(value, list):
            told.append(f"{name} {', '.join(value)}")
        elif isinstance(value, int | float):
            told.append(f"{value:.0f} {name}")
        else:
            told.append(f"{name}: {value}")
    return told
