"""A waiver that ends: one task for what is still missing, and the handoff says it is overdue."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from charter.actions import publish
from charter.queries import in_force
from journeys.actions.handoff_answers import accept_handoff, return_handoff, waive_item
from journeys.actions.handoffs import save_handoff
from journeys.actions.repairs import miss_repair
from journeys.models import Handoff
from journeys.queries.handoffs import cases
from plays.models import Task
from tenants import jobs
from tenants.actor import Actor
from tenants.models import DueJob, Job, Membership, TrailEntry
from tenants.scope import act_for
from tenants.timeline import told
from tests.journeys.conftest import Deal
from tests.journeys.test_actions import submitted
from tests.make import NOW

OVER = NOW + timedelta(hours=48)


@pytest.fixture(autouse=True)
def inside_deal(request: pytest.FixtureRequest) -> Iterator[None]:
    """Inside the tenant, unless committed rows are wanted."""
    if "transactional_db" in request.fixturenames:
        yield
        return
    with act_for(request.getfixturevalue("deal").tenant.pk):
        yield


def waived(deal: Deal, *, is_accepted: bool = True) -> Handoff:
    handoff = submitted(deal, discount="")
    handoff = waive_item(handoff=handoff, actor=deal.manager.user, now=NOW, reason="Legal")
    if is_accepted:
        handoff = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    return handoff


def missed(handoff: Handoff, now: datetime = OVER) -> bool:
    assert handoff.waiver_until is not None
    return miss_repair(handoff_id=handoff.pk, until=handoff.waiver_until, now=now)


def test_what_is_still_missing_becomes_one_task_of_the_seller(deal: Deal):
    handoff = waived(deal)
    assert not missed(handoff, OVER - timedelta(seconds=1))
    assert missed(handoff) and not missed(handoff)
    task = Task.objects.get()
    assert (task.owner, task.priority, task.has_clock) == (deal.seller.user, 1, True)
    assert task.title == "Add to the handoff: the discount and when it ends, or “none”"
    # over on Saturday: eight business hours end on Monday at 17:00 in Berlin
    assert task.due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    entry = TrailEntry.objects.get(verb="journeys.handoff_repair_missed")
    assert entry.facts["item"] == "discount"


def test_a_waiver_before_acceptance_ends_as_well(deal: Deal):
    assert missed(waived(deal, is_accepted=False))


def test_what_was_added_or_returned_in_time_is_left_alone(deal: Deal):
    handoff = waived(deal)
    save_handoff(
        handoff=handoff, actor=deal.seller.user, now=NOW, seen_version=handoff.version,
        given={"discount": "none"},
    )  # fmt: skip
    assert not missed(handoff)
    assert not Task.objects.exists()


def test_a_return_drops_the_task_and_adding_finishes_it(deal: Deal):
    handoff = waived(deal, is_accepted=False)
    assert missed(handoff)
    return_handoff(handoff=handoff, actor=deal.csm.user, now=OVER, gaps=["the discount"])
    assert Task.objects.get().state == "dropped"


def test_adding_it_late_finishes_the_task(deal: Deal):
    handoff = waived(deal)
    assert missed(handoff)
    (case,) = cases([Handoff.objects.select_related("account").get(pk=handoff.pk)], OVER)
    assert case.is_overdue
    save_handoff(
        handoff=handoff, actor=deal.seller.user, now=OVER, seen_version=handoff.version,
        given={"discount": "none"},
    )  # fmt: skip
    task = Task.objects.get()
    assert (task.state, task.closed_by) == ("done", deal.seller.user)
    (case,) = cases([Handoff.objects.select_related("account").get(pk=handoff.pk)], OVER)
    assert not case.is_overdue


def test_saving_the_handoff_does_not_finish_the_task_while_spiced_is_below_its_minimum(deal: Deal):
    handoff = submitted(deal)
    stricter(deal)
    waive_item(handoff=handoff, actor=deal.manager.user, now=NOW, reason="Soon")
    handoff = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    assert handoff.waived_item == "spiced" and missed(handoff)
    handoff.refresh_from_db()
    save_handoff(
        handoff=handoff, actor=deal.seller.user, now=OVER, seen_version=handoff.version, given={}
    )
    assert Task.objects.get().state == "open"


def test_the_task_is_nobodys_who_left(deal: Deal):
    handoff = waived(deal)
    Membership.objects.filter(user=deal.seller.user).update(ended_at=NOW)
    assert missed(handoff)
    assert Task.objects.get().owner == deal.csm.user


def test_a_waiver_that_ran_when_its_end_was_not_watched_yet_gets_its_task(
    transactional_db: None, deal: Deal
):
    migration = import_module("journeys.migrations.0004_watch_waivers_that_run")
    with act_for(deal.tenant.pk):
        waived(deal)
        Job.objects.all().delete()
        DueJob.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(migration.WATCH)
            cursor.execute(migration.WATCH)
        job = Job.objects.get(kind="journeys.waiver")
        assert DueJob.objects.get().due_at == job.due_at == OVER
    assert jobs.run(deal.tenant.pk, job.pk, clock=lambda: OVER)
    with act_for(deal.tenant.pk):
        assert Task.objects.count() == 1


def test_the_end_of_a_waiver_is_told_by_the_day_of_the_tenant():
    facts = {"label": "the discount", "until": "2026-11-21T23:30:00+00:00"}
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert "22 Nov" in told("journeys.handoff_waived", facts, "Lena Fox").title
    assert told("journeys.handoff_waived", {"label": "it"}, "Lena Fox").title.endswith("waived it")


def test_a_worker_that_was_down_catches_up_and_works_once(transactional_db: None, deal: Deal):
    with act_for(deal.tenant.pk):
        waived(deal)
        job = Job.objects.get(kind="journeys.waiver")
    assert job.due_at == OVER
    late = OVER + timedelta(days=3)
    assert jobs.run(deal.tenant.pk, job.pk, clock=lambda: late)
    assert not jobs.run(deal.tenant.pk, job.pk, clock=lambda: late)
    with act_for(deal.tenant.pk):
        assert Task.objects.count() == 1


def test_the_time_is_what_the_charter_promises_and_a_date_given_stays(deal: Deal):
    handoff = waived(deal, is_accepted=False)
    body = copy.deepcopy(in_force("promises").body)
    for each in body["promises"]:
        if each["key"] == "handoff_repair":
            each |= {"hours": 4, "clock": "business"}
    publish(kind="promises", body=body, note="", seen_version=1, author=deal.manager.user, now=NOW)
    handoff.refresh_from_db()
    assert handoff.waiver_until == OVER
    again = waive_item(handoff=handoff, actor=deal.manager.user, now=NOW, reason="Less")
    assert again.waiver_until == NOW + timedelta(hours=4)


def stricter(deal: Deal) -> None:
    body = copy.deepcopy(in_force("segments").body)
    for model in body["touch_models"].values():
        model["spiced"] = {"total": 15, "each": 3, "letters": ["S", "P", "I", "CE", "D"]}
    publish(kind="segments", body=body, note="", seen_version=1, author=deal.manager.user, now=NOW)


def test_the_minimum_is_the_charters_and_what_was_accepted_keeps_its_own(deal: Deal):
    handoff = submitted(deal)
    accepted = accept_handoff(handoff=handoff, actor=deal.csm.user, now=NOW)
    assert accepted.minima_version == 1
    stricter(deal)
    (case,) = cases([Handoff.objects.select_related("account").get(pk=handoff.pk)], NOW)
    assert "spiced" not in case.judgement.missing and case.minima_version == 1
    Handoff.objects.filter(pk=handoff.pk).update(minima_version=None, state="submitted")
    (case,) = cases([Handoff.objects.select_related("account").get(pk=handoff.pk)], NOW)
    assert "spiced" in case.judgement.missing and case.minima_version == 2


def test_the_page_says_what_is_overdue_and_which_version_judged(
    deal: Deal, sign_in: Callable[[Actor], Client]
):
    handoff = waived(deal)
    past = NOW - timedelta(days=2)
    Handoff.objects.filter(pk=handoff.pk).update(waiver_until=past)
    miss_repair(handoff_id=handoff.pk, until=past, now=NOW)
    stricter(deal)
    seller = sign_in(deal.seller)
    page = seller.get(f"/acme/handoffs/{handoff.pk}/").text
    assert "Overdue since" in page and "has a task to add it" in page
    assert "So version 1 of the" in page
    assert "waiver overdue" in seller.get("/acme/handoffs/?state=late").text
