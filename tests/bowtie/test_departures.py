"""Stages follow the ARR ledger: who leaves is churned, who is back goes on or begins anew."""

from datetime import date, datetime, time, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.revenue import keep_ledger
from accounts.actions.upsert import bring_in
from accounts.models import Account, ArrMovement
from accounts.targets import CONTRACTS
from bowtie.actions.departures import (
    MOVED,
    TAKEN_BACK,
    disagreeing,
    follow_the_ledger,
    hear_the_ledger,
    settle,
)
from bowtie.actions.moves import GateClosed, move, place
from bowtie.models import Stay
from bowtie.queries.ways import account_ways
from bowtie.rules.leaving import Course, Return, came_back, course, has_left
from bowtie.rules.stages import Stage
from charter.models import Document
from charter.queries import default_body
from tenants.jobs import Work
from tenants.models import Job, Tenant, TrailEntry
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

BEGAN = TODAY - timedelta(days=400)
ENDED = TODAY - timedelta(days=3)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(Tenant.objects.get().time_zone))


def contract(key: str = "C1", starts: date = BEGAN, ends: date | None = ENDED, **more: Any) -> None:
    row = {"external_id": key, "account": "A1", "arr_minor": 1_000_00, "currency": "EUR"}
    row |= {"starts_on": str(starts), "ends_on": str(ends) if ends else None}
    assert not bring_in(CONTRACTS, [row | more], source="crm", now=NOW).refused


@pytest.fixture
def account(inside: Tenant) -> Account:
    made = make.account("Northwind", source="crm", external_id="A1")
    stood = NOW - timedelta(days=399)
    place(accounts=[made], stage=Stage.COMMITTED, actor=None, now=stood)
    Stay.objects.update(is_imported=False)
    made.refresh_from_db()
    move(
        account=made, to_stage=Stage.LIVE, actor=None, now=NOW - timedelta(days=300),
        override_reason="As it was", is_lead=True,
    )  # fmt: skip
    return made


def look(now: datetime = NOW) -> int:
    """What the night does, as often as it goes on."""
    pending = list(disagreeing().values_list("pk", flat=True))
    return len(settle(pending, now=now))


def stands(account: Account) -> tuple[str, int]:
    account.refresh_from_db()
    return account.stage, account.lifecycle


def test_an_account_whose_arr_came_to_zero_is_churned_on_that_day(account: Account):
    contract()
    assert look() == 1
    assert stands(account) == ("churned", 1)
    stay = Stay.objects.get(left_at=None)
    assert (stay.came_from, stay.moved_by) == ("live", None)
    assert stay.entered_at == midnight(ENDED)
    assert stay.evidence == {"arr_minor": 0, "gone_on": ENDED.isoformat()}
    assert look() == 0


@pytest.mark.parametrize("stage", ["prospect", "sal"])
def test_who_was_no_customer_does_not_leave(inside: Tenant, stage: str):
    made = make.account("Northwind", source="crm", external_id="A1", stage=stage)
    contract()
    assert look() == 0 and stands(made) == (stage, 1)


def test_who_still_pays_never_paid_or_signed_again_stays(account: Account):
    assert look() == 0  # no contract was ever there
    contract(ends=TODAY + timedelta(days=30))
    assert look() == 0
    contract(ends=ENDED)
    contract("C2", starts=TODAY + timedelta(days=9), ends=TODAY + timedelta(days=400))
    assert account.pk in disagreeing().values_list("pk", flat=True)
    assert look() == 0 and stands(account) == ("live", 1)


def test_a_loss_of_an_earlier_life_ends_no_later_one(account: Account):
    contract(ends=ago(200))
    look()
    move(account=account, to_stage=Stage.COMMITTED, actor=None, now=NOW,
         override_reason="Signed, begins later", is_lead=True)  # fmt: skip
    assert stands(account) == ("committed", 2)
    assert look() == 0 and stands(account) == ("committed", 2)


