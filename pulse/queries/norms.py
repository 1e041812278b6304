"""The use a week that was agreed with an account."""

from datetime import date
from uuid import UUID

from pulse.models import HabitNorm


def norm_of(account_id: UUID, day: date) -> HabitNorm | None:
    """The norm in force on a day; None where none is, or the last was dropped. One query."""
    found = (
        HabitNorm.objects.filter(account=account_id, agreed_on__lte=day)
        .select_related("agreed_by", "noted_by")
        .order_by("-agreed_on", "-recorded_at", "-pk")
        .first()
    )
    return found if found is not None and found.weekly is not None else None
