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
from spiced.actions.settling import settled
from spiced.models import Element, Note
from spiced.queries.impact import cited_by
from spiced.queries.notes import current_note, elements_of, version_of
from spiced.rules.elements import LETTERS, PARTS, goals_in, people_in
from spiced.rules.values import typed
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

    Records of a field are told apart: two people may change different ones at the same time.

    Raises StaleNote where somebody else changed the same field since, StrangerNamed, WrongValue.
    """
    Account.objects.select_for_update().only("pk").get(pk=account.pk)
    current = current_note(account)
    elements = elements_of(current)
    said, clashes = _settled(account, actor, elements, given, seen_version)
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
        mine, _ = _settled(account, actor, elements, written, current.version)
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
    elements = {letter: elements.get(letter) or Element(letter=letter) for letter in LETTERS}
    for letter, values in changed.items():
        apply(elements[letter], values, note.version, timezone.localdate(now))
    put(elements.values(), note, is_amended)
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


def _settled(
    account: Account,
    actor: Actor,
    elements: Mapping[str, Element],
    given: Given,
    seen_version: int,
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Values in their stored shape, and (letter, field) that both changed, each to something else.

    Where the version seen is no longer kept, every field that differs of a part changed since.
    Raises WrongValue, or StrangerNamed for a foreign contact or goal.
    """
    late = {
        letter
        for letter in given
        if letter in elements and elements[letter].changed_in > seen_version
    }
    base = version_of(account, seen_version) if late else None
    said, clashes = dict[str, dict[str, Any]](), list[tuple[str, str]]()
    for letter, values in given.items():
        before, held = (base or {}).get(letter), elements.get(letter)
        is_merged = letter in late and base is not None
        extra = {key: value for key, value in values.items() if key in (*HEARD, "is_leveraged")}
        fields = typed(letter, {key: value for key, value in values.items() if key not in extra})
        fields, both = settled(
            letter,
            fields,
            held=held,
            base=before,
            is_late=is_merged,
            currency=actor.tenant.currency,
        )
        _known(account, letter, fields, extra.get("heard_from"))
        said[letter] = fields | extra
        if letter not in late or held is None:
            continue
        differing = _differing(held, said[letter])
        if base is not None:
            alone = {field.key for field in PARTS[letter].records} - set(both)
            theirs = _differing(before or Element(letter=letter), _all(held))
            differing = [key for key in differing if key in theirs and key not in alone]
        clashes += [(letter, key) for key in differing]
    return said, clashes


def _known(
    account: Account, letter: str, values: Mapping[str, Any], teller: Contact | None
) -> None:
    """Refuse what names contacts or goals of others."""
    named = people_in(letter, values) | ({str(teller.pk)} if teller else set())
    ours = Contact.objects.filter(pk__in=named, account=account).count() if named else 0
    if ours < len(named):
        raise StrangerNamed(f"{PARTS[letter].name} names somebody who is no contact of {account}.")
    for goal_id in goals_in(letter, values):
        if cited_by(account, goal_id) is None:
            raise StrangerNamed(f"{PARTS[letter].name} rests on no impact of {account}.")


def _all(element: Element) -> dict[str, Any]:
    """Whatever a part holds, by field."""
    return element.values | {key: getattr(element, key) for key in (*HEARD, "is_leveraged")}


def _differing(element: Element, values: Mapping[str, Any]) -> list[str]:
    """The given fields whose value is not what the part holds."""
    held = _all(element)
    return [key for key, value in values.items() if (held.get(key) or None) != (value or None)]
