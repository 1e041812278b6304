"""Saving what an account told us. Every version stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Contact, Opportunity
from spiced.actions.keeping import HEARD, apply, goes_on, next_version, put, set_aside
from spiced.actions.promises import keep_promises
from spiced.actions.refusals import StaleNote, StrangerNamed
from spiced.models import Element, Note
from spiced.queries.notes import current_note, elements_of, version_of
from spiced.rules.elements import LETTERS, PARTS, people_in, typed
from tenants import trail
from tenants.actor import Actor
from tenants.formats import joined
from tenants.timeline import describe

describe(
    "spiced.note_amended", "{who} went on with version {version} of the SPICED note", is_aside=True
)

Given = Mapping[str, Mapping[str, Any]]

describe(
    "spiced.note_saved",
    "{who} saved a SPICED note",
    icon="notebook-pen",
    detail=lambda facts: joined(PARTS[letter].name for letter in facts["parts"]),
)


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
    opportunity: Opportunity | None = None,
    written: Given | None = None,
) -> Note:
    """Save what was said as a new version. Fields and parts left out stay as they are.

    seen_version: the version the author had before him, 0 if there was none.
    given: values by letter and field, plus heard_from (Contact), heard_on (date), evidence, and
    is_leveraged.
    opportunity: the deal it was said in; else that of the note before.
    is_draft: still typing; the author's next save goes on with this version, under a new number.
    written: for given chosen from two texts, all the author had written. What he gave up of it is
    kept as a version set aside, and what he chose is one of its own.

    Raises StaleNote where somebody else changed the same field since, StrangerNamed, WrongValue.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    current = current_note(account)
    elements = elements_of(current)
    said = {letter: _checked(account, letter, values) for letter, values in given.items()}
    clashes = _clashes(account, elements, said, seen_version)
    if clashes and current is not None:
        raise StaleNote(current, elements, clashes)
    changed = {
        letter: values
        for letter, values in said.items()
        if _differing(elements.get(letter) or Element(letter=letter), values)
    }
    is_chosen = current is not None and written is not None
    is_amended = (
        current is not None and not is_chosen and goes_on(current=current, actor=actor, now=now)
    )
    if current is not None and not changed and not is_chosen and (is_draft or not is_amended):
        return current
    if current is not None and written is not None:
        mine = {letter: _checked(account, letter, values) for letter, values in written.items()}
        if any(said.get(part, {}) | values != said.get(part) for part, values in mine.items()):
            set_aside(account=account, elements=elements, mine=mine, actor=actor, now=now)
    note = next_version(
        account=account,
        current=current,
        actor=actor,
        now=now,
        touchpoint=touchpoint,
        is_draft=is_draft,
        is_amended=is_amended,
        **({"opportunity": opportunity} if opportunity else {}),
    )
    for letter in LETTERS:
        element = elements.get(letter) or Element(letter=letter)
        if letter in changed:
            apply(element, changed[letter], note.version, timezone.localdate(now))
        put(element, note, is_amended)
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


def _clashes(
    account: Account, elements: Mapping[str, Element], said: Given, seen_version: int
) -> list[tuple[str, str]]:
    """(letter, field) that both changed, each to something else.

    Where the version seen is no longer kept, every field that differs of a part changed since.
    """
    late = {
        letter: _differing(elements[letter], values)
        for letter, values in said.items()
        if letter in elements and elements[letter].changed_in > seen_version
    }
    base = version_of(account, seen_version) if any(late.values()) else None
    if base is None:
        return [(letter, key) for letter, keys in late.items() for key in keys]
    return [
        (letter, key)
        for letter, keys in late.items()
        for key in keys
        if key in _differing(base.get(letter) or Element(letter=letter), _all(elements[letter]))
    ]


def _all(element: Element) -> dict[str, Any]:
    """Whatever a part holds, by field."""
    return element.values | {key: getattr(element, key) for key in (*HEARD, "is_leveraged")}


def _differing(element: Element, values: Mapping[str, Any]) -> list[str]:
    """The given fields whose value is not what the part holds."""
    held = _all(element)
    return [key for key, value in values.items() if (held.get(key) or None) != (value or None)]
