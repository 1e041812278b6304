"""Lines of the day's queue as they are drawn: every text ready, so that a hundred stay quick."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from plays.queries.queue import Item
from plays.rules.queueing import Group
from tenants import formats

HOT = timedelta(hours=4)
PLACE = "00000000-0000-0000-0000-000000000000"


def lines(
    items: list[Item], who: str, selected: Item | None, now: datetime, day: date
) -> list[dict[str, Any]]:
    """What the queue draws of each item. who: whose queue it is, empty for one's own."""
    kept = urlencode({"who": who}) if who else ""
    select = f"{reverse('plays:today')}?item={PLACE}{'&' if kept else ''}{kept}"
    peek = reverse("plays:item", args=[PLACE]) + ("?" if kept else "") + kept
    current = selected.task.pk if selected else None
    return [
        _line(each, now, day)
        | {
            "url": select.replace(PLACE, str(each.task.pk)),
            "peek": peek.replace(PLACE, str(each.task.pk)),
            "is_current": each.task.pk == current,
            "owner": (str(each.task.owner or "nobody’s")) if who else "",
        }
        for each in items
    ]


def _line(each: Item, now: datetime, day: date) -> dict[str, Any]:
    task, account, row = each.task, each.account, each.row
    due, tone = _due(each, now, day)
    why = task.reason
    if task.run and why:
        why = f"{formats.day(task.run.started_at.astimezone(now.tzinfo).date(), day)}: {why}"
    return {
        "title": task.title,
        "name": account.name if account else "",
        "arr": formats.money_short(account.arr_minor, account.currency) if account else "",
        "why": why,
        "has_row": row is not None,
        "score": row.score if row else None,
        "band": row.band if row else "",
        "due": due,
        "tone": tone,
    }


def _due(each: Item, now: datetime, day: date) -> tuple[str, str]:
    """When it is due, and how pressing: a clock counts, other days are named."""
    due_at = each.task.due_at
    if due_at is None:
        return "Any time", ""
    if due_at < now:
        return "Late", "hot"
    if each.group is Group.CLOCK:
        return formats.duration(due_at - now), "hot" if due_at - now < HOT else "warm"
    on = due_at.astimezone(now.tzinfo).date()
    return ("Today", "") if on <= day else (formats.weekday(on, day), "")
