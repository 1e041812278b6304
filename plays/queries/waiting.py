"""What waits for a person, in one number: for the rail of every page."""

from datetime import datetime

from django.db.models import Count, Min, Q

from plays.models import Task
from plays.queries.queue import open_now
from tenants.actor import Actor


def waiting(actor: Actor, now: datetime) -> tuple[int, datetime | None]:
    """How many open tasks a person has, and the nearest promised moment. One query."""
    mine = open_now(Task.objects.filter(owner_id=actor.user_id), now)
    found = mine.aggregate(n=Count("pk"), nearest=Min("due_at", filter=Q(has_clock=True)))
    return found["n"], found["nearest"]