def test_back_within_90_days_is_the_same_life(account: Account):
    contract(ends=ago(60))
    look()
    assert stands(account) == ("churned", 1)
    contract("C2", starts=ago(1), ends=None)
    assert ArrMovement.objects.filter(kind="restore").exists()
    assert look(NOW + timedelta(minutes=1)) == 1
    assert stands(account) == ("live", 1)
    [open_stay] = Stay.objects.filter(left_at=None)
    assert open_stay.stage == "live"
    entry = Stay.objects.get(stage="churned")
    assert entry.revoked_at and entry.revoke_reason == Return.RESTORED
    told = TrailEntry.objects.get(verb=TAKEN_BACK)
    assert told.facts["stage"] == ["churned", "live"]
    [way] = account_ways(NOW)
    assert [each.stage for each in way.entries][-1] == "churned", "as it was known then"
    [way] = account_ways(NOW + timedelta(hours=1))
    assert [each.stage for each in way.entries] == ["committed", "live"]


def test_back_after_90_days_is_a_win_back_and_a_new_life(account: Account):
    contract(ends=ago(120))
    look()
    contract("C2", starts=ago(2), ends=None)
    assert look() == 1
    assert stands(account) == ("committed", 2)
    stay = Stay.objects.get(left_at=None)
    assert stay.entered_at == midnight(ago(2)) and stay.evidence["came_back_on"] == str(ago(2))
    assert look() == 0


def test_the_days_within_which_it_did_not_leave_are_those_of_the_day_it_came_back(
    account: Account,
):
    for days, since in ((30, 20), (90, 0)):
        Document.objects.update(state="retired")
        Document.objects.create(
            kind="bowtie", version=days, state="published", saved_at=NOW,
            body=default_body("bowtie") | {"restore_days": days}, published_at=midnight(ago(since)),
        )  # fmt: skip
    contract(ends=ago(60))
    look()
    contract("C2", starts=ago(5), ends=None)
    assert [move.kind for move in ArrMovement.objects.order_by("pk")][-1] == "reactivation"
    assert look() == 1 and stands(account) == ("committed", 2)


def test_a_win_back_of_long_ago_is_history(account: Account):
    contract(ends=ago(300))
    look()
    contract("C2", starts=ago(31), ends=None)
    assert look() == 0 and stands(account) == ("churned", 1)


def test_a_correction_takes_the_leaving_back(account: Account):
    contract()
    look()
    contract(ends=TODAY + timedelta(days=200))
    assert look() == 1 and stands(account) == ("live", 1)
    assert Stay.objects.get(stage="churned").revoke_reason == Return.NEVER_LEFT
    contract()
    assert look() == 1 and stands(account) == ("churned", 1)


def test_a_win_back_that_was_an_error_is_taken_back(account: Account):
    contract(ends=ago(120))
    look()
    contract("C2", starts=ago(2), ends=None)
    look()
    contract("C2", starts=TODAY + timedelta(days=40), ends=None)
    assert look() == 1 and stands(account) == ("churned", 1)
    contract("C2", starts=ago(1), ends=None)
    assert look() == 1 and stands(account) == ("committed", 2)


def test_a_lead_who_sent_an_account_away_with_its_arr_is_not_contradicted(account: Account):
    contract(ends=None)
    move(account=account, to_stage=Stage.CHURNED, actor=None, now=NOW,
         override_reason="They told us", is_lead=True)  # fmt: skip
    assert look() == 0 and stands(account) == ("churned", 1)


def test_an_account_that_was_placed_among_the_churned_stays_there(inside: Tenant):
    made = make.account("Northwind", source="crm", external_id="A1")
    place(accounts=[made], stage=Stage.CHURNED, actor=None, now=NOW)
    contract(ends=None)
    assert look() == 0 and stands(made) == ("churned", 1)


