"""Rows from outside made into lines that can be stored, or refused with a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import CustomField
from accounts.rules.fields import Field, Kind, Unfit
from accounts.rules.outcome import Refusal
from accounts.targets import Target

KINDS_OF_CUSTOM = {
    CustomField.Kind.TEXT: Kind.TEXT,
    CustomField.Kind.NUMBER: Kind.NUMBER,
    CustomField.Kind.DATE: Kind.DATE,
    CustomField.Kind.CHOICE: Kind.CHOICE,
    CustomField.Kind.YES_NO: Kind.YES_NO,
}


@dataclass(slots=True)
class Line:
    """One row on its way: the fields it has, as they will be stored, and why it is refused."""

    index: int
    raw: Mapping[str, Any]
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    id: UUID | None = None
    is_known: bool = False
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, field_key: str, code: str, reason: str) -> None:
        value = self.raw.get(field_key) if isinstance(self.raw, Mapping) else self.raw
        self.refusals.append(Refusal(self.index, field_key, value, code, reason))


def read(target: Target, rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Each row's values by field. Repeated keys are all refused: none of them is the right one."""
    lines = [Line(index, row) for index, row in enumerate(rows)]
    fields = target.by_key
    custom = custom_fields() if "custom" in fields and _has_custom(lines) else {}
    for line in lines:
        _read_line(target, line, fields, custom)
    times = Counter(line.key for line in lines if line.key)
    for line in lines:
        if (count := times[line.key]) > 1:
            reason = f"The external id “{line.key}” stands {count} times in this batch."
            line.refuse("external_id", "repeated", reason)
    return lines


def custom_fields() -> dict[str, Field]:
    """The fields the tenant added, by key. One query."""
    return {
        row.key: Field(
            row.key,
            row.label,
            KINDS_OF_CUSTOM[CustomField.Kind(row.kind)],
            choices=tuple(row.choices),
            most=500 if row.kind == CustomField.Kind.TEXT else None,
        )
        for row in CustomField.objects.order_by("position", "key")
    }


def _has_custom(lines: list[Line]) -> bool:
    return any(isinstance(line.raw, Mapping) and line.raw.get("custom") for line in lines)


def _read_line(
    target: Target, line: Line, fields: Mapping[str, Field], custom: Mapping[str, Field]
) -> None:
    if not isinstance(line.raw, Mapping):
        line.refuse("", "wrong_type", f"A {target.one} is an object of fields and values.")
        return
    for name, value in line.raw.items():
        described = fields.get(name)
        if described is None:
            line.refuse(str(name), "unknown_field", f"A {target.one} has no field “{name}”.")
            continue
        try:
            stored = described.read(value)
            if described.kind is Kind.CUSTOM:
                stored = _read_custom(line, stored or {}, custom)
        except Unfit as unfit:
            line.refuse(name, unfit.code, unfit.reason)
        else:
            line.values[name] = stored
    line.key = line.values.pop("external_id", "") or ""
    if not line.key and "external_id" not in line.raw:
        line.refuse("external_id", "missing", f"The {target.one} has no external id.")


def _read_custom(line: Line, given: dict[str, Any], custom: Mapping[str, Field]) -> dict[str, Any]:
    """JSON-ready values by key; None clears one."""
    stored: dict[str, Any] = {}
    for key, value in given.items():
        if key not in custom:
            reason = f"There is no custom field “{key}”. Add it in the settings first."
            line.refuse("custom", "unknown_custom_field", reason)
            continue
        try:
            read_value = custom[key].read(value)
        except Unfit as unfit:
            line.refuse("custom", unfit.code, unfit.reason)
        else:
            is_day = custom[key].kind is Kind.DATE and read_value is not None
            stored[key] = read_value.isoformat() if is_day else read_value
    return stored
