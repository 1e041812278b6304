"""What the charter calls at risk, as a condition over the rows of lists."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from charter.models import Document
from health.queries.matching import matching
from health.queries.today import newest_day
from health.rules.conditions import All, Compare, Condition, Is, Not, Some, parse
from health.rules.sentences import sentence

OPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "=": "exact"}
NUMBERS = {
    "score": "score",
    "coverage": "coverage",
    "score_change_28": "change_28",
    "arr": "arr_minor",
}
COUNTDOWNS = {"days_to_renewal": "renews_on", "days_to_critical_event": "event_on"}
FIELDS = {"band": "band", "segment": "segment", "stage": "stage"}
RED = {"field": "band", "op": "=", "value": "red"}


class NotOnTheRow(Exception):
    """The condition reads something that rows of lists do not hold."""


@dataclass(frozen=True)
class Definition:
    """A definition in force: its words, and which rows it holds for."""

    sentence: str
    version: int | None
    where: Q


def at_risk(today: date) -> Definition:
    """The charter's definition of at risk; red, where the charter has none.

    One query, and two more where the condition reads more than rows hold: then the newest
    snapshots are matched, those of yesterday until the night has opened today.
    """
    document = Document.objects.filter(
        kind=Document.Kind.DEFINITIONS, state=Document.State.PUBLISHED
    ).first()
    found = document.body["definitions"] if document else []
    body = next((each["condition"] for each in found if each["key"] == "at_risk"), RED)
    condition = parse(body)
    try:
        where = over_rows(condition, today)
    except NotOnTheRow:
        day = newest_day(today)
        where = Q(account_id__in=[match.account_id for match in matching(condition, day)])
    return Definition(sentence(condition), document.version if document else None, where)


def over_rows(condition: Condition, today: date) -> Q:
    """The condition over AccountRow as of today. Raises NotOnTheRow."""
    match condition:
        case All(parts):
            where = Q()
            for part in parts:
                where &= over_rows(part, today)
            return where
        case Some(parts):
            where = over_rows(parts[0], today)
            for part in parts[1:]:
                where |= over_rows(part, today)
            return where
        case Not(part):
            return ~over_rows(part, today)
        case Compare():
            return _compared(condition, today)
        case Is(field, op, values) if field in FIELDS:
            where = Q(**{f"{FIELDS[field]}__in": values})
            return where if op in ("=", "in") else ~where
    raise NotOnTheRow(type(condition).__name__)


def _compared(condition: Compare, today: date) -> Q:
    if condition.op not in OPS:
        raise NotOnTheRow(condition.op)
    if condition.key in NUMBERS:
        return Q(**{f"{NUMBERS[condition.key]}__{OPS[condition.op]}": condition.value})
    if condition.key in COUNTDOWNS and condition.value.is_integer():
        day = today + timedelta(days=int(condition.value))
        return Q(**{f"{COUNTDOWNS[condition.key]}__{OPS[condition.op]}": day})
    raise NotOnTheRow(condition.key)
