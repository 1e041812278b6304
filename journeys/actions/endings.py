"""An onboarding ends at First Impact, goes on where that was an error, or ends without."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bowtie.actions.first_impact import enter_first_impact
from bowtie.queries.first_impact import confirmed, proof
from journeys.actions.asks import settle_asks
from journeys.actions.onboardings import OnboardingOver, closed, held, record
from journeys.actions.reckoning import reckon
from journeys.actions.within_cs import drop_untouched, hand_over_onboarding, is_past_hypercare
from journeys.models import Handoff, Onboarding, PlanTask, Turn
from plays.models import Task
from spiced.models import ImpactMeasurement
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

State = Onboarding.State
CAME_FIRST, ACCOUNT_LEFT = "First Impact came first", "The account left"

describe("journeys.onboarding_ended", "Onboarding ended at First Impact", detail="{evidence}")
describe(
    "journeys.onboarding_resumed",
    lambda facts: (
        "Onboarding goes on: "
        + ("the account is back" if facts.get("is_back") else "First Impact was an error")
    ),
)
describe("journeys.onboarding_left", "{who} ended the onboarding", icon="x", detail="{reason}")


class NoEvidence(Refused):
    """Onboarding ends at a First Impact somebody at the account confirmed."""


class NoReason(Refused):
    """Ending without First Impact, or leaving a task out, says why."""

    status = 422


@transaction.atomic
def end_onboarding(*, onboarding: Onboarding, actor: User | None, now: datetime) -> Onboarding:
    """End at First Impact: a result or a quote the account confirmed in this life.

    Moves a live account on, and begins the handoff to CS. Raises OnboardingOver, NoEvidence,
    or what the gate refuses.
    """
    onboarding = held(onboarding.pk)
    account = onboarding.account
    found = proof(account, confirmed(account), now)
    if found is None:
        raise NoEvidence(
            "Onboarding ends at First Impact, not with its tasks. Record a measured result, or a "
            "quote, that the champion, buyer or sponsor confirmed."
        )
    enter_first_impact(account=account, actor=actor, now=now)
    evidence = ImpactMeasurement.objects.get(pk=found.measurement)
    onboarding.state, onboarding.evidence = State.REACHED, evidence
    onboarding.evidence_words = evidence.evidence
    still_open = PlanTask.objects.filter(onboarding=onboarding, state=PlanTask.State.OPEN)
    still_open.filter(phase="first_impact", is_gate=True).update(**closed(actor, now))
    still_open.exclude(phase="transition").update(
        **closed(actor, now) | {"state": PlanTask.State.SKIPPED},
        reason=CAME_FIRST,
    )
    _end(onboarding, actor, now)
    record(
        "journeys.onboarding_ended", onboarding, actor, now,
        evidence=evidence.evidence, measurement=str(evidence.pk),
    )  # fmt: skip
    hand_over_onboarding(onboarding=onboarding, actor=actor, now=now)
    return onboarding


@transaction.atomic
def resume_onboarding(*, onboarding: Onboarding, actor: User | None, now: datetime) -> Onboarding:
    """Go on where what ended it was taken back: First Impact, or that the account left.

    What ended with it is open again; the time since counts. Raises OnboardingOver unless it ended
    so.
    """
    onboarding = (
        Onboarding.objects.select_for_update(of=("self",))
        .select_related("account__owner", "account__seller")
        .get(pk=onboarding.pk)
    )
    is_back = onboarding.state == State.LEFT and onboarding.reason == ACCOUNT_LEFT
    if onboarding.state != State.REACHED and not is_back:
        raise OnboardingOver("Only what ended at First Impact, or as the account left, goes on.")
    with_end = PlanTask.objects.filter(onboarding=onboarding, closed_at=onboarding.ended_at)
    with_it = Q(phase="first_impact", state=PlanTask.State.DONE) | Q(reason=CAME_FIRST)
    with_end.filter(with_it).update(
        state=PlanTask.State.OPEN, reason="", closed_at=None, closed_by=None, task=None
    )
    out_of_queue = PlanTask.objects.filter(
        onboarding=onboarding,
        state=PlanTask.State.OPEN,
        task__state=Task.State.DROPPED,
        task__closed_at=onboarding.ended_at,
    )
    out_of_queue.update(task=None)
    Turn.objects.filter(onboarding=onboarding, ended_at=onboarding.ended_at).update(ended_at=None)
    onboarding.state, onboarding.evidence, onboarding.evidence_words = State.OPEN, None, ""
    onboarding.reason = ""
    onboarding.ended_at, onboarding.ended_by = None, None
    onboarding.save()
    reckon(onboarding, now, actor)
    if not is_past_hypercare(onboarding):
        drop_untouched(
            account_id=onboarding.account_id,
            kind=Handoff.Kind.ONBOARDING_TO_CS,
            actor=actor,
            now=now,
            reason="the onboarding goes on",
        )
    record("journeys.onboarding_resumed", onboarding, actor, now, is_back=is_back)
    return onboarding


@transaction.atomic
def leave_onboarding(
    *, onboarding: Onboarding, actor: User | None, now: datetime, reason: str
) -> Onboarding:
    """End without First Impact: the account left, or the plan was begun in error.

    Raises OnboardingOver, NoReason.
    """
    onboarding = held(onboarding.pk)
    if not reason.strip():
        raise NoReason("Say why this onboarding ends without First Impact.")
    onboarding.state, onboarding.reason = State.LEFT, reason.strip()[:300]
    _end(onboarding, actor, now)
    record("journeys.onboarding_left", onboarding, actor, now, reason=onboarding.reason)
    return onboarding


def _end(onboarding: Onboarding, actor: User | None, now: datetime) -> None:
    onboarding.ended_at, onboarding.ended_by = now, actor
    onboarding.save()
    reckon(onboarding, now, actor)
    settle_asks(onboarding, now)
