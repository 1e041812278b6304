"""Two versions of a note in words, and what changed between them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from accounts.models import Account
from spiced.models import Element, Note
from spiced.queries.notes import elements_of, names_in, versions
from spiced.rules.diffs import Row, rows
from spiced.rules.elements import LETTERS, PARTS, rows_of
from spiced.rules.words import Names, lines_in, said
from tenants.formats import day


def changed_rows(before: Note, after: Note, currency: str) -> list[Row]:
    """The fields that differ between two versions, records one by one. Six queries at most."""
    return [row for row in rows(*_texts(before, after, currency)) if row.is_changed]


def version_at(account: Account, moment: datetime) -> Note | None:
    """The version that stood at a moment, drafts left out. One query."""
    return versions(account).filter(saved_at__lte=moment, is_draft=False).first()


def _texts(before: Note, after: Note, currency: str) -> list[dict[tuple[str, str], str]]:
    """Both versions as words by (part, label), in the order of the parts; records one by one."""
    both = [elements_of(before), elements_of(after)]
    names: dict[str, str] = {}
    for parts in both:
        names |= names_in({letter: element.values for letter, element in parts.items()})
    ids = {
        (letter, field.key): dict.fromkeys(
            row["id"]
            for parts in both
            if letter in parts
            for row in rows_of(field, parts[letter].details)
        )
        for letter, part in PARTS.items()
        for field in part.records
    }
    return [
        {
            (PARTS[letter].name, label): words
            for letter, element in sorted(parts.items(), key=lambda each: LETTERS.index(each[0]))
            for label, words in _worded(element, ids, names, currency)
        }
        for parts in both
    ]


def _worded(
    element: Element,
    ids: Mapping[tuple[str, str], Iterable[str]],
    names: Names,
    currency: str,
) -> Iterator[tuple[str, str]]:
    """(label, words) of a part. ids: of the records of either version, by letter and field."""
    values = element.values
    words = said(element.letter, values, names, currency)
    for field in PARTS[element.letter].fields:
        if not field.columns:
            yield field.label, words[field.key]
            continue
        lines = lines_in(field, values, names, currency)
        for n, known_as in enumerate(ids[element.letter, field.key], start=1):
            yield f"{field.columns[0].label} {n}", str(lines.get(known_as, ""))
    yield "Heard from", element.heard_from.name if element.heard_from else ""
    yield "Heard on", day(element.heard_on) if element.heard_on else ""
    yield "Evidence", element.evidence
    yield "Confirmed", "yes" if element.is_confirmed else ""
