"""After acceptance: the promised first steps, the receiver's rating, and the end."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from journeys.actions.clocks import start_clock
from journeys.actions.handoff_holding import HandoffMoved
from journeys.models import Handoff
from journeys.queries.handoffs import hours, kind_of, step_of
from journeys.rules.judgement import RATED
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

describe("journeys.handoff_step_done", "{label}", icon="check", detail="by {who}")
describe("journeys.handoff_completed", "Handoff completed", icon="check")
describe("journeys.handoff_rated", "{who} rated the handoff {mean:.1f} of 5", icon="star")


class StepOutOfTurn(Refused):
    """The steps after acceptance come in their order."""


class BadRating(Refused):
    """Every question of the rating has an answer from 1 to 5."""

    status = 422


@transaction.atomic
def finish_step(*, handoff: Handoff, actor: User | None, now: datetime, step: str) -> Handoff:
    """Note that a promised step was done; the last one completes the handoff.

    step: of those after acceptance of its kind. Raises HandoffMoved unless accepted, StepOutOfTurn.
    """
    handoff = Handoff.objects.select_for_update().get(pk=handoff.pk)
    if handoff.state != Handoff.State.ACCEPTED or handoff.accepted_at is None:
        raise HandoffMoved("Steps follow once the handoff is accepted.")
    kind = kind_of(handoff)
    if step != step_of(handoff):
        raise StepOutOfTurn("Another step comes first, or this one is done.")
    handoff.steps = handoff.steps | {step: now.isoformat()}
    handoff.version += 1
    ahead = step_of(handoff)
    if ahead:
        begun = handoff.signed_at if ahead == kind.after[-1] else handoff.accepted_at
        handoff.due_at = hours().due_at(kind, ahead, begun, handoff.fields)
    else:
        handoff.state, handoff.due_at = Handoff.State.COMPLETED, None
    handoff.save(update_fields=["steps", "version", "due_at", "state"])
    start_clock(handoff, now)
    about = {"account_id": handoff.account_id, "object_id": handoff.pk}
    trail.record(
        "journeys.handoff_step_done",
        actor=actor, at=now, step=step, label=kind.steps[step].done, **about,
    )  # fmt: skip
    if not ahead:
        trail.record("journeys.handoff_completed", actor=actor, at=now, **about)
    return handoff


@transaction.atomic
def rate_handoff(
    *, handoff: Handoff, actor: User | None, now: datetime, ratings: Mapping[str, int]
) -> Handoff:
    """Keep the receiver's rating, 1 to 5 for each question; a later one replaces it.

    Raises HandoffMoved before acceptance, BadRating.
    """
    handoff = Handoff.objects.select_for_update().get(pk=handoff.pk)
    if handoff.accepted_at is None:
        raise HandoffMoved("Rate a handoff once it is accepted.")
    if set(ratings) != set(RATED) or not all(1 <= each <= 5 for each in ratings.values()):
        raise BadRating("Answer each question from 1 to 5.")
    before, handoff.ratings = handoff.ratings, dict(ratings)
    handoff.save(update_fields=["ratings"])
    trail.record(
        "journeys.handoff_rated",
        actor=actor,
        at=now,
        account_id=handoff.account_id,
        object_id=handoff.pk,
        ratings=[before, handoff.ratings],
        mean=sum(ratings.values()) / len(ratings),
    )
    return handoff
