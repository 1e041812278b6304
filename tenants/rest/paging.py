"""Pages of a list without counting it: the cursor says after which row to go on."""

import base64
import json
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


@dataclass(frozen=True)
class Page:
    """Some rows, and the address of the next ones where there are more."""

    rows: list[Any]
    next: str | None


def page(request: Request, rows: QuerySet[Any], *, sort: str = "id") -> Page:
    """The rows of `?limit=` and `?cursor=`, ordered by a column that is never null, then by id.

    sort: a column of the model, with a minus for the largest first. One query.
    """
    limit, (column, sign) = _limit(request), _column(sort)
    order = [sort] if column == "id" else [sort, f"{sign}id"]
    if token := request.query_params.get("cursor", ""):
        rows = rows.filter(_after(rows, sort, token))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    query = request.query_params.copy()
    query["cursor"] = encode(sort, getattr(last, column), last.pk)
    address = request.build_absolute_uri(f"{request._request.path}?{urlencode(_flat(query))}")
    return Page(found[:limit], address)


def encode(sort: str, value: Any, pk: Any) -> str:
    """An opaque cursor: after which row of which order."""
    plain = value.isoformat() if hasattr(value, "isoformat") else str(value)
    told = json.dumps([sort, plain, str(pk)], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _after(rows: QuerySet[Any], sort: str, token: str) -> Q:
    """The condition for rows behind a cursor. Raises ValidationError for one we never gave."""
    (column, sign), fields = _column(sort), rows.model._meta
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        of_sort, plain, plain_id = json.loads(told)
        if of_sort != sort or not isinstance(plain, str) or not isinstance(plain_id, str):
            raise ValueError
        value = fields.get_field(column).to_python(plain)
        last_id = fields.get_field("id").to_python(plain_id)
        if b"\x00" in plain.encode():
            raise ValueError
    except (ValueError, TypeError, RecursionError, BadValue, FieldDoesNotExist):
        raise ValidationError({"cursor": ["Not a cursor of this list."]}) from None
    way = "lt" if sign else "gt"
    if column == "id":
        return Q(**{f"id__{way}": last_id})
    behind = Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"id__{way}": last_id})
    return Q(**{f"{column}__{way}e": value}) & behind


def _column(sort: str) -> tuple[str, str]:
    return sort.lstrip("-"), "-" if sort.startswith("-") else ""


def _limit(request: Request) -> int:
    told = request.query_params.get("limit", str(USUAL))
    if not (told.isascii() and told.isdigit() and 1 <= int(told[:9]) <= MOST):
        raise ValidationError({"limit": [f"A number from 1 to {MOST}."]})
    return int(told)


def _flat(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
