"""Confirming what an account told us. Strict about order where talking is free."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Account, Contact
from spiced.actions.keeping import goes_on, next_version, put
from spiced.actions.promises import keep_promises
from spiced.actions.refusals import (
    NoImpactCited,
    NothingToConfirm,
    OutOfSequence,
    StaleNote,
    StrangerNamed,
)
from spiced.models import ImpactGoal, Note
from spiced.queries.impact import cited_by
from spiced.queries.notes import blank_parts, current_note, elements_of
from spiced.rules.elements import PARTS, is_blank
from spiced.rules.fields import Kind
from spiced.rules.states import missing_before
from tenants import trail
from tenants.actor import Actor
from tenants.roles import Role
from tenants.timeline import describe

describe("spiced.element_confirmed", "The account confirmed {name} to {who}", icon="check")


@transaction.atomic
def confirm_element(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    letter: str,
    heard_from: Contact,
    heard_on: date,
    seen_version: int | None = None,
    is_leveraged: bool = False,
    override_reason: str = "",
    goal: ImpactGoal | None = None,
) -> Note:
    """Record that somebody at the account said a part is right. Makes a new version.

    is_leveraged: the account uses it in its own plan.
    override_reason: a manager's reason to confirm out of sequence.
    goal: the impact a decision rests on; without one, that which the note cites already.

    Raises NothingToConfirm, OutOfSequence (naming what is missing), NoImpactCited, StaleNote,
    StrangerNamed.
    """
    Account.objects.select_for_update().only("pk").get(pk=account.pk)
    current = current_note(account)
    elements = elements_of(current)
    element = elements.get(letter)
    if current is None or element is None or is_blank(letter, element.values):
        raise NothingToConfirm(f"There is nothing in {PARTS[letter].name} to confirm yet.")
    if seen_version is not None and element.changed_in > seen_version:
        raise StaleNote(current, elements, [(letter, PARTS[letter].fields[0].key)])
    if heard_from.account_id != account.pk:
        raise StrangerNamed(f"{heard_from.name} is not a contact of this account.")
    missing = missing_before(letter, blank_parts(elements))
    is_overridden = bool(missing and override_reason.strip() and actor.role is Role.MANAGER)
    if missing and not is_overridden:
        raise OutOfSequence(letter, missing)
    if cites := next((f.key for f in PARTS[letter].fields if f.kind is Kind.GOAL), ""):
        cited = cited_by(account, goal.pk if goal else element.details.get(cites))
        is_overridden |= bool(override_reason.strip() and actor.role is Role.MANAGER and not cited)
        if cited is None and not is_overridden:
            raise NoImpactCited(PARTS[letter].name)
        element.details = element.details | {cites: str(cited.pk) if cited else None}
    is_amended = goes_on(current=current, actor=actor, now=now)
    note = next_version(
        account=account,
        current=current,
        actor=actor,
        now=now,
        touchpoint=current.touchpoint,
        is_draft=False,
        is_amended=is_amended,
    )
    element.heard_from, element.heard_on, element.validated_on = heard_from, heard_on, heard_on
    element.is_confirmed, element.is_leveraged = True, is_leveraged
    element.confirmers = list(dict.fromkeys([*element.confirmers, heard_from.pk]))
    element.override_reason = override_reason.strip() if is_overridden else ""
    element.changed_in = note.version
    put(elements.values(), note, is_amended)
    trail.record(
        "spiced.element_confirmed",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=note.pk,
        part=letter,
        name=PARTS[letter].name,
        contact=str(heard_from.pk),
        missing=list(missing),
        goal=element.details.get("goal"),
        override_reason=element.override_reason,
    )
    keep_promises(
        account=account, actor=actor, now=now, elements=elements, changed=set(), confirmed=letter
    )
    return note
