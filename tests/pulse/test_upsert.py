"""Tickets, answers, invoices and activities, brought in by the same door as accounts."""

from typing import Any

import pytest

from accounts.actions.upsert import upsert
from accounts.targets import TARGETS
from pulse.models import Activity, SurveyAnswer, Ticket
from tenants.models import Tenant
from tests import make

pytestmark = pytest.mark.django_db
AT = "2026-11-03T08:00:00Z"


def bring(key: str, *rows: dict[str, Any], source: str = "desk") -> Any:
    return upsert(TARGETS[key], rows, source=source, now=make.NOW)


def codes(outcome: Any) -> list[tuple[int, str]]:
    return [(refusal.index, refusal.code) for refusal in outcome.refusals]


def test_a_ticket_is_known_by_its_key_and_changes_in_place(inside: Tenant):
    make.account(external_id="A1")
    first = bring("tickets", {"external_id": "T1", "account": "A1", "opened_at": AT})
    bring("tickets", {"external_id": "T1", "status": "Resolved", "resolved_at": AT})
    ticket = Ticket.objects.get()
    assert (ticket.pk, ticket.status, ticket.priority) == (first.rows[0].id, "resolved", 3)


def test_moments_say_their_zone_and_follow_each_other(inside: Tenant):
    make.account(external_id="A1")
    row = {"account": "A1", "opened_at": AT}
    outcome = bring(
        "tickets",
        row | {"external_id": "T1", "opened_at": "2026-11-03T08:00:00"},
        row | {"external_id": "T2", "resolved_at": "2026-11-03T08:59:00+01:00"},
        row | {"external_id": "T3", "opened_at": "yesterday"},
        row | {"external_id": "T4", "priority": 5},
    )
    assert codes(outcome) == [
        (0, "no_time_zone"),
        (1, "resolved_before_opened"),
        (2, "not_a_moment"),
        (3, "out_of_range"),
    ]


@pytest.mark.case("E19")
def test_answers_keep_to_the_scale_of_their_kind(inside: Tenant):
    person = make.contact(make.account(external_id="A1"), external_id="P1")
    row = {"account": "A1", "answered_at": AT}
    outcome = bring(
        "answers",
        row | {"external_id": "S1", "kind": "nps", "score": 0, "contact": "P1"},
        row | {"external_id": "S2", "kind": "csat", "score": 6},
        row | {"external_id": "S3", "kind": "ces", "score": 0},
        {"external_id": "S4", "kind": "nps", "score": 9, "answered_at": AT},
    )
    assert codes(outcome) == [(1, "off_the_scale"), (2, "off_the_scale")]
    assert SurveyAnswer.objects.get(external_id="S1").contact == person
    assert SurveyAnswer.objects.get(external_id="S4").account is None


def test_an_activity_names_everybody_who_took_part(inside: Tenant):
    account = make.account(external_id="A1")
    people = [make.contact(account, external_id=f"P{n}") for n in range(2)]
    row = {"external_id": "E1", "account": "A1", "kind": "call", "at": AT}
    outcome = bring(
        "activities",
        row | {"contacts": ["P0", "P1"]},
        row | {"external_id": "E2", "contacts": ["P9"]},
    )
    assert codes(outcome) == [(1, "unknown_contact")]
    assert Activity.objects.get().contact_ids == [person.pk for person in people]
