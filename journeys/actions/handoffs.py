"""Whoever hands over writes a handoff and submits it; what lacks too much comes straight back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Contact
from journeys.actions.clocks import start_clock
from journeys.actions.commitments import keep_promises_of
from journeys.actions.handoff_holding import (
    HandoffMoved,
    held_handoff,
    judged_now,
    same_version,
    tell_handoff,
)
from journeys.models import Handoff
from journeys.queries.handoffs import WITH_GIVER, hours, kind_of, may_be_written, still_owed
from journeys.rules.judgement import named
from journeys.rules.kinds import KINDS
from journeys.rules.sections import signed_on, with_signatures
from plays.actions.own_tasks import settle_task
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

State = Handoff.State

describe("journeys.handoff_saved", "{who} worked on the handoff", icon="handshake")
describe(
    "journeys.handoff_submitted",
    lambda facts: f"{facts['who']} handed over to {_taker(facts)}",
    icon="handshake",
)
describe(
    "journeys.handoff_returned",
    lambda facts: (
        f"{facts['who']} returned the handoff"
        if not facts["is_automatic"]
        else "The handoff came back by itself"
    ),
    icon="undo-2",
    detail=lambda facts: named([*facts["gaps"], *filter(None, [facts["note"]])]),
)


def _taker(facts: Mapping[str, Any]) -> str:
    return KINDS[facts.get("kind", "sales_to_cs")].taker


ONLY_WAIVED = "This handoff was handed over; only what was waived may still be added."


class StrangerNamed(Refused):
    """A person is named who is not of this account."""

    status = 422


@transaction.atomic
def save_handoff(
    *,
    handoff: Handoff,
    actor: User | None,
    now: datetime,
    seen_version: int,
    given: Mapping[str, str],
    signer: User | None = None,
    signed: Collection[str] | None = None,
) -> Handoff:
    """Save what the sender wrote. given: texts by the key of what is asked.

    signed: keys of which the signer says, with their name and the day, that there is none; a
    signature that is not among them goes. None where nothing is said about that.
    Raises HandoffMoved for what is with CS and not owed by a waiver, StaleHandoff when a newer
    version exists, StrangerNamed.
    """
    handoff = held_handoff(handoff, State.values)
    if not may_be_written(handoff):
        raise HandoffMoved(ONLY_WAIVED)
    same_version(handoff, seen_version)
    asks = kind_of(handoff).asks
    changed = {
        key: value
        for key, value in given.items()
        if key in asks and (value or "") != (handoff.fields.get(key) or "")
    }
    said, today = handoff.fields | changed, now.astimezone(hours().calendar.zone).date()
    fields = with_signatures(asks.values(), said, signed, str(signer or actor or ""), today)
    touched = changed.keys() | {
        key for key in asks if fields.get(signed_on(key)) != handoff.fields.get(signed_on(key))
    }
    if handoff.state not in WITH_GIVER and touched - still_owed(handoff):
        raise HandoffMoved(ONLY_WAIVED)
    _own_contacts(handoff, fields)
    handoff.fields, handoff.version = fields, handoff.version + 1
    handoff.sender_id = handoff.sender_id or (actor.pk if actor else None)
    handoff.save(update_fields=["fields", "version", "sender"])
    if handoff.repair_task_id and not _is_missing(handoff, now):
        settle_task(task_id=handoff.repair_task_id, by=actor, now=now, is_done=True)
    if handoff.accepted_at is not None and "commitments" in changed:
        keep_promises_of(handoff=handoff, now=now)
    tell_handoff(verb="journeys.handoff_saved", handoff=handoff, actor=actor, now=now)
    return handoff


@transaction.atomic
def submit_handoff(
    *, handoff: Handoff, actor: User | None, now: datetime, seen_version: int | None = None
) -> Handoff:
    """Hand over. What lacks too much comes straight back with its gaps named.

    The clock to submit goes on in that case: an empty form buys no time. seen_version: what was
    read, as for every answer. Raises HandoffMoved where it was handed over already, StaleHandoff.
    """
    handoff = held_handoff(handoff, WITH_GIVER, seen_version)
    judgement = judged_now(handoff, now).judgement
    handoff.completeness, handoff.version = judgement.level, handoff.version + 1
    if reasons := judgement.returns:
        handoff.state = State.RETURNED
        handoff.gaps = [kind_of(handoff).words(key) for key in judgement.missing] or reasons
        handoff.save(update_fields=["state", "gaps", "completeness", "version"])
        tell_handoff(
            verb="journeys.handoff_returned",
            handoff=handoff,
            actor=actor,
            now=now,
            gaps=handoff.gaps,
            note="",
            is_automatic=True,
            level=judgement.level,
        )
        return handoff
    handoff.state, handoff.gaps, handoff.submitted_at = State.SUBMITTED, [], now
    handoff.sender_id = handoff.sender_id or (actor.pk if actor else None)
    if kind_of(handoff).is_within:
        handoff.receiver_id = handoff.account.owner_id
    handoff.due_at = hours().due_at(kind_of(handoff), "answer", now, handoff.fields)
    handoff.save()
    start_clock(handoff, now)
    tell_handoff(
        verb="journeys.handoff_submitted",
        handoff=handoff,
        actor=actor,
        now=now,
        level=judgement.level,
    )
    return handoff


def _own_contacts(handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Raises StrangerNamed for a contact of another account."""
    asks = kind_of(handoff).asks.items()
    named = {fields[key] for key, ask in asks if ask.kind == "contact" and fields.get(key)}
    known = Contact.objects.filter(account=handoff.account_id, pk__in=named).count()
    if known != len(named):
        raise StrangerNamed("Whoever is named is of this account.")


def _is_missing(handoff: Handoff, now: datetime) -> bool:
    """Whether what was waived is missing still."""
    return handoff.waived_item in judged_now(handoff, now).judgement.missing
