"""Days and moments that calls may send."""

from datetime import date

from rest_framework import serializers

from accounts.rules.dates import EARLIEST, LATEST


def of_our_time(moment: date) -> None:
    """Refuse days that nothing has: far from now, zones count seconds and numbers run out."""
    if not EARLIEST.year <= moment.year <= LATEST.year:
        raise serializers.ValidationError(
            f"The year {moment.year} is outside {EARLIEST.year} to {LATEST.year}."
        )
