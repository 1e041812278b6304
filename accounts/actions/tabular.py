"""Lines laid out as the columns of their table."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db.models import Model

from accounts.actions import staging
from accounts.actions.reading import Line
from accounts.actions.staging import Column
from accounts.targets import Target
from tenants.models import Tenant
from tenants.scope import current_tenant_id


def columns_of(target: Target, lines: Collection[Line]) -> list[Column]:
    """The columns that any line has, each with a bit where some line lacks it."""
    columns: list[Column] = []
    lines_with = Counter(chain.from_iterable([line.values for line in lines]))
    sources = {item.stored_as: item.key for item in target.fields if item.key != "external_id"}
    sources |= {name: key for name, (key, _) in target.derived.items()}
    for name, key in sources.items():
        if not (having := lines_with[key]):
            continue
        model_field = staging.column_of(target.model, name)
        column = Column(
            name,
            staging.type_of(model_field),
            bit=0 if having == len(lines) else 1 << len(columns),
            merges=staging.is_merged(model_field),
        )
        columns.append(column)
    return columns


def rows_of(
    target: Target,
    columns: Collection[Column],
    lines: Collection[Line],
    empties: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    """Lines as rows of the columns: (n, id, external_id, has, values…)."""
    keys: dict[str, tuple[str, Any]] = {item.stored_as: (item.key, None) for item in target.fields}
    keys |= target.derived
    given = [line.values for line in lines]
    has = [0] * len(given)
    staged: list[Sequence[Any]] = []
    for column in columns:
        key, derive = keys[column.name]
        values = [each.get(key) for each in given]
        if derive is not None:
            values = list(map(derive, values))
        empty = empties[column.name]
        staged.append([empty if value is None else value for value in values])
        if column.bit:
            has = [h | column.bit * (key in each) for h, each in zip(has, given, strict=True)]
    heads = (
        [line.index for line in lines],
        [line.id for line in lines],
        [line.key for line in lines],
    )
    return list(zip(*heads, has, *staged, strict=True))


def empties_of(model: type[Model]) -> dict[str, Any]:
    """What stands in each column while its field is empty: null where it may, else the default.

    Amounts without a currency are in the tenant's. One query, where there are amounts.
    """
    empties: dict[str, Any] = {}
    for model_field in model._meta.concrete_fields:
        is_null = model_field.null and not model_field.has_default()
        empties[str(model_field.column)] = None if is_null else model_field.get_default()
    if "currency" in empties:
        tenants = Tenant.objects.filter(pk=current_tenant_id())
        empties["currency"] = tenants.values_list("currency", flat=True).get()
    return empties
