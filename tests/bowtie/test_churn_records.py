"""Who left by the ARR ledger has a churn record, one for each departure."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.upsert import bring_in
from accounts.models import Account, ChurnRecord
from accounts.targets import TARGETS
from bowtie.actions.churns import SOURCE, record_departures
from bowtie.actions.departures import follow_the_ledger
from bowtie.actions.moves import move
from bowtie.rules.stages import Stage
from plays.actions.postmortems import TITLE, ask_for_postmortems, file_postmortem
from plays.models import Task
from tenants.jobs import Work
from tenants.models import Tenant, TrailEntry
from tests.bowtie.test_departures import ENDED, ago, contract, stands
from tests.bowtie.test_departures import account as account
from tests.make import NOW, TODAY

DAY = timedelta(days=1)
WRITTEN: dict[str, Any] = {
    **{"actor": None, "initiation": "customer_decision", "cause": "product_gap"},
    **{"signal_on": ENDED - 30 * DAY, "missed": "Nobody signed in."},
}


def night(now: Any = NOW) -> int:
    tenant = Tenant.objects.get()
    work = Work(tenant.pk, tenant.pk, None, now)
    assert follow_the_ledger(work, day=str(now.date())) is None
    return work.statistics["recorded"]


def told(**given: Any) -> None:
    row = {"external_id": "H1", "account": "A1", "ended_on": str(ENDED), "arr_minor": 5} | given
    outcome = bring_in(TARGETS["churn"], [row], source="crm", now=NOW)
    assert not outcome.refusals, outcome.refusals


def test_a_departure_is_recorded_once_and_asked_about(account: Account):
    contract()
    assert (night(), night(NOW + DAY)) == (1, 0)
    record = ChurnRecord.objects.get()
    assert (record.account, record.source, record.ended_on) == (account, SOURCE, ENDED)
    assert (record.arr_minor, record.notice_on) == (1_000_00, None)
    assert (record.stage_at_churn, record.cause, record.recorded_at) == ("live", "", NOW)
    assert ask_for_postmortems(today=TODAY, now=NOW) == 1
    assert Task.objects.get().title == TITLE


@pytest.mark.parametrize("away", [0, 60, -60])
def test_one_that_was_entered_by_hand_is_enough(account: Account, away: int):
    told(ended_on=str(ENDED + away * DAY))
    contract()
    assert night() == 0
    assert ChurnRecord.objects.get().source == "crm"


def test_one_that_comes_later_takes_over_what_was_written(account: Account):
    contract()
    night()
    file_postmortem(record=ChurnRecord.objects.get(), now=NOW, **WRITTEN)
    told()
    record = ChurnRecord.objects.get()
    assert (record.source, record.arr_minor, record.stage_at_churn) == ("crm", 5, "live")
    assert (record.cause, record.missed) == ("product_gap", "Nobody signed in.")
    assert record.postmortem_at == NOW
    assert night(NOW + DAY) == 0


def test_one_of_another_departure_does_not(account: Account):
    told(ended_on=str(ENDED - 91 * DAY))
    contract()
    assert night() == 1
    assert ChurnRecord.objects.count() == 2


def test_who_was_sent_away_by_hand_has_one_once_the_arr_is_zero(account: Account):
    contract(ends=TODAY + DAY)
    more = {"override_reason": "They told us", "is_lead": True}
    move(account=account, to_stage=Stage.CHURNED, actor=None, now=NOW, **more)
    assert night() == 0
    assert night(NOW + 2 * DAY) == 0, "the ledger has not moved yet"
    contract(ends=TODAY)
    assert night() == 1


def test_it_is_withdrawn_with_its_task_when_the_account_never_left(account: Account):
    contract()
    night()
    ask_for_postmortems(today=TODAY, now=NOW)
    contract(ends=TODAY + 300 * DAY)
    night()
    assert stands(account) == ("live", 1)
    assert not ChurnRecord.objects.exists()
    assert TrailEntry.objects.filter(verb="bowtie.churn_withdrawn").count() == 1
    assert ask_for_postmortems(today=TODAY, now=NOW) == 0
    assert Task.objects.get().state == Task.State.DROPPED


def test_what_somebody_wrote_stays(account: Account):
    contract()
    night()
    file_postmortem(record=ChurnRecord.objects.get(), now=NOW, **WRITTEN)
    contract(ends=TODAY + 300 * DAY)
    night()
    assert stands(account) == ("live", 1)
    assert ChurnRecord.objects.get().cause == "product_gap"


def test_it_follows_an_end_that_is_corrected(account: Account):
    contract()
    night()
    contract(ends=ENDED - 4 * DAY)
    assert night() == 0
    assert ChurnRecord.objects.get().ended_on == ENDED - 4 * DAY


def test_who_left_long_ago_is_history(account: Account):
    contract(ends=ago(31))
    assert night() == 0
    assert stands(account) == ("churned", 1)
    assert record_departures(today=ago(2), now=NOW) == 1
