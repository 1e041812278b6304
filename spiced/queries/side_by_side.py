"""Two versions of a note in words, and what changed between them."""

from datetime import datetime

from accounts.models import Account
from spiced.models import Note
from spiced.queries.notes import elements_of, names_of, versions
from spiced.rules.diffs import Row, rows
from spiced.rules.elements import LETTERS, PARTS, people_in
from spiced.rules.words import said
from tenants.formats import day


def changed_rows(before: Note, after: Note, currency: str) -> list[Row]:
    """The fields that differ between two versions. Three queries."""
    return [row for row in rows(*_texts(before, after, currency)) if row.is_changed]


def version_at(account: Account, moment: datetime) -> Note | None:
    """The version that stood at a moment, drafts left out. One query."""
    return versions(account).filter(saved_at__lte=moment, is_draft=False).first()


def _texts(before: Note, after: Note, currency: str) -> list[dict[tuple[str, str], str]]:
    """Both versions as words by (part, label)."""
    both = [elements_of(before), elements_of(after)]
    named = {
        person
        for parts in both
        for letter, element in parts.items()
        for person in people_in(letter, element.values)
    }
    names = names_of(named)
    texts = []
    for parts in both:
        text: dict[tuple[str, str], str] = {}
        for letter in LETTERS:
            if (element := parts.get(letter)) is None:
                continue
            words = said(letter, element.values, names, currency)
            part = PARTS[letter]
            text |= {(part.name, field.label): words[field.key] for field in part.fields}
            heard = element.heard_from.name if element.heard_from else ""
            text[(part.name, "Heard from")] = heard
            text[(part.name, "Heard on")] = day(element.heard_on) if element.heard_on else ""
            text[(part.name, "Evidence")] = element.evidence
            text[(part.name, "Confirmed")] = "yes" if element.is_confirmed else ""
        texts.append(text)
    return texts
