"""Promises to an account: written down when a handoff is accepted, then kept or withdrawn."""

from datetime import datetime

from django.db import transaction

from journeys.models import Commitment, Handoff
from journeys.rules.commitments import promises_in
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

State = Commitment.State

describe("journeys.promise_made", "Promised to them: {text}", icon="handshake", detail="by {giver}")
describe(
    "journeys.promise_validated", "{who} heard that a promise is as made: {text}", icon="check"
)
describe(
    "journeys.promise_otherwise",
    "{who} heard otherwise than promised: {text}",
    icon="triangle-alert",
    detail="They expect: {heard}",
)
describe("journeys.promise_kept", "{who} noted a promise as kept: {text}", icon="check")
describe(
    "journeys.promise_withdrawn", "{who} withdrew a promise: {text}", icon="x", detail="{reason}"
)
describe("journeys.promise_reopened", "{who} opened a promise again: {text}", icon="undo-2")


class PromiseClosed(Refused):
    """The promise was kept or withdrawn before."""


class PromiseOpen(Refused):
    """Only what was kept or withdrawn can be opened again."""


class NoReasonGiven(Refused):
    """Withdrawing a promise says why."""

    status = 422


@transaction.atomic
def keep_promises_of(*, handoff: Handoff, now: datetime) -> list[Commitment]:
    """Write down what an accepted handoff says was promised; those that stand are not repeated.

    A promise that was closed and is made again is a new one.
    """
    known = Commitment.objects.filter(account=handoff.account_id)
    standing = {each.text for each in known if each.state == State.OPEN}
    standing |= {each.text for each in known if each.handoff_id == handoff.pk}
    said = promises_in(handoff.fields.get("commitments") or "")
    made = [
        Commitment(
            account_id=handoff.account_id,
            handoff=handoff,
            text=text,
            made_by_id=handoff.sender_id,
            made_at=now,
        )
        for text in said
        if text not in standing
    ]
    Commitment.objects.bulk_create(made)
    for each in made:
        _record("journeys.promise_made", each, None, now, giver=str(handoff.sender or "nobody"))
    return made


@transaction.atomic
def close_promise(
    *, promise: Commitment, actor: User | None, now: datetime, is_kept: bool, reason: str = ""
) -> Commitment:
    """Note a promise as kept, or withdraw it with a reason.

    Raises PromiseClosed, NoReasonGiven.
    """
    promise = _held(promise)
    if promise.state != State.OPEN:
        raise PromiseClosed(f"This promise was {State(promise.state).label.lower()} already.")
    if not is_kept and not reason.strip():
        raise NoReasonGiven("Say why the promise is withdrawn, and what they were told.")
    promise.state = State.KEPT if is_kept else State.WITHDRAWN
    promise.reason = "" if is_kept else reason.strip()[:300]
    promise.closed_at, promise.closed_by = now, actor
    promise.save(update_fields=["state", "reason", "closed_at", "closed_by"])
    verb = "journeys.promise_kept" if is_kept else "journeys.promise_withdrawn"
    _record(verb, promise, actor, now, reason=promise.reason)
    return promise


@transaction.atomic
def hear_promise(
    *, promise: Commitment, actor: User | None, now: datetime, heard: str = ""
) -> Commitment:
    """Keep what the account says of a promise: as it was made, or otherwise, in their words.

    Said again, it is corrected. Raises PromiseClosed.
    """
    promise = _held(promise)
    if promise.state != State.OPEN:
        raise PromiseClosed(f"This promise was {State(promise.state).label.lower()} already.")
    promise.heard = heard.strip()[:400]
    promise.heard_at, promise.heard_by = now, actor
    promise.save(update_fields=["heard", "heard_at", "heard_by"])
    verb = "journeys.promise_otherwise" if promise.heard else "journeys.promise_validated"
    _record(verb, promise, actor, now, heard=promise.heard)
    return promise


@transaction.atomic
def reopen_promise(*, promise: Commitment, actor: User | None, now: datetime) -> Commitment:
    """Take back kept or withdrawn. Raises PromiseOpen."""
    promise = _held(promise)
    if promise.state == State.OPEN:
        raise PromiseOpen("This promise is open.")
    promise.state, promise.reason = State.OPEN, ""
    promise.closed_at, promise.closed_by = None, None
    promise.save(update_fields=["state", "reason", "closed_at", "closed_by"])
    _record("journeys.promise_reopened", promise, actor, now)
    return promise


def _held(promise: Commitment) -> Commitment:
    return Commitment.objects.select_for_update(of=("self",)).get(pk=promise.pk)


def _record(
    verb: str, promise: Commitment, by: User | None, now: datetime, **facts: object
) -> None:
    trail.record(
        verb,
        actor=by,
        at=now,
        account_id=promise.account_id,
        object_id=promise.pk,
        text=promise.text,
        **facts,
    )
