"""A handoff changes hands: saved, submitted, accepted or returned with the gaps named."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact
from bowtie.actions.moves import move
from bowtie.rules.stages import Stage
from charter.queries import handoff_items, touch_models
from journeys.actions.clocks import start_clock
from journeys.actions.commitments import keep_promises_of
from journeys.actions.joint_drafts import draft_joint_plan
from journeys.actions.onboardings import begin_after_handoff
from journeys.actions.repairs import watch_waiver
from journeys.models import Handoff
from journeys.queries.handoffs import (
    WITH_GIVER,
    Case,
    case,
    hours,
    kind_of,
    may_be_written,
    scores_of,
    still_owed,
)
from journeys.rules.judgement import named
from journeys.rules.kinds import KINDS, HandoffKind
from plays.actions.own_tasks import settle_task
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day
from tenants.models import User
from tenants.timeline import describe

State = Handoff.State

describe("journeys.handoff_saved", "{who} worked on the handoff", icon="handshake")
describe(
    "journeys.handoff_submitted",
    lambda facts: f"{facts['who']} handed over to {_told(facts).taker}",
    icon="handshake",
)
describe("journeys.handoff_accepted", "{who} accepted the handoff", icon="check")
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


def _told(facts: Mapping[str, Any]) -> HandoffKind:
    return KINDS[facts.get("kind", "sales_to_cs")]


def _day_of(moment: str) -> str:
    return day(timezone.localdate(datetime.fromisoformat(moment)))


describe(
    "journeys.handoff_waived",
    lambda facts: (
        f"{facts['who']} waived {facts['label']}"
        + (f" until {_day_of(facts['until'])}" if facts["until"] else "")
    ),
    icon="shield",
    detail="{reason}",
)


class HandoffMoved(Refused):
    """The handoff is no longer in a state that allows this."""


class StaleHandoff(Refused):
    """Somebody saved the handoff first."""


class ItemsMissing(Refused):
    """A mandatory item is missing and no waiver covers it."""


class StrangerNamed(Refused):
    """A person is named who is not of this account."""

    status = 422


class NoGapNamed(Refused):
    """A return names what is missing."""

    status = 422


class NothingToWaive(Refused):
    """A waiver covers one mandatory item, where exactly one is missing."""


@transaction.atomic
def save_handoff(
    *, handoff: Handoff, actor: User, now: datetime, seen_version: int, given: Mapping[str, str]
) -> Handoff:
    """Save what the sender wrote. given: texts by the key of what is asked.

    Raises HandoffMoved for what is with CS and not owed by a waiver, StaleHandoff when a newer
    version exists, StrangerNamed.
    """
    handoff = _held(handoff, State.values)
    if not may_be_written(handoff):
        raise HandoffMoved("This handoff was handed over; only what was waived may still be added.")
    _same_version(handoff, seen_version)
    changed = {
        key: value
        for key, value in given.items()
        if key in kind_of(handoff).asks and (value or "") != (handoff.fields.get(key) or "")
    }
    if handoff.state not in WITH_GIVER and changed.keys() - still_owed(handoff):
        raise HandoffMoved("This handoff was handed over; only what was waived may still be added.")
    fields = handoff.fields | changed
    _own_contacts(handoff, fields)
    handoff.fields, handoff.version = fields, handoff.version + 1
    handoff.sender_id = handoff.sender_id or actor.pk
    handoff.save(update_fields=["fields", "version", "sender"])
    if handoff.repair_task_id and not _is_missing(handoff, now):
        settle_task(task_id=handoff.repair_task_id, by=actor, now=now, is_done=True)
    if handoff.accepted_at is not None and "commitments" in changed:
        keep_promises_of(handoff=handoff, now=now)
    _record("journeys.handoff_saved", handoff, actor, now)
    return handoff


@transaction.atomic
def submit_handoff(*, handoff: Handoff, actor: User, now: datetime) -> Handoff:
    """Hand over. What lacks too much comes straight back with its gaps named.

    The clock to submit goes on in that case: an empty form buys no time.
    Raises HandoffMoved where it was handed over already.
    """
    handoff = _held(handoff, WITH_GIVER)
    judgement = _judged(handoff, now).judgement
    handoff.completeness, handoff.version = judgement.level, handoff.version + 1
    if reasons := judgement.returns:
        handoff.state = State.RETURNED
        handoff.gaps = [kind_of(handoff).words(key) for key in judgement.missing] or reasons
        handoff.save(update_fields=["state", "gaps", "completeness", "version"])
        _record(
            "journeys.handoff_returned", handoff, actor, now,
            gaps=handoff.gaps, note="", is_automatic=True, level=judgement.level,
        )  # fmt: skip
        return handoff
    handoff.state, handoff.gaps, handoff.submitted_at = State.SUBMITTED, [], now
    handoff.sender_id = handoff.sender_id or actor.pk
    handoff.receiver_id = handoff.account.owner_id
    handoff.due_at = hours().due_at(kind_of(handoff), "answer", now)
    handoff.save()
    start_clock(handoff, now)
    _record("journeys.handoff_submitted", handoff, actor, now, level=judgement.level)
    return handoff


@transaction.atomic
def accept_handoff(*, handoff: Handoff, actor: User, now: datetime) -> Handoff:
    """Take the account over, with what was promised to it.

    From Sales it moves to onboarding through the gate of the bowtie.

    Raises HandoffMoved where it is not waiting for an answer, ItemsMissing, or what the gate
    refuses.
    """
    handoff = _held(handoff, (State.SUBMITTED,))
    found = _judged(handoff, now)
    if found.lacks:
        raise ItemsMissing(
            f"Missing: {named(found.lacks)}. Return it, or have a manager waive one item."
        )
    handoff.state, handoff.accepted_at, handoff.receiver = State.ACCEPTED, now, actor
    handoff.minima_version = found.minima_version or None
    handoff.items_version, kind = found.items_version or None, kind_of(handoff)
    handoff.due_at, handoff.version = hours().due_at(kind, kind.after[0], now), handoff.version + 1
    handoff.save()
    keep_promises_of(handoff=handoff, now=now)
    if handoff.kind == Handoff.Kind.SALES_TO_CS:
        _begin_onboarding(handoff, actor, now)
    start_clock(handoff, now)
    _record(
        "journeys.handoff_accepted", handoff, actor, now,
        level=found.judgement.level, minima_version=found.minima_version,
    )  # fmt: skip
    return handoff


def _begin_onboarding(handoff: Handoff, actor: User, now: datetime) -> None:
    """Plan the onboarding, draft the joint plan, and move the account through the gate."""
    begin_after_handoff(handoff=handoff, actor=actor, now=now)
    joint = draft_joint_plan(account=handoff.account, actor=actor, now=now)
    if handoff.account.stage != Stage.COMMITTED:
        return
    evidence = {"handoff": str(handoff.pk)} | ({"joint_plan": str(joint.pk)} if joint else {})
    move(
        account=handoff.account, to_stage=Stage.ONBOARDING, actor=actor, now=now, evidence=evidence
    )


@transaction.atomic
def return_handoff(
    *, handoff: Handoff, actor: User, now: datetime, gaps: Collection[str], note: str = ""
) -> Handoff:
    """Ask back, naming what is missing. The clock to submit starts anew; the total goes on.

    gaps: words. Raises HandoffMoved, NoGapNamed.
    """
    handoff = _held(handoff, (State.SUBMITTED,))
    named = [*dict.fromkeys(gap.strip() for gap in gaps if gap.strip())]
    if not named and not note.strip():
        raise NoGapNamed("Name at least one gap, so that they know what to add.")
    handoff.state, handoff.version = State.RETURNED, handoff.version + 1
    handoff.gaps = [*named, *filter(None, [note.strip()])]
    handoff.returns += 1
    handoff.due_at = hours().due_at(kind_of(handoff), "submit", now, is_urgent=handoff.is_urgent)
    handoff.waived_item, handoff.waiver_reason, handoff.waiver_until = "", "", None
    handoff.save()
    if handoff.repair_task_id:
        settle_task(task_id=handoff.repair_task_id, by=actor, now=now, is_done=False)
    start_clock(handoff, now)
    _record(
        "journeys.handoff_returned",
        handoff,
        actor,
        now,
        gaps=named,
        note=note.strip(),
        is_automatic=False,
    )
    return handoff


@transaction.atomic
def waive_item(*, handoff: Handoff, actor: User, now: datetime, reason: str) -> Handoff:
    """Let one missing mandatory item pass for a time the charter promises: a manager's word.

    The date stays as the charter had it, whatever is published later. Raises HandoffMoved,
    NothingToWaive unless exactly one item is missing and a time is promised.
    """
    handoff = _held(handoff, (State.SUBMITTED,))
    missing, kind = _judged(handoff, now).judgement.missing, kind_of(handoff)
    if len(missing) != 1:
        raise NothingToWaive("A waiver covers one missing item; exactly one must be missing.")
    until = hours().repair_until(now)
    if until is None:
        raise NothingToWaive("The charter promises no time in which a waived item is added.")
    handoff.waived_item, handoff.waiver_reason, handoff.waiver_until = missing[0], reason, until
    handoff.version += 1
    handoff.save(update_fields=["waived_item", "waiver_reason", "waiver_until", "version"])
    watch_waiver(handoff, now)
    _record(
        "journeys.handoff_waived", handoff, actor, now,
        item=missing[0], label=kind.words(missing[0]), reason=reason, until=until.isoformat(),
    )  # fmt: skip
    return handoff


def _held(handoff: Handoff, states: Collection[str]) -> Handoff:
    """The row locked, with its account. Raises HandoffMoved where its state is another."""
    held = (
        Handoff.objects.select_for_update(of=("self",)).select_related("account").get(pk=handoff.pk)
    )
    if held.state not in states:
        raise HandoffMoved(f"This handoff is {State(held.state).label.lower()} already.")
    return held


def _same_version(handoff: Handoff, seen_version: int) -> None:
    if handoff.version != seen_version:
        raise StaleHandoff("Somebody saved this handoff while you were writing. Look at theirs.")


def _own_contacts(handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Raises StrangerNamed for a contact of another account."""
    asks = kind_of(handoff).asks.items()
    named = {fields[key] for key, ask in asks if ask.kind == "contact" and fields.get(key)}
    known = Contact.objects.filter(account=handoff.account_id, pk__in=named).count()
    if known != len(named):
        raise StrangerNamed("Sponsor and champion are people of this account.")


def _is_missing(handoff: Handoff, now: datetime) -> bool:
    """Whether what was waived is missing still."""
    return handoff.waived_item in _judged(handoff, now).judgement.missing


def _judged(handoff: Handoff, now: datetime) -> Case:
    scores = scores_of([handoff.account_id]).get(handoff.account_id, {})
    return case(handoff, scores, hours(), touch_models(), handoff_items(), now)


def _record(verb: str, handoff: Handoff, actor: User, now: datetime, **facts: Any) -> None:
    trail.record(
        verb,
        actor=actor,
        at=now,
        account_id=handoff.account_id,
        object_id=handoff.pk,
        kind=handoff.kind,
        **facts,
    )
