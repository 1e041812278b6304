"""Why a note is not saved or not confirmed, in words fit for a person."""

from spiced.models import Element, Note
from spiced.rules.elements import PARTS
from tenants.errors import Refused
from tenants.formats import joined


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
        self.facts = {"missing": list(missing)}


class NoImpactCited(Refused):
    """A decision is confirmed with the impact it rests on."""

    status = 422

    def __init__(self, name: str):
        super().__init__(
            f"{name} is confirmed with the impact it rests on: choose a goal of this account. "
            "A manager may confirm it all the same, with a reason."
        )


class NothingToConfirm(Refused):
    """The part is blank."""

    status = 422


class StrangerNamed(Refused):
    """A part names a contact who is not of this account."""

    status = 422


class InNote(Refused):
    """The SPICED note speaks of this goal or event, and says what it is."""
