"""Rows from outside made into lines that can be stored, or refused with a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.queries.custom import all_fields, described
from accounts.rules.custom import PREFIX, named
from accounts.rules.fields import Field, Kind, Unfit
from accounts.rules.outcome import Refusal
from accounts.targets import Target
from tenants.formats import with_article


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
        self.refusals.append(Refusal(self.index, field_key, self._sent(field_key), code, reason))

    def _sent(self, field_key: str) -> Any:
        if not isinstance(self.raw, Mapping):
            return self.raw
        own = self.raw.get("custom")
        if field_key.startswith(PREFIX) and isinstance(own, Mapping):
            return own.get(field_key.removeprefix(PREFIX))
        return self.raw.get(field_key)


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


def custom_fields() -> dict[str, Field | None]:
    """The fields the tenant added, by key; None for a retired one. One query."""
    return {row.key: None if row.retired_at else described(row) for row in all_fields()}


def _has_custom(lines: list[Line]) -> bool:
    return any(isinstance(line.raw, Mapping) and line.raw.get("custom") for line in lines)


def _read_line(
    target: Target, line: Line, fields: Mapping[str, Field], custom: Mapping[str, Field | None]
) -> None:
    if not isinstance(line.raw, Mapping):
        line.refuse(
            "", "wrong_type", f"{with_article(target.one)} is an object of fields and values."
        )
        return
    for name, value in line.raw.items():
        item = fields.get(name)
        if item is None:
            reason = f"{with_article(target.one)} has no field “{name}”."
            line.refuse(str(name), "unknown_field", reason)
            continue
        try:
            stored = item.read(value)
            if item.kind is Kind.CUSTOM:
                stored = _read_custom(line, stored or {}, custom)
        except Unfit as unfit:
            line.refuse(name, unfit.code, unfit.reason)
        else:
            line.values[name] = stored
    line.key = line.values.pop("external_id", "") or ""
    if not line.key and "external_id" not in line.raw:
        line.refuse("external_id", "missing", f"The {target.one} has no external id.")


def _read_custom(
    line: Line, given: dict[str, Any], custom: Mapping[str, Field | None]
) -> dict[str, Any]:
    """JSON-ready values by key; None clears one. Each is refused under its own name."""
    stored: dict[str, Any] = {}
    for key, value in given.items():
        field = custom.get(key)
        if field is None:
            is_retired = key in custom
            code = "retired_custom_field" if is_retired else "unknown_custom_field"
            line.refuse(named(str(key)), code, _no_field(str(key), is_retired=is_retired))
            continue
        try:
            read_value = field.read(value)
        except Unfit as unfit:
            line.refuse(named(key), unfit.code, unfit.reason)
        else:
            is_day = field.kind is Kind.DATE and read_value is not None
            stored[key] = read_value.isoformat() if is_day else read_value
    return stored


def _no_field(key: str, *, is_retired: bool) -> str:
    if is_retired:
        return f"The custom field “{key}” is retired. Bring it back in the settings first."
    return f"There is no custom field “{key}”. Add it in the settings first."
