"""SPICED notes with every version kept, impact that was promised, by when, and reviews."""

from spiced.models.events import CriticalEvent
from spiced.models.impact import ImpactGoal, ImpactMeasurement
from spiced.models.notes import Element, Note
from spiced.models.reviews import CallReview

__all__ = [
    "CallReview",
    "CriticalEvent",
    "Element",
    "ImpactGoal",
    "ImpactMeasurement",
    "Note",
]
