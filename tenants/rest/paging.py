"""Pages of a list without counting it: the cursor says after which row to go on."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as BadValue
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

USUAL = 100
MOST = 500
Sort = str | Sequence[str]


@dataclass(frozen=True)
class Page:
    """Some rows, and the address of the next ones where there are more."""

    rows: list[Any]
    next: str | None


def page(request: Request, rows: QuerySet[Any], *, sort: Sort = "id") -> Page:
    """The rows of `?limit=` and `?cursor=`, in an order in which no two rows are equal.

    sort: a column that is never null, with a minus for the largest first; rows that are equal in
    it follow by id. Or several such columns that name a row together. One query.
    """
    limit, (columns, sign) = _limit(request), _columns(sort)
    if token := request.query_params.get("cursor", ""):
        rows = rows.filter(_after(rows, sort, token))
    found = list(rows.order_by(*(f"{sign}{column}" for column in columns))[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    query = request.query_params.copy()
    query["cursor"] = encode(sort, [getattr(last, column) for column in columns])
    address = request.build_absolute_uri(f"{request._request.path}?{urlencode(_flat(query))}")
    return Page(found[:limit], address)


def encode(sort: Sort, values: Sequence[Any]) -> str:
    """An opaque cursor: after which row of which order."""
    plain = [v.isoformat() if hasattr(v, "isoformat") else str(v) for v in values]
    told = json.dumps([_named(sort), *plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _after(rows: QuerySet[Any], sort: Sort, token: str) -> Q:
    """The condition for rows behind a cursor. Raises ValidationError for one we never gave."""
    (columns, sign), fields = _columns(sort), rows.model._meta
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        of_sort, *plain = json.loads(told)
        if of_sort != _named(sort) or len(plain) != len(columns):
            raise ValueError
        values: list[Any] = []
        for column, text in zip(columns, plain, strict=True):
            if not isinstance(text, str) or b"\x00" in text.encode():
                raise ValueError
            values.append(fields.get_field(column).to_python(text))
    except (ValueError, TypeError, RecursionError, BadValue, FieldDoesNotExist):
        raise ValidationError({"cursor": ["Not a cursor of this list."]}) from None
    way = "lt" if sign else "gt"
    behind, same = Q(), Q()
    for column, value in zip(columns, values, strict=True):
        behind |= same & Q(**{f"{column}__{way}": value})
        same &= Q(**{column: value})
    if len(columns) == 1:
        return behind
    return Q(**{f"{columns[0]}__{way}e": values[0]}) & behind


def _columns(sort: Sort) -> tuple[list[str], str]:
    """The columns of an order that no two rows share, and the sign of its direction."""
    names = [sort] if isinstance(sort, str) else list(sort)
    sign = "-" if names[0].startswith("-") else ""
    columns = [name.lstrip("-") for name in names]
    return ([*columns, "id"] if isinstance(sort, str) and columns != ["id"] else columns), sign


def _named(sort: Sort) -> str:
    return sort if isinstance(sort, str) else ",".join(sort)


def _limit(request: Request) -> int:
    told = request.query_params.get("limit", str(USUAL))
    if not (told.isascii() and told.isdigit() and 1 <= int(told[:9]) <= MOST):
        raise ValidationError({"limit": [f"A number from 1 to {MOST}."]})
    return int(told)


def _flat(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
