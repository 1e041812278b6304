"""What health keeps: how accounts are scored, their stored days, and the rows of lists."""

from health.models.days import BandDay, DayOfAccount, Replay, Snapshot
from health.models.lists import AccountRow, Pin, SavedView
from health.models.scoring import ChurnModel, HealthModel, Override, OwnMeasure

__all__ = [
    "AccountRow",
    "BandDay",
    "ChurnModel",
    "DayOfAccount",
    "HealthModel",
    "Override",
    "OwnMeasure",
    "Pin",
    "Replay",
    "SavedView",
    "Snapshot",
]
