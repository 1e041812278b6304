"""The fields of a tenant's own: added, changed, put in order, retired and brought back.

Nothing here touches a value: an account keeps what it holds in a field that is retired.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import CustomField
from accounts.queries.custom import fields_in_use, holding
from accounts.rules.custom import MOST_IN_USE, choices_fault, key_fault
from tenants import trail
from tenants.errors import Refused
from tenants.formats import plural
from tenants.models import Tenant, User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe("accounts.field_added", "{who} added the field “{label}”", icon="columns-3")
describe(
    "accounts.field_changed",
    "{who} changed the field “{name}”",
    icon="columns-3",
    detail=lambda facts: "; ".join(
        f"{part}: {facts[part][0]} → {facts[part][1]}"
        for part in ("label", "choices")
        if part in facts
    ),
)
describe("accounts.field_moved", "{who} moved the field “{label}”", icon="columns-3")
describe("accounts.field_retired", "{who} retired the field “{label}”", icon="archive")
describe("accounts.field_restored", "{who} brought the field “{label}” back", icon="rotate-ccw")


class BadField(Refused):
    """The field cannot be defined so. Holds which part of the definition is meant."""

    status = 422

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.part = part


class KeyTaken(BadField):
    """Another field has the key, retired ones included: their values stand under it."""

    status = 409


class LabelTaken(BadField):
    """Two fields of one name could not be told apart."""

    status = 409


class ChoiceInUse(BadField):
    """Accounts hold a choice that would go."""

    status = 409


class TooManyFields(Refused):
    """Nobody fills in more fields than this."""


class StaleField(Refused):
    """Somebody changed the field meanwhile."""


@transaction.atomic
def add_field(
    *, key: str, label: str, kind: str, choices: Sequence[str], actor: User, now: datetime
) -> CustomField:
    """Add a field behind the others. Raises BadField, KeyTaken, LabelTaken, TooManyFields."""
    if fault := key_fault(key):
        raise BadField("key", fault)
    _refuse_choices(kind, choices)
    _take_turns()
    others = fields_in_use()
    _refuse_more(others)
    _refuse_label(label, others)
    taken = KeyTaken("key", f"There is a field with the key “{key}”; choose another.")
    if retired := CustomField.objects.filter(key=key).exclude(retired_at=None).first():
        raise KeyTaken(
            "key",
            f"The retired field “{retired.label}” has the key “{key}”, and values under it. "
            "Bring it back, or choose another key.",
        )
    if any(other.key == key for other in others):
        raise taken
    position = max((other.position for other in others), default=0) + 1
    try:
        with transaction.atomic():
            field = CustomField.objects.create(
                key=key, label=label, kind=kind, choices=list(choices), position=position
            )
    except IntegrityError as clash:
        raise taken from clash
    _record(
        "accounts.field_added",
        field,
        actor,
        now,
        kind=kind,
        choices=", ".join(choices),
    )
    return field


@transaction.atomic
def change_field(
    *,
    field: CustomField,
    seen_version: int,
    label: str,
    choices: Sequence[str],
    actor: User,
    now: datetime,
) -> CustomField:
    """Name a field anew and change its choices; its key and its kind stand.

    A choice goes only where no account holds it, archived ones included.
    Raises StaleField, BadField, LabelTaken, ChoiceInUse.
    """
    _take_turns()
    field = _locked(field)
    if field.version != seen_version:
        raise StaleField("Somebody changed this field meanwhile. This is how it stands now.")
    _refuse_choices(field.kind, choices)
    if field.retired_at is None:
        _refuse_label(label, [other for other in fields_in_use() if other.pk != field.pk])
    _refuse_held(field, [choice for choice in field.choices if choice not in choices])
    changed: dict[str, Any] = {}
    if field.label != label:
        changed["label"] = [field.label, label]
    if field.choices != list(choices):
        changed["choices"] = [", ".join(field.choices), ", ".join(choices)]
    if not changed:
        return field
    former, field.label, field.choices = field.label, label, list(choices)
    field.version += 1
    field.save(update_fields=["label", "choices", "version"])
    trail.record(
        "accounts.field_changed",
        at=now,
        actor=actor,
        object_id=field.pk,
        key=field.key,
        name=former,
        **changed,
    )
    return field


@transaction.atomic
def move_field(*, field: CustomField, earlier: bool, actor: User, now: datetime) -> None:
    """Let a field change places with the one before or after it; at the end it stays."""
    rows = CustomField.objects.select_for_update().filter(retired_at=None)
    ordered = list(rows.order_by("position", "key"))
    at = next((index for index, other in enumerate(ordered) if other.pk == field.pk), None)
    to = None if at is None else at - 1 if earlier else at + 1
    if at is None or to is None or not 0 <= to < len(ordered):
        return
    ordered[at], ordered[to] = ordered[to], ordered[at]
    for position, other in enumerate(ordered, start=1):
        other.position = position
    CustomField.objects.bulk_update(ordered, ["position"])
    _record("accounts.field_moved", field, actor, now, position=[at + 1, to + 1])


@transaction.atomic
def retire_field(*, field: CustomField, actor: User, now: datetime) -> CustomField:
    """Ask for a field and show it no longer; its values stay. Twice it is done once."""
    field = _locked(field)
    if field.retired_at is None:
        field.retired_at = now
        field.version += 1
        field.save(update_fields=["retired_at", "version"])
        _record("accounts.field_retired", field, actor, now)
    return field


@transaction.atomic
def restore_field(*, field: CustomField, actor: User, now: datetime) -> CustomField:
    """Bring a retired field back, behind the others. Raises TooManyFields, LabelTaken."""
    _take_turns()
    field = _locked(field)
    if field.retired_at is None:
        return field
    others = fields_in_use()
    _refuse_more(others)
    _refuse_label(field.label, others)
    field.retired_at, field.version = None, field.version + 1
    field.position = max((other.position for other in others), default=0) + 1
    field.save(update_fields=["retired_at", "version", "position"])
    _record("accounts.field_restored", field, actor, now)
    return field


def _take_turns() -> None:
    """One at a time in a tenant: what is checked of all the fields holds until it is written."""
    list(Tenant.objects.select_for_update(no_key=True).filter(pk=current_tenant_id()))


def _locked(field: CustomField) -> CustomField:
    return CustomField.objects.select_for_update().get(pk=field.pk)


def _refuse_choices(kind: str, choices: Sequence[str]) -> None:
    if fault := choices_fault(kind, choices):
        raise BadField("choices", fault)


def _refuse_more(others: Sequence[CustomField]) -> None:
    if len(others) >= MOST_IN_USE:
        raise TooManyFields(
            f"{MOST_IN_USE} fields are in use, and more would not be filled in. Retire one first."
        )


def _refuse_label(label: str, others: Sequence[CustomField]) -> None:
    for other in others:
        if other.label.casefold() == label.casefold():
            raise LabelTaken("label", f"The field “{other.key}” is called “{other.label}” already.")


def _refuse_held(field: CustomField, gone: Sequence[str]) -> None:
    held = holding(field, gone) if gone else {}
    if held:
        told = "; ".join(f"“{choice}”: {plural(n, 'account')}" for choice, n in held.items())
        raise ChoiceInUse("choices", f"Accounts still hold what you took out. {told}.")


def _record(verb: str, field: CustomField, actor: User, now: datetime, **facts: Any) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor,
        object_id=field.pk,
        key=field.key,
        label=field.label,
        **facts,
    )
