"""Rows of lists as their template prints them: every text ready, so that fifty rows stay quick."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.rules.custom import in_words
from bowtie.rules.stages import LABELS, Stage
from health.models import AccountRow
from health.rules.lists import Asked, Column
from health.views.listing import PLACE, account_url
from tenants import formats
from tenants.actor import Actor
from tenants.roles import Can

SOON_DAYS = 60


def shown(
    rows: Iterable[AccountRow],
    today: date,
    actor: Actor,
    segments: Mapping[str, str],
    own: Sequence[Column] = (),
    suffix: str = "",
) -> list[dict[str, Any]]:
    """What the table prints of each row; `start` where the actor may start a play there.

    segments: what to call them. own: the columns of the tenant's own fields. suffix: what links
    to accounts carry of the list.
    """
    page, peek = account_url(), account_url("health:peek")
    urls = (page and page + suffix, peek + suffix, account_url("plays:start"))
    return [
        _shown(row, today, actor, *urls)
        | {"segment": _segment(row, segments)}
        | {column.key: _own(row, column, today) for column in own}
        for row in rows
    ]


def _segment(row: AccountRow, segments: Mapping[str, str]) -> str:
    """The segment by name, with what the rules would say of one set by hand."""
    named = segments.get(row.segment, row.segment)
    ruled = segments.get(row.segment_by_rule, row.segment_by_rule)
    return f"{named} (rule: {ruled})" if ruled and ruled != named else named


def _own(row: Any, column: Column, today: date) -> dict[str, str]:
    """A value of the tenant's own field, in words and as its column has it."""
    value = row.own_fields.get(column.own_key)
    return {"words": in_words(column.kind, value, today), "cls": column.cls}


def _shown(
    row: AccountRow, today: date, actor: Actor, page: str, peek: str, start: str
) -> dict[str, Any]:
    pk = str(row.account_id)
    may_start = actor.covers(Can.WORK_TASKS, owner_id=row.owner_id, team=row.team)
    renews_in = (row.renews_on - today).days if row.renews_on else None
    return {
        "pk": pk,
        "url": (page or peek).replace(PLACE, pk),
        "peek": peek.replace(PLACE, pk),
        "name": row.name,
        "arr": formats.money_short(row.arr_minor, row.currency),
        "score": None if row.score is None else round(row.score),
        "band": row.band,
        "change": None if row.change_28 is None else round(row.change_28),
        "spark": spark(row.spark),
        "reason": row.reason,
        "spiced": row.spiced,
        "event": f"{formats.day(row.event_on, today)}, {row.event_text}" if row.event_on else "",
        "event_tone": _event_tone(row, today),
        "renews": formats.day(row.renews_on, today) if row.renews_on else "",
        "renews_tone": _renewal_tone(renews_in),
        "next": row.next_step,
        "next_on": _local_day(row.next_step_at, today) if row.next_step_at else "",
        "start": start.replace(PLACE, pk) if may_start else "",
        "stage": LABELS.get(Stage(row.stage), row.stage) if row.stage in LABELS else row.stage,
        "owner": row.owner_name,
        "team": row.team,
        "plays": row.open_plays or "",
        "touch": formats.day(row.last_touch_on, today) if row.last_touch_on else "never",
        "coverage": formats.rate(row.coverage, 0),
    }


def _local_day(moment: datetime, today: date) -> str:
    return formats.day(timezone.localdate(moment), today)


def spark(text: str) -> list[float | None]:
    """Weekly scores as the row holds them: "66,,41"."""
    return [float(part) if part else None for part in text.split(",")] if text else []


def exported(rows: Iterable[AccountRow], asked: Asked) -> Iterable[list[Any]]:
    """Rows as a file holds them: plain values, money in major units."""
    columns = [asked.column(key) for key in asked.columns]
    for row in rows:
        plain = (_plain(row, column) for column in columns)
        yield [str(row.account_id), *plain, row.band, row.currency]


def _plain(row: Any, column: Column) -> Any:
    if column.own_key:
        value = row.own_fields.get(column.own_key)
        return ("yes" if value else "no") if isinstance(value, bool) else value
    match column.key:
        case "name":
            return row.name
        case "arr":
            return row.arr_minor / 10 ** formats.exponent(row.currency)
        case "health":
            return None if row.score is None else round(row.score, 1)
        case "spark":
            return row.spark
        case "spiced":
            return row.spiced
        case "event":
            return f"{row.event_on or ''} {row.event_text}".strip()
        case "next":
            return row.next_step
        case _:
            return getattr(row, column.sort)


def _event_tone(row: AccountRow, today: date) -> str:
    if row.event_on is None or (row.event_on - today).days > SOON_DAYS:
        return ""
    return "risk" if row.event_on < today else "watch"


def _renewal_tone(days: int | None) -> str:
    if days is None or days > SOON_DAYS:
        return ""
    return "risk" if days < SOON_DAYS / 2 else "watch"


def named(rows: Iterable[AccountRow]) -> list[dict[str, Any]]:
    """Rows as short lists name them."""
    page = account_url() or account_url("health:peek")
    return [
        {
            "name": row.name,
            "url": page.replace(PLACE, str(row.account_id)),
            "arr": formats.money_short(row.arr_minor, row.currency),
            "score": None if row.score is None else round(row.score),
            "band": row.band,
            "reason": row.reason,
        }
        for row in rows
    ]
