"""The standing lists of accounts, as conditions: the shipped ones, each under a name."""

from typing import Any

from health.rules.conditions import parse
from health.rules.tree import Condition

FALL_POINTS = 10
SILENT_DAYS = 30
RENEWING_DAYS = 120

AT_RISK = {"definition": "at_risk"}
STANDING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "at_risk": ("At risk", "", AT_RISK),
    "no_play": (
        "No active play",
        "At risk, and no play is at work.",
        {"all": [AT_RISK, {"measure": "open_plays", "op": "=", "value": 0}]},
    ),
    "renewing": (
        f"Renews in {RENEWING_DAYS} days",
        f"The renewal is due within {RENEWING_DAYS} days, or overdue.",
        {"days_until": "renews_on", "op": "<=", "value": RENEWING_DAYS},
    ),
    "sponsor_lost": (
        "Sponsor lost",
        "Every champion, or every executive sponsor, has left.",
        {"field": "lost_roles", "op": "in", "value": ["champion", "exec_sponsor"]},
    ),
    "silent": (
        "Green but silent",
        f"Green, and nobody was in touch for {SILENT_DAYS} days or ever.",
        {
            "all": [
                {"field": "band", "op": "=", "value": "green"},
                {
                    "any": [
                        {"measure": "days_since_touch", "op": ">", "value": SILENT_DAYS},
                        {"measure": "days_since_touch", "op": "unknown"},
                    ]
                },
            ]
        },
    ),
    "falling": (
        "Falling",
        f"Health fell by {FALL_POINTS} points or more in 28 days.",
        {"measure": "score_change_28", "op": "<=", "value": -FALL_POINTS},
    ),
    "unheld": (
        "No owner or next step",
        "At risk, and without an owner or without a next step.",
        {
            "all": [
                AT_RISK,
                {
                    "any": [
                        {"field": "owner", "op": "unknown"},
                        {"field": "next_step", "op": "unknown"},
                    ]
                },
            ]
        },
    ),
}
KINDS = {key: label for key, (label, _, _) in STANDING.items()}
KIND_MEANINGS = {key: meaning for key, (_, meaning, _) in STANDING.items() if meaning}


def conditions() -> dict[str, Condition]:
    """Each standing list as a condition, by key."""
    return {key: parse(data) for key, (_, _, data) in STANDING.items()}
