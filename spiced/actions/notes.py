"""Saving and confirming what an account told us. Every version stays."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Contact
from spiced.actions.promises import keep_promises
from spiced.models import Element, Note
from spiced.queries.notes import blank_parts, current_note, elements_of
from spiced.rules.elements import LETTERS, PARTS, is_blank, people_in, typed
from spiced.rules.states import missing_before, rubric
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.formats import joined
from tenants.roles import Role
from tenants.timeline import describe

HEARD = ("heard_from", "heard_on")
Given = Mapping[str, Mapping[str, Any]]

describe(
    "spiced.note_saved",
    "{who} saved a SPICED note",
    icon="notebook-pen",
    detail=lambda facts: joined(PARTS[letter].name for letter in facts["parts"]),
)
describe("spiced.element_confirmed", "The account confirmed {name} to {who}", icon="check")


class StaleNote(Refused):
    """Somebody saved these parts first. Nothing of either side is lost.

    theirs: the note as it stands now, its parts by letter; clashes: (letter, field) in dispute.
    """

    def __init__(self, note: Note, theirs: dict[str, Element], clashes: list[tuple[str, str]]):
        parts = joined(dict.fromkeys(PARTS[letter].name for letter, _ in clashes))
        super().__init__(f"{note.author or 'An import'} changed {parts} while you were writing.")
        self.note, self.theirs, self.clashes = note, theirs, clashes
        named = [f"{letter}.{key}" for letter, key in clashes]
        self.facts = {"version": note.version, "clashes": named}


class OutOfSequence(Refused):
    """A part cannot be confirmed before the parts it rests on."""

    status = 422

    def __init__(self, letter: str, missing: tuple[str, ...]):
        names = joined(PARTS[part].name for part in missing)
        verb = "is" if len(missing) == 1 else "are"
        super().__init__(
            f"{PARTS[letter].name} rests on {names}, which {verb} missing. "
            "A manager may confirm it all the same, with a reason."
        )
        self.missing = missing


class NothingToConfirm(Refused):
    """The part is blank."""

    status = 422


class StrangerNamed(Refused):
    """A part names a contact who is not of this account."""

    status = 422


@transaction.atomic
def save_note(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    seen_version: int,
    given: Given,
    touchpoint: str = "call",
    is_draft: bool = False,
) -> Note:
    """Save what was said as a new version. Fields and parts left out stay as they are.

    seen_version: the version the author had before him, 0 if there was none.
    given: values by letter and field, plus heard_from (Contact), heard_on (date), is_leveraged.
    is_draft: still typing; the author's next save goes on with this version, under a new number.

    Raises StaleNote where somebody else changed the same part since, StrangerNamed, WrongValue.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    current = current_note(account)
    elements = elements_of(current)
    said = {letter: _checked(account, letter, values) for letter, values in given.items()}
    clashes = [
        (letter, key)
        for letter, values in said.items()
        if letter in elements and elements[letter].changed_in > seen_version
        for key in _differing(elements[letter], values)
    ]
    if clashes and current is not None:
        raise StaleNote(current, elements, clashes)
    changed = {
        letter: values
        for letter, values in said.items()
        if _differing(elements.get(letter) or Element(letter=letter), values)
    }
    is_amended = current is not None and _goes_on(current, actor, now)
    if current is not None and not changed and (is_draft or not is_amended):
        return current
    note = _next_version(account, current, actor, now, touchpoint, is_draft, is_amended)
    for letter in LETTERS:
        element = elements.get(letter) or Element(letter=letter)
        if letter in changed:
            _apply(element, changed[letter], note.version, timezone.localdate(now))
        _put(element, note, is_amended)
        elements[letter] = element
    trail.record(
        "spiced.note_amended" if is_amended else "spiced.note_saved",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=note.pk,
        version=note.version,
        parts=sorted(changed),
        touchpoint=touchpoint,
    )
    keep_promises(account=account, actor=actor, now=now, elements=elements, changed=set(changed))
    return note


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
) -> Note:
    """Record that somebody at the account said a part is right. Makes a new version.

    is_leveraged: the account uses it in its own plan.
    override_reason: a manager's reason to confirm out of sequence.

    Raises NothingToConfirm, OutOfSequence (naming what is missing), StaleNote, StrangerNamed.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    current = current_note(account)
    elements = elements_of(current)
    element = elements.get(letter)
    if current is None or element is None or is_blank(letter, element.values):
        raise NothingToConfirm(f"There is nothing in {PARTS[letter].name} to confirm yet.")
    if seen_version is not None and element.changed_in > seen_version:
        raise StaleNote(current, elements, [(letter, "text")])
    if heard_from.account_id != account.pk:
        raise StrangerNamed(f"{heard_from.name} is not a contact of this account.")
    missing = missing_before(letter, blank_parts(elements))
    is_overridden = bool(missing and override_reason.strip() and actor.role is Role.MANAGER)
    if missing and not is_overridden:
        raise OutOfSequence(letter, missing)
    is_amended = _goes_on(current, actor, now)
    note = _next_version(account, current, actor, now, current.touchpoint, False, is_amended)
    element.heard_from, element.heard_on, element.validated_on = heard_from, heard_on, heard_on
    element.is_confirmed, element.is_leveraged = True, is_leveraged
    element.override_reason = override_reason.strip() if is_overridden else ""
    element.changed_in = note.version
    for part in elements.values():
        _put(part, note, is_amended)
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
        override_reason=element.override_reason,
    )
    keep_promises(
        account=account, actor=actor, now=now, elements=elements, changed=set(), confirmed=letter
    )
    return note


def _checked(account: Account, letter: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in their stored shape. Raises WrongValue, or StrangerNamed for a foreign contact."""
    extra = {key: value for key, value in values.items() if key in (*HEARD, "is_leveraged")}
    fields = typed(letter, {key: value for key, value in values.items() if key not in extra})
    named = people_in(letter, fields)
    if (teller := extra.get("heard_from")) is not None:
        named.add(str(teller.pk))
    ours = Contact.objects.filter(pk__in=named, account=account).count() if named else 0
    if ours < len(named):
        raise StrangerNamed(f"{PARTS[letter].name} names somebody who is no contact of {account}.")
    return fields | extra


