"""Whoever takes over answers a handoff: accepts it, returns it with its gaps named, or waives."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bowtie.actions.moves import move
from bowtie.rules.stages import Stage
from journeys.actions.clocks import start_clock
from journeys.actions.commitments import keep_promises_of
from journeys.actions.handoff_holding import held_handoff, judged_now, tell_handoff
from journeys.actions.joint_drafts import draft_joint_plan
from journeys.actions.onboardings import begin_after_handoff
from journeys.actions.repairs import watch_waiver
from journeys.models import Handoff
from journeys.queries.handoffs import hours, kind_of
from journeys.rules.judgement import named
from plays.actions.own_tasks import settle_task
from tenants.errors import Refused
from tenants.formats import day
from tenants.models import User
from tenants.timeline import describe

State = Handoff.State

describe("journeys.handoff_accepted", "{who} accepted the handoff", icon="check")
describe(
    "journeys.handoff_waived",
    lambda facts: (
        f"{facts['who']} waived {facts['label']}"
        + (f" until {_day_of(facts['until'])}" if facts["until"] else "")
    ),
    icon="shield",
    detail="{reason}",
)


def _day_of(moment: str) -> str:
    return day(timezone.localdate(datetime.fromisoformat(moment)))


class ItemsMissing(Refused):
    """A mandatory item is missing and no waiver covers it."""


class NoGapNamed(Refused):
    """A return names what is missing."""

    status = 422


class NothingToWaive(Refused):
    """A waiver covers one mandatory item, where exactly one is missing."""


@transaction.atomic
def accept_handoff(
    *, handoff: Handoff, actor: User | None, now: datetime, seen_version: int | None = None
) -> Handoff:
    """Take over what is handed, with what was promised to the account.

    From Sales it moves to onboarding through the gate of the bowtie. Whoever accepts receives it;
    where a key does, the owner of the account, or who was named in another team.

    Raises HandoffMoved where it is not waiting for an answer, StaleHandoff, ItemsMissing, or what
    the gate refuses.
    """
    handoff = held_handoff(handoff, (State.SUBMITTED,), seen_version)
    found = judged_now(handoff, now)
    if found.lacks:
        raise ItemsMissing(
            f"Missing: {named(found.lacks)}. Return it, or have a manager waive one item."
        )
    handoff.state, handoff.accepted_at = State.ACCEPTED, now
    if actor is not None or kind_of(handoff).is_within:
        handoff.receiver_id = actor.pk if actor else handoff.account.owner_id
    handoff.minima_version = found.minima_version or None
    handoff.items_version, kind = found.items_version or None, kind_of(handoff)
    handoff.due_at = hours().due_at(kind, kind.after[0], now, handoff.fields)
    handoff.version += 1
    handoff.save()
    keep_promises_of(handoff=handoff, now=now)
    if handoff.kind == Handoff.Kind.SALES_TO_CS:
        _begin_onboarding(handoff, actor, now)
    start_clock(handoff, now)
    tell_handoff(
        verb="journeys.handoff_accepted",
        handoff=handoff,
        actor=actor,
        now=now,
        level=found.judgement.level,
        minima_version=found.minima_version,
    )
    return handoff


def _begin_onboarding(handoff: Handoff, actor: User | None, now: datetime) -> None:
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
    *,
    handoff: Handoff,
    actor: User | None,
    now: datetime,
    gaps: Collection[str],
    note: str = "",
    seen_version: int | None = None,
) -> Handoff:
    """Ask back, naming what is missing. The clock to submit starts anew; the total goes on.

    gaps: words. Raises HandoffMoved, StaleHandoff, NoGapNamed.
    """
    handoff = held_handoff(handoff, (State.SUBMITTED,), seen_version)
    words = [*dict.fromkeys(gap.strip() for gap in gaps if gap.strip())]
    if not words and not note.strip():
        raise NoGapNamed("Name at least one gap, so that they know what to add.")
    handoff.state, handoff.version = State.RETURNED, handoff.version + 1
    handoff.gaps = [*words, *filter(None, [note.strip()])]
    handoff.returns += 1
    handoff.due_at = hours().due_at(
        kind_of(handoff), "submit", now, handoff.fields, is_urgent=handoff.is_urgent
    )
    handoff.waived_item, handoff.waiver_reason, handoff.waiver_until = "", "", None
    handoff.save()
    if handoff.repair_task_id:
        settle_task(task_id=handoff.repair_task_id, by=actor, now=now, is_done=False)
    start_clock(handoff, now)
    tell_handoff(
        verb="journeys.handoff_returned",
        handoff=handoff,
        actor=actor,
        now=now,
        gaps=words,
        note=note.strip(),
        is_automatic=False,
    )
    return handoff


@transaction.atomic
def waive_item(
    *,
    handoff: Handoff,
    actor: User | None,
    now: datetime,
    reason: str,
    seen_version: int | None = None,
) -> Handoff:
    """Let one missing mandatory item pass for a time the charter promises: a manager's word.

    The date stays as the charter had it, whatever is published later. Raises HandoffMoved,
    StaleHandoff, NothingToWaive unless exactly one item is missing and a time is promised.
    """
    handoff = held_handoff(handoff, (State.SUBMITTED,), seen_version)
    missing, kind = judged_now(handoff, now).judgement.missing, kind_of(handoff)
    if len(missing) != 1:
        raise NothingToWaive("A waiver covers one missing item; exactly one must be missing.")
    until = hours().repair_until(now)
    if until is None:
        raise NothingToWaive("The charter promises no time in which a waived item is added.")
    handoff.waived_item, handoff.waiver_reason, handoff.waiver_until = missing[0], reason, until
    handoff.version += 1
    handoff.save(update_fields=["waived_item", "waiver_reason", "waiver_until", "version"])
    watch_waiver(handoff, now)
    tell_handoff(
        verb="journeys.handoff_waived",
        handoff=handoff,
        actor=actor,
        now=now,
        item=missing[0],
        label=kind.words(missing[0]),
        reason=reason,
        until=until.isoformat(),
    )
    return handoff
