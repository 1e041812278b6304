"""Support cases against the target of their priority, and what people answered in surveys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Account
from charter.queries import calendar
from charter.rules.calendar import Calendar
from pulse.models import SurveyAnswer, Ticket
from tenants.access import TenantRequest

MOST = 100
URGENT = timedelta(hours=8)  # by the clock; operating model, open tickets beyond target
TARGET_HOURS = {2: 16, 3: 40}  # business hours
LOWEST = 80


@dataclass(frozen=True)
class Case:
    """A ticket and how it stands against the target of its priority."""

    ticket: Ticket
    due_at: datetime
    standing: str
    tone: str


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """Open cases first, then the newest; the answers with their mean."""
    now, hours = timezone.now(), calendar()
    tickets = Ticket.objects.filter(account=account)
    newest = list(tickets.order_by("-opened_at", "-id")[:MOST])
    cases = [_case(ticket, hours, now) for ticket in newest]
    answers = SurveyAnswer.objects.filter(account=account).select_related("contact")
    return {
        "cases": sorted(cases, key=lambda case: case.ticket.resolved_at is not None),
        "n_tickets": tickets.count() if len(newest) == MOST else len(newest),
        "n_open": sum(case.ticket.resolved_at is None for case in cases),
        "n_late": sum(case.tone == "risk" for case in cases if not case.ticket.resolved_at),
        "answers": list(answers.order_by("-answered_at", "-id")[:MOST]),
    }


def _case(ticket: Ticket, hours: Calendar, now: datetime) -> Case:
    if ticket.priority == 1:
        due_at = ticket.opened_at + URGENT
    else:
        due_at = hours.add_hours(ticket.opened_at, TARGET_HOURS.get(ticket.priority, LOWEST))
    if ticket.resolved_at is not None:
        is_late = ticket.resolved_at > due_at
        return Case(ticket, due_at, "after target" if is_late else "within target", "line")
    if ticket.status == "waiting":
        return Case(ticket, due_at, "waits for the account", "line")
    if now > due_at:
        return Case(ticket, due_at, "beyond target", "risk")
    is_close = due_at - now < timedelta(hours=24)
    return Case(
        ticket,
        due_at,
        "target is close" if is_close else "within target",
        "watch" if is_close else "good",
    )
