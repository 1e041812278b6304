"""Two versions of a note in words, and what changed between them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import Account
from spiced.models import Element, Note
from spiced.queries.notes import elements_of, names_in, versions
from spiced.rules.diffs import Row, rows
from spiced.rules.elements import LETTERS, PARTS, rows_of
from spiced.rules.words import told
from tenants.formats import day


def changed_rows(before: Note, after: Note, currency: str) -> list[Row]:
    """The fields that differ between two versions, records one by one. Six queries at most."""
    return [row for row in rows(*_texts(before, after, currency)) if row.is_changed]


def version_at(account: Account, moment: datetime) -> Note | None:
    """The version that stood at a moment, drafts left out. One query."""
    return versions(account).filter(saved_at__lte=moment, is_draft=False).first()


def _texts(before: Note, after: Note, currency: str) -> list[dict[tuple[str, str], str]]:
    """Both versions as words by (part, label)."""
    both = [elements_of(before), elements_of(after)]
    names: dict[str, str] = {}
    for parts in both:
        names |= names_in({letter: element.values for letter, element in parts.items()})
    numbers = _numbers(both)
    texts = []
    for parts in both:
        text: dict[tuple[str, str], str] = {}
        for letter in LETTERS:
            if (element := parts.get(letter)) is None:
                continue
            part = PARTS[letter]
            for each in told(letter, element.values, names, currency):
                if not each.field.columns:
                    text[(part.name, each.label)] = each.words
                for known_as, line in each.lines.items():
                    text[(part.name, numbers[known_as])] = str(line)
            heard = element.heard_from.name if element.heard_from else ""
            text[(part.name, "Heard from")] = heard
            text[(part.name, "Heard on")] = day(element.heard_on) if element.heard_on else ""
            text[(part.name, "Evidence")] = element.evidence
            text[(part.name, "Confirmed")] = "yes" if element.is_confirmed else ""
        texts.append(text)
    return texts


def _numbers(both: Sequence[Mapping[str, Element]]) -> dict[str, str]:
    """What each record is called, by its id: "Pain 2", the same in both versions."""
    found: dict[str, str] = {}
    for part in PARTS.values():
        for field in part.records:
            held = (parts[part.letter].details for parts in both if part.letter in parts)
            ids = dict.fromkeys(row["id"] for values in held for row in rows_of(field, values))
            label = field.columns[0].label
            found |= {known_as: f"{label} {n}" for n, known_as in enumerate(ids, start=1)}
    return found
