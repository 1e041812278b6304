"""Lines linked to what they name: their own row, their account, product, members, parent."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from accounts.actions.reading import Line
from accounts.models import Account, Product
from accounts.queries.references import Found, known_ids, resolve
from accounts.rules.fields import Field, Kind
from accounts.rules.parents import DEEPEST, circular
from accounts.targets import Target
from tenants.ids import uuid7

ONE = {
    "accounts": "account with the external id",
    "contacts": "contact with the external id",
    "members": "active member with the e-mail address",
    "products": "product with the key",
}


def link(target: Target, lines: list[Line], *, source: str) -> None:
    """Give each line its id and turn keys into ids. A few queries whatever the batch's size.

    A key that names nothing, or several things, refuses its line: nothing is guessed.
    """
    keys = {line.key for line in lines if line.key}
    known = known_ids(target.model, source, keys)
    for line in lines:
        line.id = known.get(line.key)
        line.is_known = line.id is not None
        line.id = line.id or uuid7()
    for described in target.fields:
        if described.kind in {Kind.REFERENCE, Kind.REFERENCES}:
            _link_field(target, described, lines, source)
    if "parent" in target.by_key:
        _refuse_circles(lines)


def _link_field(target: Target, described: Field, lines: list[Line], source: str) -> None:
    having = [line for line in lines if line.values.get(described.key)]
    if not having:
        return
    found = resolve(described.refers_to, _keys_in(described, having), source)
    if described.refers_to == "products":
        found |= _new_products(_keys_in(described, having) - found.keys())
    if described.refers_to == target.key:
        _link_within(described, lines, having, found)
        return
    for line in having:
        _replace(line, described, found)


def _keys_in(described: Field, lines: Collection[Line]) -> set[str]:
    if described.kind is Kind.REFERENCES:
        return {key for line in lines for key in line.values[described.key]}
    return {line.values[described.key] for line in lines}


def _replace(line: Line, described: Field, found: Found) -> None:
    """Put ids for keys, or refuse the line."""
    keys = line.values[described.key]
    ids = [
        _one(line, described, key, found) for key in (keys if isinstance(keys, list) else [keys])
    ]
    line.values[described.key] = ids if isinstance(keys, list) else ids[0]


def _one(line: Line, described: Field, key: str, found: Found) -> UUID | None:
    noun = described.refers_to
    if (row_id := found.get(key)) is None:
        if key in found:
            reason = f"Several systems have an {ONE[noun]} “{key}”; name its source."
            line.refuse(described.key, f"ambiguous_{noun[:-1]}", reason)
        else:
            line.refuse(described.key, f"unknown_{noun[:-1]}", f"There is no {ONE[noun]} “{key}”.")
    return row_id


def _link_within(described: Field, lines: list[Line], having: list[Line], found: Found) -> None:
    """Parents may stand in the same batch, after their children; those refused are no parents."""
    waiting = {line.index: line.values[described.key] for line in having}
    while True:
        here: Found = {line.key: line.id for line in lines if line.key and not line.refusals}
        refused_here = {line.key for line in lines if line.refusals and not line.is_known}
        before = sum(bool(line.refusals) for line in lines)
        for line in having:
            if line.refusals:
                continue
            line.values[described.key] = waiting[line.index]
            usable = found | here
            if waiting[line.index] in refused_here - here.keys() - found.keys():
                reason = f"Its parent “{waiting[line.index]}” is refused in this batch."
                line.refuse(described.key, "parent_refused", reason)
                continue
            _replace(line, described, usable)
        if sum(bool(line.refusals) for line in lines) == before:
            return


def _refuse_circles(lines: list[Line]) -> None:
    """No account may be its own parent, over any number of steps. One query."""
    given = {
        line.id: line.values["parent"]
        for line in lines
        if line.id and not line.refusals and line.values.get("parent")
    }
    if not given:
        return
    parents: dict[UUID, Any] = dict(
        Account.objects.exclude(parent=None).values_list("pk", "parent_id")
    )
    cleared = [line.id for line in lines if "parent" in line.values and not line.refusals]
    parents |= {row_id: given.get(row_id) for row_id in cleared if row_id}
    found = circular(parents, given)
    for line in lines:
        if line.id in found and not line.refusals:
            reason = f"Its parents lead back to itself, or over more than {DEEPEST} steps."
            line.refuse("parent", "circular_parent", reason)


def _new_products(keys: Collection[str]) -> Found:
    """Add the products that are named for the first time."""
    made = [Product(key=key, name=key) for key in sorted(keys)]
    Product.objects.bulk_create(made, ignore_conflicts=True)
    return dict(Product.objects.filter(key__in=list(keys)).values_list("key", "pk"))
