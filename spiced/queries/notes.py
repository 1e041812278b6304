"""What we know of an account: the current note, its versions, its parts judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Account, Contact
from spiced.models import CriticalEvent, Element, ImpactGoal, Note
from spiced.queries.happenings import happenings
from spiced.queries.terms import Terms, terms
from spiced.rules.elements import LETTERS, goals_in, is_blank, people_in
from spiced.rules.states import Happened, Kind, Known, State, index, out_of_sequence, state

ASIDE = "set aside"


@dataclass(frozen=True)
class Picture:
    """The current note of an account, each part judged as of a day by the charter in force."""

    note: Note | None
    elements: Mapping[str, Element]
    states: Mapping[str, State]
    index: float
    terms: Terms
    warnings: tuple[tuple[str, str], ...] = ()
    event: CriticalEvent | None = None

    @property
    def version(self) -> int:
        return self.note.version if self.note else 0

    @property
    def complete_count(self) -> int:
        return sum(state.kind is Kind.COMPLETE for state in self.states.values())

    @property
    def confirmed_on(self) -> date | None:
        days = [e.validated_on for e in self.elements.values() if e.is_confirmed]
        return max((day for day in days if day), default=None)

    @property
    def blank(self) -> set[str]:
        return {letter for letter, state in self.states.items() if state.kind is Kind.MISSING}

    def values(self, letter: str) -> dict[str, Any]:
        element = self.elements.get(letter)
        return element.values if element else {}


def current_note(account: Account) -> Note | None:
    """The newest note of an account. One query."""
    return (
        Note.objects.filter(account=account, is_current=True)
        .select_related("author", "opportunity")
        .first()
    )


def elements_of(note: Note | None) -> dict[str, Element]:
    """The parts of a note by letter. One query, none without a note."""
    if note is None:
        return {}
    found = Element.objects.filter(note=note).select_related("heard_from")
    return {element.letter: element for element in found}


def picture(account: Account, today: date) -> Picture:
    """The account's current note, judged by the charter in force. Six queries."""
    note = current_note(account)
    elements = elements_of(note)
    happened = happenings([account.pk], today)[account.pk]
    agreed = terms()
    states = judged(elements, today, happened, agreed)
    scores = {letter: element.score for letter, element in elements.items()}
    counted = {letter: (scores.get(letter, 0), states[letter].factor) for letter in LETTERS}
    event = next_event(account)
    return Picture(note, elements, states, index(counted), agreed, out_of_sequence(scores), event)


def judged(
    elements: Mapping[str, Element], today: date, happened: Happened, agreed: Terms
) -> dict[str, State]:
    """The state of each of the five parts."""
    return {
        letter: state(
            known(letter, elements.get(letter), agreed.fresh_days[letter]),
            today=today,
            happened=happened,
        )
        for letter in LETTERS
    }


def known(letter: str, element: Element | None, fresh_days: int) -> Known:
    """A stored part as the rules read it."""
    if element is None:
        return Known(letter, fresh_days)
    return Known(
        letter,
        fresh_days,
        element.values,
        element.validated_on,
        element.is_confirmed,
        element.score,
    )


def next_event(account: Account) -> CriticalEvent | None:
    """The event the note speaks of, else the nearest open one. One query."""
    return (
        CriticalEvent.objects.filter(account=account, status=CriticalEvent.Status.OPEN)
        .select_related("sufferer", "confirmed_by")
        .order_by("-is_in_note", "on", "id")
        .first()
    )


def versions(account: Account) -> QuerySet[Note]:
    """Every version of an account's note, newest first. One query."""
    return Note.objects.filter(account=account).select_related("author").order_by("-version", "-id")


def contacts(account: Account) -> QuerySet[Contact]:
    """The people of an account one may hear from, in order of name. One query."""
    return Contact.objects.filter(account=account, archived_at=None).order_by("name_norm", "id")


def people_of(account: Account) -> QuerySet[Contact]:
    """Everybody of an account a note may name, those it no longer lists as well. One query."""
    return Contact.objects.filter(account=account).order_by("name_norm", "id")


def names_in(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Names of contacts and goals by id, that values by letter name. A query for each kind."""
    people = {who for letter, values in parts.items() for who in people_in(letter, values)}
    goals = {goal for letter, values in parts.items() for goal in goals_in(letter, values)}
    names = names_of(people)
    if goals:
        found = ImpactGoal.objects.filter(pk__in=goals).values_list("pk", "statement")
        names |= {str(pk): statement for pk, statement in found}
    return names


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Names of contacts by id. One query, none for nobody."""
    wanted = {UUID(text) for text in ids}
    if not wanted:
        return {}
    found = Contact.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def blank_parts(elements: Mapping[str, Element]) -> set[str]:
    """The parts of which nothing is known."""
    return {
        letter
        for letter in LETTERS
        if letter not in elements or is_blank(letter, elements[letter].values)
    }


def version_of(account: Account, version: int) -> dict[str, Element] | None:
    """The parts of one version by letter; None where it is not kept. Two queries."""
    if version == 0:
        return {}
    note = Note.objects.filter(account=account, version=version).first()
    return None if note is None else elements_of(note)


def changed_by(account: Account, letter: str, since: int) -> dict[str, Note]:
    """Which version last changed each field of a part after one that was seen. Two queries.

    Keys are fields, with `heard_from`, `heard_on` and `evidence`. A version kept no longer tells
    nothing, so the first one after it counts as the change.
    """
    notes = Note.objects.filter(account=account, version__gte=since).exclude(touchpoint=ASIDE)
    found = Element.objects.filter(note__in=notes, letter=letter).select_related("note__author")
    last: dict[str, Note] = {}
    was: dict[str, Any] = {}
    for element in found.order_by("note__version"):
        told = {key: getattr(element, key) for key in ("heard_from_id", "heard_on", "evidence")}
        told["heard_from"] = told.pop("heard_from_id")
        values = element.values | told
        if element.note.version > since:
            changed = {key for key, value in values.items() if value != was.get(key)}
            last |= dict.fromkeys(changed, element.note)
        was = values
    return last
