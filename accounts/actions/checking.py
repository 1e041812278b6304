"""What a line must have, and what its fields must be to each other, before it is stored."""

from typing import Any
from uuid import UUID

from accounts.actions.reading import Line
from accounts.targets import Target


def check(target: Target, lines: list[Line]) -> None:
    """Refuse lines that lack something or contradict themselves. At most one query."""
    _refuse_missing(target, lines)
    stored = _stored(target, lines) if target.checks else {}
    for line in lines if target.checks else ():
        if line.refusals:
            continue
        values = stored.get(line.id, {}) | line.values
        for condition in target.checks:
            if any(key in line.values for key in condition.needs) and not condition.holds(values):
                line.refuse(condition.field, condition.code, condition.reason(values))


def _refuse_missing(target: Target, lines: list[Line]) -> None:
    new = [line for line in lines if not line.refusals and not line.is_known]
    for described in target.fields:
        if not described.required or described.key == "external_id":
            continue
        for line in new:
            if line.values.get(described.key) is None:
                reason = f"A new {target.one} needs a value for “{described.label}”."
                line.refuse(described.key, "missing", reason)


def _stored(target: Target, lines: list[Line]) -> dict[Any, dict[str, Any]]:
    """What known rows hold in fields that a check needs and their line leaves alone."""
    needed = {key for condition in target.checks for key in condition.needs}
    partial: list[UUID] = [
        line.id
        for line in lines
        if line.id and line.is_known and not line.refusals
        if 0 < len(needed & line.values.keys()) < len(needed)
    ]
    if not partial:
        return {}
    rows: Any = target.model._default_manager.filter(pk__in=partial)
    return {row.pop("pk"): row for row in rows.values("pk", *needed)}
