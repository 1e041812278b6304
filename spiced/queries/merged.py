"""One view of everything the touchpoints of an account told: who, when, to whom, on what ground."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.models import Account, Contact
from spiced.models import Element, Note
from spiced.queries.notes import ASIDE, Picture, names_in
from spiced.rules.elements import LETTERS, PARTS, people_in
from spiced.rules.states import State
from spiced.rules.words import Said, told


@dataclass(frozen=True)
class Told:
    """One part as it stands, and the note it was last changed in; None where nothing is known."""

    letter: str
    state: State
    element: Element | None
    said: tuple[Said, ...]
    gaps: tuple[str, ...]
    source: Note | None

    @property
    def name(self) -> str:
        return PARTS[self.letter].name


def merged(account: Account, seen: Picture, currency: str) -> list[Told]:
    """The five parts of the current record. Two queries, and one where an impact is cited."""
    sources = sources_of(account, seen)
    names = names_in({letter: seen.values(letter) for letter in LETTERS})
    found = []
    for letter in LETTERS:
        state, values = seen.states[letter], seen.values(letter)
        part = PARTS[letter]
        found.append(
            Told(
                letter,
                state,
                seen.elements.get(letter) if letter in sources else None,
                tuple(told(letter, values, names, currency)),
                tuple(part.field(gap).called for gap in state.gaps),
                sources.get(letter),
            )
        )
    return found


def sources_of(account: Account, seen: Picture) -> Mapping[str, Note]:
    """By letter the note in which each part that is known last changed. One query.

    A version typed on under a later number tells for those before it.
    """
    changed = {
        letter: element.changed_in
        for letter, element in seen.elements.items()
        if letter not in seen.blank
    }
    if not changed:
        return {}
    notes = Note.objects.filter(account=account, version__gte=min(changed.values()))
    ordered = list(notes.exclude(touchpoint=ASIDE).select_related("author").order_by("version"))
    return {
        letter: next(note for note in ordered if note.version >= version)
        for letter, version in changed.items()
    }


def occasions(account: Account) -> list[tuple[str, int]]:
    """How many versions each kind of touchpoint gave, most first. One query."""
    notes = Note.objects.filter(account=account).exclude(touchpoint=ASIDE)
    return Counter(note.touchpoint_label for note in notes.only("touchpoint")).most_common()


def new_buyers(seen: Picture, people: Iterable[Contact]) -> list[str]:
    """Names of economic buyers of whom the decision of the record knows nothing."""
    known = people_in("D", seen.values("D"))
    return [
        person.name
        for person in people
        if "economic_buyer" in person.roles
        and person.departed_on is None
        and known
        and str(person.pk) not in known
    ]
