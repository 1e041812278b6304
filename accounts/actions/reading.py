"""Rows from outside made into lines that can be stored, or refused with a reason."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.queries.custom import all_fields, described
from accounts.rules.at_once import read_all
from accounts.rules.custom import PREFIX, named
from accounts.rules.fields import Field, Kind, Unfit
from accounts.rules.outcome import Refusal
from accounts.targets import Target
from tenants.formats import with_article

UNREAD = object()


@dataclass(slots=True)
class Line:
    """One row on its way: the fields it has, as they will be stored, and why it is refused."""

    index: int
    raw: Mapping[str, Any]
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    id: UUID | None = None
    is_known: bool = False
    refusals: Sequence[Refusal] = ()

    def refuse(self, field_key: str, code: str, reason: str) -> None:
        refusal = Refusal(self.index, field_key, self._sent(field_key), code, reason)
        self.refusals = (*self.refusals, refusal)

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
    custom = custom_fields() if "custom" in target.by_key and _has_custom(lines) else {}
    for names, alike in _by_names(target, lines).items():
        _read_alike(target, names, alike, custom)
    times = Counter([line.key for line in lines if line.key])
    for line in lines if len(times) < len(lines) else ():
        if (count := times[line.key]) > 1:
            reason = f"The external id “{line.key}” stands {count} times in this batch."
            line.refuse("external_id", "repeated", reason)
    return lines


def custom_fields() -> dict[str, Field | None]:
    """The fields the tenant added, by key; None for a retired one. One query."""
    return {row.key: None if row.retired_at else described(row) for row in all_fields()}


def _has_custom(lines: list[Line]) -> bool:
    return any(isinstance(line.raw, Mapping) and line.raw.get("custom") for line in lines)


def _by_names(target: Target, lines: Iterable[Line]) -> dict[tuple[str, ...], list[Line]]:
    """Lines that name the same fields in the same order, which is most often all of them."""
    alike: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        if isinstance(line.raw, Mapping):
            alike.setdefault(tuple(line.raw), []).append(line)
        else:
            reason = f"{with_article(target.one)} is an object of fields and values."
            line.refuse("", "wrong_type", reason)
    return alike


def _read_alike(
    target: Target,
    names: tuple[str, ...],
    lines: list[Line],
    custom: Mapping[str, Field | None],
) -> None:
    """Read lines field by field: at once where all values fit, else each to say what does not."""
    columns: dict[str, Sequence[Any]] = {}
    for name in names:
        item = target.by_key.get(name)
        if item is None:
            reason = f"{with_article(target.one)} has no field “{name}”."
            for line in lines:
                line.refuse(str(name), "unknown_field", reason)
            continue
        columns[name] = _read_column(item, lines)
        if item.kind is Kind.CUSTOM:
            pairs = zip(lines, columns[name], strict=True)
            columns[name] = [
                UNREAD if given is UNREAD else _read_custom(line, given or {}, custom)
                for line, given in pairs
            ]
    keys = columns.pop("external_id", None) or [""] * len(lines)
    for line, key, *values in zip(lines, keys, *columns.values(), strict=True):
        line.key = "" if key is UNREAD else key
        line.values = dict(zip(columns, values, strict=True))
        if line.refusals:
            line.values = {
                name: value for name, value in line.values.items() if value is not UNREAD
            }
    if "external_id" not in names:
        for line in lines:
            line.refuse("external_id", "missing", f"The {target.one} has no external id.")


def _read_column(item: Field, lines: Collection[Line]) -> Sequence[Any]:
    """What a field is read as in each line; UNREAD in those it is refused in."""
    values = [line.raw[item.key] for line in lines]
    try:
        return read_all(item, values)
    except Unfit:
        return [_read_one(item, line, value) for line, value in zip(lines, values, strict=True)]


def _read_one(item: Field, line: Line, value: Any) -> Any:
    try:
        return item.read(value)
    except Unfit as unfit:
        line.refuse(item.key, unfit.code, unfit.reason)
        return UNREAD


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
