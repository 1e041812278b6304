"""Records as they are given, brought together with those that are held."""

from collections.abc import Mapping
from typing import Any

from spiced.models import Element
from spiced.rules.elements import PARTS, rows_of
from spiced.rules.fields import Field, Kind, Row
from spiced.rules.rows import matched, merged, named


def settled(
    letter: str,
    values: Mapping[str, Any],
    *,
    held: Element | None,
    base: Element | None = None,
    is_late: bool = False,
    currency: str,
) -> tuple[dict[str, Any], list[str]]:
    """Values of a part with records whole: each with its id, a default and a currency.

    held: the part as it stands; base: as the author had it before him, where somebody changed it
    since (is_late). Records that different people changed are brought together; the fields that
    both changed to something else come back beside the values.
    """
    found, clashes = dict(values), list[str]()
    if (lead := PARTS[letter].lead) and "text" in found:
        said, known = found.pop("text"), _rows(lead, base if is_late else held)
        before = {row["id"]: row for row in known}
        found[lead.key] = [
            before.get(row.get("id"), {}) | row for row in matched(lead, said, known)
        ]
    for field in PARTS[letter].records:
        if field.key not in found:
            continue
        rows = matched(field, found[field.key] or (), _rows(field, base if is_late else held))
        rows = [_in_money(field, row, currency) for row in rows]
        if is_late:
            rows, is_clash = merged(field, _rows(field, base), rows, _rows(field, held))
            clashes += [field.key] if is_clash else []
        found[field.key] = named(field, rows, _rows(field, held)) or None
    return found, clashes


def _rows(field: Field, element: Element | None) -> Any:
    return rows_of(field, element.details) if element else ()


def _in_money(field: Field, row: Row, currency: str) -> dict[str, Any]:
    """A record whose money has its currency; the one of the tenant where none is said."""
    has_money = any(
        column.kind is Kind.MONEY and row.get(column.key) is not None for column in field.columns
    )
    rest = {key: value for key, value in row.items() if key != "currency"}
    return rest | ({"currency": row.get("currency") or currency} if has_money else {})
