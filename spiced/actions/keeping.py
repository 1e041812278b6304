"""How a version of a note is stored: as a row of its own, in place while typed, or set aside."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import Account, Contact
from spiced.models import Element, Note
from spiced.queries.notes import ASIDE
from spiced.rules.elements import LETTERS, PARTS
from spiced.rules.rows import text_of
from spiced.rules.states import is_validated, rubric
from tenants.actor import Actor

HEARD = ("heard_from", "heard_on", "evidence")


def goes_on(*, current: Note, actor: Actor, now: datetime) -> bool:
    """Whether the author is still writing the draft that is current, the same day."""
    return (
        current.is_draft
        and current.author_id is not None
        and current.author_id == actor.user_id
        and timezone.localdate(current.saved_at) == timezone.localdate(now)
    )


def next_version(
    *,
    account: Account,
    current: Note | None,
    actor: Actor,
    now: datetime,
    touchpoint: str,
    is_draft: bool,
    is_amended: bool,
    **more: Any,
) -> Note:
    """The current draft under its next number, or a new note that takes over.

    more: what the note is to hold besides; else it stays in the record and deal of the current one.
    """
    if current is not None and is_amended:
        current.version, current.saved_at = current.version + 1, now
        current.touchpoint, current.is_draft = touchpoint, is_draft
        for name, value in more.items():
            setattr(current, name, value)
        current.save()
        return current
    if current is not None:
        Note.objects.filter(pk=current.pk).update(is_current=False, is_draft=False)
    return Note.objects.create(
        account=account,
        version=_newest(account) + 1,
        author=actor.user,
        saved_at=now,
        touchpoint=touchpoint,
        is_draft=is_draft,
        **(_place(current) | more),
    )


def _place(current: Note | None) -> dict[str, Any]:
    if current is None:
        return {}
    return {name: getattr(current, name) for name in ("record", "ask_again_on", "opportunity_id")}


def set_aside(
    *,
    account: Account,
    elements: Mapping[str, Element],
    mine: Mapping[str, Mapping[str, Any]],
    actor: Actor,
    now: datetime,
) -> Note:
    """Keep what an author gives up for somebody else's words: a version that is never current.

    elements: the parts as they stand; mine: what he had written over them, by letter and field.
    """
    note = Note.objects.create(
        account=account,
        version=_newest(account) + 1,
        author=actor.user,
        saved_at=now,
        touchpoint=ASIDE,
        is_current=False,
        **_place(Note.objects.filter(account=account, is_current=True).first()),
    )
    parts = [copy(elements.get(letter)) or Element(letter=letter) for letter in LETTERS]
    for element in parts:
        if element.letter in mine:
            apply(element, dict(mine[element.letter]), note.version, timezone.localdate(now))
    put(parts, note, is_amended=False)
    return note


def _newest(account: Account) -> int:
    return Note.objects.filter(account=account).aggregate(n=Max("version"))["n"] or 0


def put(parts: Iterable[Element], note: Note, is_amended: bool) -> None:
    """Store the parts of a note: in place while a draft goes on, else as rows of their own."""
    new = []
    for element in parts:
        was = element.score
        element.score = rubric(
            element.letter,
            element.values,
            confirmed=element.is_confirmed and _is_validated(element),
            leveraged=element.is_leveraged,
        )
        element.note = note
        if not is_amended or element._state.adding:
            element.pk, element._state.adding = Element().pk, True
            new.append(element)
        elif element.changed_in == note.version or element.score != was:
            element.save()
    Element.objects.bulk_create(new)


def _is_validated(element: Element) -> bool:
    """One query, none where nobody confirmed."""
    if not element.confirmers:
        return False
    found = Contact.objects.filter(pk__in=element.confirmers).values_list("pk", "roles")
    roles = {str(pk): set(each) for pk, each in found}
    return is_validated(element.letter, element.values, roles)


def apply(element: Element, values: dict[str, Any], version: int, today: date) -> None:
    """Put changed values into a part: what was confirmed is so no longer once its words change."""
    was = element.values
    for key in (*HEARD, "is_leveraged"):
        if key in values:
            setattr(element, key, values.pop(key))
    element.text = values.pop("text", element.text)
    element.details = element.details | values
    if lead := PARTS[element.letter].lead:
        element.text = text_of(lead, element.details.get(lead.key) or ())
    if element.values != was:
        element.is_confirmed, element.override_reason, element.confirmers = False, "", []
    element.validated_on = element.heard_on or today
    element.changed_in = version
