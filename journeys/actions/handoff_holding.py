"""A handoff held while it is changed, judged as it stands, and what the trail says of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from charter.queries import handoff_items, touch_models
from journeys.models import Handoff
from journeys.queries.handoffs import Case, case, hours, scores_of
from tenants import trail
from tenants.errors import Refused
from tenants.models import User


class HandoffMoved(Refused):
    """The handoff is no longer in a state that allows this."""


class StaleHandoff(Refused):
    """Somebody saved the handoff first."""


def held_handoff(
    handoff: Handoff, states: Collection[str], seen_version: int | None = None
) -> Handoff:
    """The row locked, with its account. Raises HandoffMoved for another state, StaleHandoff."""
    held = (
        Handoff.objects.select_for_update(of=("self",)).select_related("account").get(pk=handoff.pk)
    )
    if held.state not in states:
        raise HandoffMoved(f"This handoff is {Handoff.State(held.state).label.lower()} already.")
    same_version(held, seen_version)
    return held


def same_version(handoff: Handoff, seen_version: int | None) -> None:
    """Raises StaleHandoff where it is not the version that was read."""
    if seen_version is not None and handoff.version != seen_version:
        raise StaleHandoff("Somebody changed this handoff meanwhile. Look at theirs first.")


def judged_now(handoff: Handoff, now: datetime) -> Case:
    """A handoff, its account loaded, as it stands. Six queries."""
    scores = scores_of([handoff.account_id]).get(handoff.account_id, {})
    return case(handoff, scores, hours(), touch_models(), handoff_items(), now)


@transaction.atomic
def tell_handoff(
    *, verb: str, handoff: Handoff, actor: User | None, now: datetime, **facts: Any
) -> None:
    """A line of the trail about a handoff."""
    trail.record(
        verb,
        actor=actor,
        at=now,
        account_id=handoff.account_id,
        object_id=handoff.pk,
        kind=handoff.kind,
        **facts,
    )
