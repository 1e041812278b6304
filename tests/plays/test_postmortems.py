"""Post-mortems: asked for once, written in the browser, with the scores of then."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, ArrMovement, ChurnRecord
from health.models import Snapshot
from plays.actions.postmortems import TITLE, ask_for_postmortems
from plays.models import Task
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
ENDED = TODAY - timedelta(days=10)
SAID = {
    "initiation": "customer_decision",
    "cause": "product_gap",
    "signal_on": str(ENDED - timedelta(days=90)),
    "missed": "Three of five sites never logged in.",
}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Iterator[Account]:
    with act_for(acme.pk):
        made = make.account(owner=csm.user)
        for week, (score, band) in enumerate([(38, "red"), (55, "yellow"), (71, "green")]):
            make.snapshot(made, ENDED - timedelta(days=20, weeks=week), score=score, band=band)
        make.snapshot(made, ENDED - timedelta(days=23), score=1, band="red")
        make.snapshot(made, ENDED - timedelta(days=20, weeks=26), score=3, band="red")
        make.snapshot(made, ENDED, score=2, band="red")
        yield made


def left(account: Account, **given: Any) -> ChurnRecord:
    given = {"ended_on": ENDED, "notice_on": ENDED - timedelta(days=20)} | given
    return ChurnRecord.objects.create(
        account=account, external_id=str(uuid4()), recorded_at=NOW, **given
    )


def test_a_churn_without_one_is_asked_for_once(account: Account, csm: Actor):
    left(account)
    assert ask_for_postmortems(today=TODAY, now=NOW) == 1
    assert ask_for_postmortems(today=TODAY + timedelta(days=1), now=NOW + timedelta(days=1)) == 0
    task = Task.objects.get()
    assert (task.title, task.owner, task.account) == (TITLE, csm.user, account)
    assert task.due_at == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    "given",
    [
        {"postmortem_at": NOW},
        {"ended_on": TODAY - timedelta(days=30)},
        {"ended_on": TODAY + timedelta(days=1)},
    ],
)
def test_nobody_is_sent_after_the_others(account: Account, given: dict[str, Any]):
    left(account, **given)
    assert ask_for_postmortems(today=TODAY, now=NOW) == 0


def test_it_is_written_with_the_scores_of_then(account: Account, csm: Actor, sign_in: SignIn):
    record = left(account, comment="Too dear")
    ask_for_postmortems(today=TODAY, now=NOW)
    browser, address = sign_in(csm), f"/acme/churn/{record.pk}/"
    tab = f"/acme/accounts/{account.pk}/contract/"
    assert "post-mortem missing" in browser.get(tab).text
    assert "Too dear" in browser.get(address).text
    answer = browser.post(address, SAID)
    assert (answer.status_code, answer["Location"]) == (302, tab)
    record.refresh_from_db()
    assert (record.cause, record.initiation) == ("product_gap", "customer_decision")
    assert record.postmortem_at and record.postmortem_by == csm.user
    day = ENDED - timedelta(days=20)
    history = [(day - timedelta(weeks=2), 71, "green"), (day - timedelta(weeks=1), 55, "yellow")]
    history.append((day, 38, "red"))
    assert record.score_history == [[str(on), score, band] for on, score, band in history]
    assert Task.objects.get().state == "done"
    assert TrailEntry.objects.filter(verb="plays.postmortem_filed").count() == 1
    page = browser.get(tab).text
    assert "post-mortem missing" not in page and "Failure: product gap" in page
    assert "Three of five sites" in page and "71</span>, " in page


def test_a_correction_keeps_the_scores_and_the_first_day(
    account: Account, csm: Actor, sign_in: SignIn
):
    record = left(account)
    browser, address = sign_in(csm), f"/acme/churn/{record.pk}/"
    browser.post(address, SAID)
    record.refresh_from_db()
    first, history = record.postmortem_at, record.score_history
    Snapshot.objects.filter(account=account).update(score=99)
    assert browser.post(address, SAID | {"cause": "price"}).status_code == 302
    record.refresh_from_db()
    assert (record.cause, record.postmortem_at) == ("price", first)
    assert record.score_history == history


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cause": "bad luck"}, "Select a valid choice"),
        ({"initiation": ""}, "This field is required"),
        ({"missed": "x" * 4001}, "at most 4000"),
        ({"missed": "a\0b"}, "Null characters"),
        ({"signal_on": str(ENDED + timedelta(days=1))}, "cannot be after the day"),
        ({"signal_on": "soon"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    account: Account, csm: Actor, sign_in: SignIn, wrong: dict[str, str], words: str
):
    record = left(account)
    address = f"/acme/churn/{record.pk}/"
    answer = sign_in(csm).post(address, SAID | wrong)
    assert answer.status_code == 422 and words in answer.text
    assert "never logged in" in answer.text or "missed" in wrong
    record.refresh_from_db()
    assert record.postmortem_at is None and record.missed == ""


def test_it_is_for_who_may_write_the_account(
    acme: Tenant, account: Account, csm: Actor, sign_in: SignIn
):
    record, foreign = left(account), left(make.account("Initech"))
    for role in (Role.SALES, Role.EXECUTIVE):
        browser = sign_in(make.member(acme, role))
        address = f"/acme/churn/{record.pk}/"
        assert browser.post(address, SAID).status_code == 403
        assert "Write post-mortem" not in browser.get(f"/acme/accounts/{account.pk}/contract/").text
    assert sign_in(csm).post(f"/acme/churn/{foreign.pk}/", SAID).status_code == 404


def test_retention_says_what_is_missing(acme: Tenant, account: Account, sign_in: SignIn):
    ArrMovement.objects.create(
        account=account, kind="new", amount_minor=1, effective_on=ENDED, recorded_at=NOW
    )
    left(account, cause="price")
    left(account, cause="price", postmortem_at=NOW)
    browser = sign_in(make.member(acme, Role.EXECUTIVE))
    page = browser.get(f"/acme/retention/?until={TODAY}")
    assert [row["missing"] for row in page.context["reasons"]] == [1]
    assert "1 missing" in page.text
    rows = browser.get(f"/acme/retention/left/?until={TODAY}").context["rows"]
    assert sorted(cells[3] for _, _, cells in rows) == ["", "missing"]
