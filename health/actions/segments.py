"""Which segment of the charter an account belongs to, judged on stored snapshots.

An account without a segment gets one each night. The others move on the first night of a quarter:
up at once, down only where they belonged lower a quarter ago too. A segment set by hand stays; what
the rules say of it is kept beside it.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.actions.segments import note_rules, place
from accounts.models import Account
from charter.models import Document
from health.queries.matching import matching
from health.queries.today import newest_day
from health.rules.conditions import BadCondition, parse
from health.rules.models import CUSTOMER_STAGES

QUARTER = timedelta(days=91)
QUARTER_STARTS = (1, 4, 7, 10)


def assign_segments(
    *, day: date, now: datetime, account_ids: Collection[UUID] | None = None
) -> int:
    """Place accounts by the charter in force, as known on a day. Returns how many changed."""
    chapter = Document.objects.filter(
        kind=Document.Kind.SEGMENTS, state=Document.State.PUBLISHED
    ).first()
    if chapter is None:
        return 0
    segments: list[dict[str, Any]] = chapter.body["segments"]
    touch = {segment["key"]: segment["touch_model"] for segment in segments}
    accounts = Account.objects.filter(archived_at=None, stage__in=CUSTOMER_STAGES)
    if account_ids is not None:
        accounts = accounts.filter(pk__in=account_ids)
    moves = (day + timedelta(days=1)).day == 1 and (day + timedelta(days=1)).month in QUARTER_STARTS
    _note_rules(chapter.body, accounts.exclude(segment_set_at=None), day)
    accounts = accounts.filter(segment_set_at=None)
    if not moves:
        accounts = accounts.exclude(segment__in=touch) | accounts.filter(touch_model="")
    standing = {
        pk: (segment, touch_model, is_strategic)
        for pk, segment, touch_model, is_strategic in accounts.values_list(
            "pk", "segment", "touch_model", "is_strategic"
        )
    }
    if not standing:
        return 0
    fits = _fitting(segments, day, standing)
    fitted = _fitting(segments, newest_day(day - QUARTER), standing) if moves else {}
    order = [segment["key"] for segment in segments]
    placed: dict[UUID, tuple[str, str]] = {}
    for pk, (segment, touch_model, is_strategic) in standing.items():
        wanted = chapter.body["strategic_segment"] if is_strategic else fits.get(pk, segment)
        if segment in touch:
            is_down = wanted in order and order.index(wanted) > order.index(segment)
            if not moves or (is_down and fitted.get(pk) != wanted):
                wanted = segment
        if wanted in touch and (wanted, touch[wanted]) != (segment, touch_model):
            placed[pk] = (wanted, touch[wanted])
    return place(segments=placed, now=now) if placed else 0


def _note_rules(body: dict[str, Any], accounts: QuerySet[Account], day: date) -> None:
    """What the rules say of accounts whose segment was set by hand."""
    held = dict(accounts.values_list("pk", "is_strategic"))
    if not held:
        return
    fits = _fitting(body["segments"], day, held)
    note_rules(
        segments={
            pk: body["strategic_segment"] if is_strategic else fits.get(pk, "")
            for pk, is_strategic in held.items()
        }
    )


def _fitting(segments: list[dict[str, Any]], day: date, among: Collection[UUID]) -> dict[UUID, str]:
    """The first segment whose condition each account meets. One query a segment."""
    fits: dict[UUID, str] = {}
    for segment in segments:
        try:
            condition = parse(segment["condition"])
        except BadCondition:  # a segment nobody can evaluate is assigned by hand
            continue
        for match in matching(condition, day, among):
            fits.setdefault(match.account_id, segment["key"])
    return fits
