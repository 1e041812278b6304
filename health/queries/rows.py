"""Rows of the lists of accounts: filtered, counted, and paged by the last row seen."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Max, Q, QuerySet, Sum

from accounts.rules.names import normalised
from health.models import AccountRow
from health.queries.definitions import InForce, in_force
from health.queries.listed import Meets
from health.queries.own_fields import with_own
from health.rules.catalogue import DATES
from health.rules.lists import ANYBODY, MINE, NOBODY, NULLABLE, OWN_VALUE, PAGE, Asked
from health.rules.standing import conditions
from health.rules.tree import All, Compare, Condition, Is


class BadCursor(ValueError):
    """A place in a list that is none of ours."""


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the next ones; empty on the last page."""

    rows: list[AccountRow]
    after: str


@dataclass(frozen=True)
class Standing:
    """The standing lists as conditions over rows, by the definitions in force."""

    known: InForce
    of_kind: Mapping[str, Condition]
    today: date

    def where(self, kind: str) -> Meets:
        return Meets(self.of_kind[kind], self.today)


def standing(today: date) -> Standing:
    """The standing lists. One query."""
    known = in_force()
    return Standing(known, {key: known.of(each) for key, each in conditions().items()}, today)


def accounts_in_lists(*, after: UUID, limit: int) -> list[UUID]:
    """The next accounts behind an id that have a row, by id. One query."""
    found = AccountRow.objects.filter(account_id__gt=after).order_by("account_id")
    return list(found.values_list("account_id", flat=True)[:limit])


def rows_of(asked: Asked, *, me: UUID | None, lists: Standing) -> QuerySet[AccountRow]:
    """The rows that were asked for, in no order; archived accounts never."""
    rows = AccountRow.objects.filter(is_archived=False)
    if words := normalised(asked.q):
        rows = rows.filter(name_norm__contains=words)
    if parts := condition_of(asked, me, lists):
        rows = rows.filter(Meets(All(parts), lists.today, only_filters=True))
    return rows


def condition_of(asked: Asked, me: UUID | None, lists: Standing) -> tuple[Condition, ...]:
    """All that a list is asked beside the name, as parts of one condition."""
    parts: list[Condition] = [
        Is(name, "=", (value,))
        for name in ("segment", "stage", "band", "team")
        if (value := getattr(asked, name))
    ]
    if asked.kind:
        parts.append(lists.of_kind[asked.kind])
    if asked.owner != ANYBODY:
        owner = {MINE: me, NOBODY: None}.get(asked.owner, asked.owner)
        parts.append(Is("owner", "=", (str(owner or ""),)))
    if asked.renews is not None:
        ahead = DATES["renews_on"]
        parts += [Compare(ahead, ">=", 0), Compare(ahead, "<=", asked.renews)]
    if asked.tag:
        parts.append(Is("tags", "=", (asked.tag,)))
    parts += [lists.known.of(each) for each in asked.conditions]
    return tuple(parts)


def ordered(rows: QuerySet[AccountRow], asked: Asked) -> QuerySet[AccountRow]:
    """In the order asked for, what is not known last, then by account; with what is shown."""
    rows = with_own(rows, asked)
    column, down = asked.sort_column.sort, asked.is_descending
    if column in NULLABLE:
        known = F(column).desc(nulls_last=True) if down else F(column).asc(nulls_last=True)
        return rows.order_by(known, "-account_id" if down else "account_id")
    return rows.order_by(*(["-" + column, "-account_id"] if down else [column, "account_id"]))


def page_of(rows: QuerySet[AccountRow], asked: Asked, after: str = "", size: int = PAGE) -> Page:
    """A page of rows behind a cursor. One query. Raises BadCursor."""
    rows = ordered(rows, asked)
    if after:
        rows = rows.filter(_behind(asked, after))
    found = list(rows[: size + 1])
    more = cursor(asked, found[size - 1]) if len(found) > size else ""
    return Page(found[:size], more)


def cursor(asked: Asked, row: AccountRow) -> str:
    """After which row of which order to go on."""
    value = getattr(row, asked.sort_column.sort)
    plain = value.isoformat() if hasattr(value, "isoformat") else value
    told = json.dumps([asked.sort, plain, str(row.account_id)], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def totals(rows: QuerySet[AccountRow]) -> tuple[int, int, date | None]:
    """How many rows, their ARR in minor units, and the day of the newest score. One query."""
    found = rows.aggregate(n=Count("account_id"), arr=Sum("arr_minor"), day=Max("scored_on"))
    return found["n"], found["arr"] or 0, found["day"]


def _behind(asked: Asked, token: str) -> Q:
    column = asked.sort_column.sort
    field: Any = None if column == OWN_VALUE else AccountRow._meta.get_field(column)
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        sort, plain, plain_id = json.loads(told)
        value = plain if plain is None or field is None else field.to_python(plain)
        account_id = UUID(plain_id)
        if sort != asked.sort or "\x00" in str(plain) or (value is None and column not in NULLABLE):
            raise ValueError
    except (ValueError, TypeError, AttributeError, RecursionError, ValidationError):
        raise BadCursor("This place in the list is not known.") from None
    return beyond(asked, value, account_id)


def beyond(asked: Asked, value: Any, account_id: UUID) -> Q:
    """What stands behind a place of a list: the value it is sorted by there, and its account."""
    column, sign = asked.sort_column.sort, "lt" if asked.is_descending else "gt"
    later: dict[str, Any] = {f"account_id__{sign}": account_id}
    if value is None:
        return Q(**{f"{column}__isnull": True}, **later)
    behind = Q(**{f"{column}__{sign}": value}) | Q(**{column: value}, **later)
    if column in NULLABLE:
        return behind | Q(**{f"{column}__isnull": True})
    # The bound alone lets the index begin where the page begins.
    return Q(**{f"{column}__{sign}e": value}) & behind