def _differing(element: Element, values: Mapping[str, Any]) -> list[str]:
    """The given fields whose value is not what the part holds."""
    held = element.values | {key: getattr(element, key) for key in (*HEARD, "is_leveraged")}
    return [key for key, value in values.items() if (held.get(key) or None) != (value or None)]


def _apply(element: Element, values: dict[str, Any], version: int, today: date) -> None:
    """Put changed values into a part: what was confirmed is so no longer once its words change."""
    was = element.values
    for key in (*HEARD, "is_leveraged"):
        if key in values:
            setattr(element, key, values.pop(key))
    element.text = values.pop("text", element.text)
    element.details = element.details | values
    if element.values != was:
        element.is_confirmed, element.override_reason = False, ""
    element.validated_on = element.heard_on or today
    element.changed_in = version


def _goes_on(current: Note, actor: Actor, now: datetime) -> bool:
    """Whether the author is still writing the draft that is current, the same day."""
    return (
        current.is_draft
        and current.author_id is not None
        and current.author_id == actor.user_id
        and timezone.localdate(current.saved_at) == timezone.localdate(now)
    )


def _next_version(
    account: Account,
    current: Note | None,
    actor: Actor,
    now: datetime,
    touchpoint: str,
    is_draft: bool,
    is_amended: bool,
) -> Note:
    """The current draft under its next number, or a new note that takes over."""
    if current is not None and is_amended:
        current.version, current.saved_at = current.version + 1, now
        current.touchpoint, current.is_draft = touchpoint, is_draft
        current.save()
        return current
    if current is not None:
        Note.objects.filter(pk=current.pk).update(is_current=False, is_draft=False)
    return Note.objects.create(
        account=account,
        version=(current.version if current else 0) + 1,
        author=actor.user,
        saved_at=now,
        touchpoint=touchpoint,
        is_draft=is_draft,
    )


def _put(element: Element, note: Note, is_amended: bool) -> None:
    """Store a part with its note: in place while a draft goes on, else as a row of its own."""
    element.score = rubric(
        element.letter,
        element.values,
        confirmed=element.is_confirmed,
        leveraged=element.is_leveraged,
    )
    if not is_amended:
        element.pk, element._state.adding = Element().pk, True
    element.note = note
    element.save()
