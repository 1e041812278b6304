"""What the note says of impact and event becomes a goal and an event once it is whole."""

from collections.abc import Mapping
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actions.former import keep
from accounts.models import Account, Contact
from spiced.models import CriticalEvent, Element, ImpactGoal
from spiced.rules.diffs import changes
from spiced.rules.elements import gaps
from spiced.rules.impact import AGREEMENT_TARGET
from tenants import trail
from tenants.actor import Actor
from tenants.timeline import describe

describe("spiced.event_set", "{who} set the critical event", icon="flag")
describe("spiced.event_changed", "{who} changed the critical event", icon="flag", is_aside=True)

EMOTIONAL = {"words", "person"}


@transaction.atomic
def keep_promises(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    elements: Mapping[str, Element],
    changed: set[str],
    confirmed: str = "",
) -> None:
    """Bring the goals and the event of the note up to what the note says."""
    if "I" in changed:
        _keep_rational(account, actor, now, elements["I"])
        _keep_emotional(account, actor, now, elements["I"])
    if "CE" in changed:
        _keep_event(account, actor, now, elements["CE"])
    if confirmed == "I":
        proposed = ImpactGoal.objects.filter(
            account=account, is_in_note=True, status=ImpactGoal.Status.PROPOSED
        )
        keep(ImpactGoal, list(proposed.values_list("pk", flat=True)), now=now)
        proposed.update(status=ImpactGoal.Status.ACTIVE)
    if confirmed == "CE":
        spoken_of = CriticalEvent.objects.filter(account=account, is_in_note=True)
        keep(CriticalEvent, list(spoken_of.values_list("pk", flat=True)), now=now)
        spoken_of.update(
            confirmed_by=elements["CE"].heard_from,
            confirmed_at=said_at(elements["CE"].heard_on or timezone.localdate(now), now),
        )


def said_at(on: date, now: datetime) -> datetime:
    """The moment somebody said something on a day: now where it is today, else its midday."""
    if on == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(on, time(12)))


def _keep_rational(account: Account, actor: Actor, now: datetime, part: Element) -> None:
    if set(gaps("I", part.values)) - EMOTIONAL:
        return
    said = part.details
    _keep_goal(
        account,
        actor,
        now,
        ImpactGoal.Kind.RATIONAL,
        statement=part.text[:500],
        measure=said["measure"][:120],
        unit=said["unit"][:20],
        baseline=said["baseline"],
        target=said["target"],
        deadline_on=date.fromisoformat(said["by"]),
    )


def _keep_emotional(account: Account, actor: Actor, now: datetime, part: Element) -> None:
    if set(gaps("I", part.values)) & EMOTIONAL:
        return
    _keep_goal(
        account,
        actor,
        now,
        ImpactGoal.Kind.EMOTIONAL,
        statement=part.details["words"][:500],
        person_id=UUID(part.details["person"]),
        measure="Agreement, 1 to 5",
        unit="of 5",
        baseline=1.0,
        target=AGREEMENT_TARGET,
    )


def _keep_goal(account: Account, actor: Actor, now: datetime, kind: str, **fields: object) -> None:
    goal = ImpactGoal.objects.filter(account=account, kind=kind, is_in_note=True).first()
    is_new = goal is None
    if goal is None:
        goal = ImpactGoal(
            account=account, kind=kind, is_in_note=True, baseline_on=timezone.localdate(now)
        )
    changed = changes({name: getattr(goal, name) for name in fields}, fields)
    if not changed:
        return
    for name, value in fields.items():
        setattr(goal, name, value)
    goal.recorded_at = now
    keep(ImpactGoal, [goal.pk], now=now)
    goal.save()
    trail.record(
        "spiced.goal_set" if is_new else "spiced.goal_changed",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=goal.pk,
        kind=kind,
        measure=goal.measure,
        baseline=goal.baseline,
        target=goal.target,
        changes={} if is_new else changed,
    )


def _keep_event(account: Account, actor: Actor, now: datetime, part: Element) -> None:
    """The event of the note follows the note; a confirmed date that changes has moved."""
    said = part.details
    on = _date(said.get("on"))
    if not part.text or not (on or said.get("condition")):
        return
    event = CriticalEvent.objects.filter(account=account, is_in_note=True).first()
    is_new = event is None
    if event is None:
        event = CriticalEvent(account=account, is_in_note=True)
    was_on, was_level = event.on, event.level
    was = _told(event)
    event.statement, event.on = part.text[:300], on
    event.condition, event.operator = said.get("condition") or "", said.get("operator") or ""
    event.value, event.expected_on = said.get("value"), _date(said.get("expected_on"))
    event.consequence = (said.get("consequence") or "")[:500]
    event.consequence_kind = said.get("consequence_kind") or ""
    event.amount_minor = said.get("amount")
    event.sufferer = _contact(said.get("sufferer"))
    if not is_new and _told(event) == was:
        return
    if event.confirmed_at and was_on and on != was_on:
        event.times_moved += 1
    event.confirmed_by, event.confirmed_at = None, None
    event.status, event.recorded_at = CriticalEvent.Status.OPEN, now
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    trail.record(
        "spiced.event_set" if is_new else "spiced.event_changed",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=event.pk,
        on=[was_on.isoformat() if was_on else None, on.isoformat() if on else None],
        level=[str(was_level), str(event.level)],
    )


def _told(event: CriticalEvent) -> tuple[object, ...]:
    return (
        event.statement,
        event.on,
        event.condition,
        event.operator,
        event.value,
        event.expected_on,
        event.amount_minor,
        event.consequence,
        event.consequence_kind,
        event.sufferer_id,
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _contact(text: str | None) -> Contact | None:
    return Contact.objects.filter(pk=text).first() if text else None
