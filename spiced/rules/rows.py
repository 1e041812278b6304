"""Records of a field over versions: which one is which, and two changes of them in one."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from spiced.rules.fields import Field, Kind, Row

ALIKE = 0.5  # from here on words are those of before, worded anew


def matched(field: Field, given: Sequence[Row], held: Sequence[Row]) -> list[dict[str, Any]]:
    """Given records under the ids they had: of the same words first, then of words alike.

    One that brings an id keeps it, one that is like no other goes without.
    """
    lead = field.columns[0]
    free = {row["id"]: row[lead.key] for row in held}
    for row in given:
        free.pop(row.get("id"), None)
    found = dict[int, Any]()
    for least in (1.0,) if lead.kind is Kind.PERSON else (1.0, ALIKE):
        for at, row in enumerate(given):
            if "id" in row or at in found or not free:
                continue
            likeness = {key: _likeness(text, row[lead.key], least) for key, text in free.items()}
            best = max(likeness, key=lambda key: likeness[key])
            if likeness[best] >= least:
                found[at] = best
                del free[best]
    return [{"id": found[at], **row} if at in found else dict(row) for at, row in enumerate(given)]


def _likeness(before: str, after: str, least: float) -> float:
    """0.0 to 1.0: the share of words that both have, 1.0 for the same; typed on is all but that."""
    if before == after:
        return 1.0
    if least == 1.0:
        return 0.0
    if after.startswith(before) or before.startswith(after):
        return 0.99
    old, new = set(before.casefold().split()), set(after.casefold().split())
    return min(0.99, 2 * len(old & new) / (len(old) + len(new)))


def named(field: Field, rows: Sequence[Row], held: Sequence[Row]) -> list[dict[str, Any]]:
    """Records that all have an id, and what a record has without a word.

    A new one is named after its first words, so that the same said twice is one.
    """
    taken = {row["id"] for row in (*held, *rows) if "id" in row}
    made = []
    for row in rows:
        known_as = row.get("id") or _short(row[field.columns[0].key])
        while "id" not in row and known_as in taken:
            known_as = _short(known_as)
        taken.add(known_as)
        made.append({**field.defaults, **row, "id": known_as})
    return made


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def merged(
    field: Field, base: Sequence[Row], mine: Sequence[Row], theirs: Sequence[Row]
) -> tuple[list[dict[str, Any]], bool]:
    """Both changes of base in one, mine where they contradict each other, and whether they do.

    A column that only one of them changed is as he has it; so is a record that only one left out.
    What both said of something new is one record. The order is mine.
    """
    lead = field.columns[0].key
    old, ours = _by_id(base), {row.get("id") or at: row for at, row in enumerate(mine)}
    added = {row[lead]: row for row in theirs if row["id"] not in old and row["id"] not in ours}
    their_rows, is_clash = _by_id(theirs), False
    made: list[dict[str, Any]] = []
    for known_as, row in ours.items():
        other = their_rows.get(known_as) or added.pop(row[lead], None)
        before = old.get(known_as)
        if other is None:
            is_changed = row != before
            is_clash |= before is not None and is_changed
            made += [dict(row)] if is_changed else []
            continue
        joined, is_other = _joined(before or {}, row, other)
        made.append(joined | {"id": other["id"]})
        is_clash |= is_other
    dropped = (key for key in old if key not in ours)
    is_clash |= any(key in their_rows and their_rows[key] != old[key] for key in dropped)
    at = 0
    for row in theirs:
        place = next((n for n, each in enumerate(made) if each.get("id") == row["id"]), None)
        if place is not None:
            at = place + 1
        elif row["id"] not in old:
            made.insert(at, dict(row))
            at += 1
    return made, is_clash


def _by_id(rows: Sequence[Row]) -> Mapping[Any, Row]:
    return {row["id"]: row for row in rows}


def _joined(before: Row, mine: Row, theirs: Row) -> tuple[dict[str, Any], bool]:
    made, is_clash = dict[str, Any](), False
    for key in dict.fromkeys((*mine, *theirs, *before)):
        was, own, other = before.get(key), mine.get(key), theirs.get(key)
        is_clash |= key != "id" and own != was and other != was and own != other
        value = own if own != was else other
        if value is not None:
            made[key] = value
    return made, is_clash


def text_of(field: Field, rows: Sequence[Row]) -> str:
    """What records are about, one a line."""
    return "\n".join(row[field.columns[0].key] for row in rows)