def test_within_90_days_nobody_begins_a_new_life_by_hand(account: Account):
    contract()
    look()
    contract("C2", starts=TODAY + timedelta(days=9), ends=None)
    with pytest.raises(GateClosed, match="90 days since it left"):
        move(account=account, to_stage=Stage.COMMITTED, actor=None, now=NOW)
    Document.objects.create(
        kind="bowtie", version=1, state="published", saved_at=NOW, published_at=NOW,
        body=default_body("bowtie") | {"restore_days": 40},
    )  # fmt: skip
    later = NOW + timedelta(days=31)
    with pytest.raises(GateClosed, match="40 days since it left"):
        move(account=account, to_stage=Stage.COMMITTED, actor=None, now=later)
    later = NOW + timedelta(days=62)
    assert move(account=account, to_stage=Stage.COMMITTED, actor=None, now=later).lifecycle == 2


def test_the_news_and_the_night_move_it_and_twice_is_once(account: Account):
    contract()
    assert TrailEntry.objects.filter(verb=MOVED).exists()
    since = TrailEntry.objects.earliest("recorded_at").recorded_at
    for _ in range(2):
        hear_the_ledger(since=since, now=NOW)
    job = Job.objects.get(kind="bowtie.departures")
    work = Work(tenant_id=account.tenant_id, job_id=job.pk, cursor=None, now=NOW)
    assert follow_the_ledger(work, day=str(TODAY)) is None
    assert work.statistics == {"moved": 1, "recorded": 1} and stands(account) == ("churned", 1)
    assert follow_the_ledger(work, day=str(TODAY)) is None
    assert Stay.objects.filter(stage="churned").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_move_it_once_and_neither_waits() -> None:
    tenant = make.tenant()
    with act_for(tenant.pk):
        made = make.account("Northwind", source="crm", external_id="A1")
        place(accounts=[made], stage=Stage.LIVE, actor=None, now=NOW - timedelta(days=300))
        contract()
        keep_ledger(account_ids=[made.pk], now=NOW)
    counts: list[int] = []

    def night() -> None:
        try:
            with act_for(tenant.pk):
                counts.append(len(settle([made.pk], now=NOW)))
        finally:
            connection.close()

    threads = [Thread(target=night) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(counts) == 1
    with act_for(tenant.pk):
        assert Stay.objects.filter(stage="churned").count() == 1


DAY = date(2026, 1, 1)
entries = st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 3)), max_size=12)


@given(entries)
def test_a_course_is_the_running_sum_of_its_days(moves: list[tuple[int, int]]):
    found = course((DAY + timedelta(days=day), amount) for day, amount in moves)
    sums = [sum(amount for day, amount in moves if day <= until) for until in range(-1, 10)]
    falls = [i - 1 for i in range(1, 11) if sums[i - 1] > 0 >= sums[i]]
    rises = [i - 1 for i in range(1, 11) if sums[i - 1] <= 0 < sums[i]]
    assert found.arr_minor == sums[-1]
    assert found.gone_on == (DAY + timedelta(days=falls[-1]) if falls else None)
    assert found.back_on == (DAY + timedelta(days=rises[-1]) if rises else None)


@pytest.mark.parametrize(
    ("gap", "how"), [(1, Return.RESTORED), (90, Return.RESTORED), (91, Return.WON_BACK)]
)
def test_ninety_days_divide_a_restore_from_a_win_back(gap: int, how: Return):
    found = Course(5, gone_on=DAY, back_on=DAY + timedelta(days=gap))
    assert came_back(found, DAY, 90) is how
    assert came_back(Course(0, DAY, None), DAY, 90) is None
    assert came_back(found, DAY + timedelta(days=gap), 90) is Return.NEVER_LEFT


def test_a_loss_counts_for_the_life_it_came_in():
    found = Course(0, gone_on=DAY)
    assert has_left(found, None) and has_left(found, DAY - timedelta(days=1))
    assert not has_left(found, DAY)
