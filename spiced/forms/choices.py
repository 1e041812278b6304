"""Which of two texts stays, field by field."""

from django.http import QueryDict

from accounts.models import Contact
from spiced.forms.elements import ElementForm

PICK = "pick."
BOTH = ".both"


class Choice:
    """A choice as it was sent: `pick.text` says mine, theirs, or both as `pick.text.both` holds it.

    written: all the author had written; given: what he kept of it, or made of both; errors: what
    of that does not fit, in words.
    """

    def __init__(
        self, letter: str, contacts: list[Contact], currency: str, sent: QueryDict
    ) -> None:
        self.picks = {
            name.removeprefix(PICK): str(sent[name])
            for name in sent
            if name.startswith(PICK) and not name.endswith(BOTH)
        }
        self.merged = {key: str(sent.get(f"{PICK}{key}{BOTH}", "")) for key in self.picks}
        mine, chosen = ElementForm(letter, contacts, currency, sent), sent.copy()
        for key, pick in self.picks.items():
            if pick == "both":
                chosen[key] = self.merged[key]
        made = ElementForm(letter, contacts, currency, chosen)
        mine.full_clean()
        made.full_clean()
        kept = {key for key, pick in self.picks.items() if pick != "theirs"}
        self.written = {key: value for key, value in mine.given().items() if key in self.picks}
        self.given = {key: value for key, value in made.given().items() if key in kept}
        self.errors = [
            f"{made.fields[key].label}: {error}"
            for key, found in made.errors.items()
            if key in kept
            for error in found
        ]
