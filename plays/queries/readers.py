"""Which plays read a measure, told to whoever wants to retire it."""

from collections.abc import Iterable

from health.queries.uses import mentions, readers
from plays.models import Play


@readers
def plays_reading(key: str) -> Iterable[str]:
    for each in Play.objects.exclude(state=Play.State.RETIRED).order_by("name"):
        if mentions(each.body, key):
            yield f"the play {each.name}"
