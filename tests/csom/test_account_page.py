"""The account page: every tab opens, full and empty, for whom it is meant."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account, ArrMovement, ChurnRecord, Contact, Contract
from csom.pages.account import TABS
from plays.actions.tasks import add_task, finish_task
from pulse.actions.activities import log_activity
from pulse.models import Invoice, SurveyAnswer, Ticket, Usage, UsageDay
from spiced.actions.measurements import measure_goal
from spiced.models import ImpactGoal
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=make.NOW)
        return make.account(
            "Northwind", owner=csm.user, stage="live", arr_minor=164_000_00, segment="Enterprise"
        )


@pytest.fixture
def full(acme: Tenant, csm: Actor, account: Account) -> Account:
    now = timezone.now()
    today = now.date()
    sourced = {"account": account, "recorded_at": now}
    with act_for(acme.pk):
        priya = make.contact(account, title="CFO", roles=["champion"], stance="advocate")
        make.whole_note(account, csm, priya)
        later = (today + timedelta(days=40)).isoformat()
        make.note(account, csm, CE={"on": later})
        goal = ImpactGoal.objects.get(kind="rational")
        measure_goal(
            goal=goal, actor=csm, now=now, value=48.0, measured_on=today, confirmed_by=priya
        )
        log_activity(
            account=account, actor=csm, now=now, kind="call", purpose="Quarterly check",
            outcome="Plan agreed", contacts=[priya],
        )  # fmt: skip
        add_task(
            account=account, owner=csm.user, title="Dry run", actor=csm, now=now,
            due_at=now + timedelta(days=9),
        )  # fmt: skip
        contract = Contract.objects.create(
            account=account, external_id="C-1", starts_on=today - timedelta(days=300),
            arr_minor=164_000_00,
        )  # fmt: skip
        for kind, amount, back in (("new", 100_000_00, 300), ("expansion", 64_000_00, 30)):
            ArrMovement.objects.create(
                **sourced, contract=contract, kind=kind, amount_minor=amount,
                effective_on=today - timedelta(days=back),
            )  # fmt: skip
        ChurnRecord.objects.create(**sourced, external_id="X-1", ended_on=today, cause="price")
        Invoice.objects.create(
            **sourced, external_id="I-1", amount_minor=41_000_00, due_on=today - timedelta(days=9)
        )
        Ticket.objects.create(
            **sourced, external_id="T-1", subject="Export fails", priority=1,
            opened_at=now - timedelta(days=20),
        )  # fmt: skip
        SurveyAnswer.objects.create(
            **sourced, external_id="A-1", kind="nps", score=9, comment="Good", answered_at=now
        )
        day = today - timedelta(days=10)
        UsageDay.objects.create(**sourced, day=day, actions=412, active_users=9)
        Usage.objects.create(**sourced, day=day, feature="approvals", n=412)
    return account


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


def url(account: Account, tab: str = "overview") -> str:
    return f"/acme/accounts/{account.pk}/" + ("" if tab == "overview" else f"{tab}/")


SHOWN = {
    "overview": ("Working back from", "Discounts a quarter", "Dry run", "Starts at|Not scored yet"),
    "timeline": ("Quarterly check", "Ticket opened: Export fails", "saved a SPICED note"),
    "impact": ("50% of the way", "Priya Raman"),
    "onboarding": ("No template yet",),
    "plan": ("No joint plan",),
    "people": (
        "Priya Raman",
        "Champion",
        "Advocate",
        "Not known: economic buyer and executive sponsor",
    ),
    "usage": ("412 uses of core features in the week of", "approvals"),
    "contract": ("2 movements add up to €164,000.00", "€100,000.00", "overdue", "price"),
    "support": ("Export fails", "beyond target", "NPS", "Good"),
}


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_shows_what_is_known(maya: Client, full: Account, tab: str):
    page = maya.get(url(full, tab))
    assert page.status_code == 200
    assert f"/acme/accounts/{full.pk}/edit/" in page.text
    for words in SHOWN[tab]:
        assert any(option in page.text for option in words.split("|")), words
    part = maya.get(url(full, tab), headers={"HX-Request": "true"}).text
    assert "<html" not in part


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_of_an_empty_account_says_so(maya: Client, account: Account, tab: str):
    page = maya.get(url(account, tab))
    assert page.status_code == 200 and "Northwind" in page.text


@pytest.mark.parametrize("tab", TABS)
def test_nobody_opens_another_tenants_account(
    maya: Client, rival: Tenant, account: Account, tab: str
):
    with act_for(rival.pk):
        theirs = make.account("Theirs")
    assert maya.get(url(theirs, tab)).status_code == 404
    assert maya.post(url(account, tab)).status_code == 405


def test_the_way_back_from_an_event_shows_what_is_still_to_do(
    maya: Client, acme: Tenant, csm: Actor, full: Account
):
    now = timezone.now()
    with act_for(acme.pk):
        for n in range(9):
            done = add_task(
                account=full, owner=csm.user, title=f"Old step {n}", actor=csm, now=now,
                due_at=now - timedelta(days=30 - n),
            )  # fmt: skip
            finish_task(task=done, actor=csm, now=now)
    page = maya.get(url(full)).text
    assert "10 dated tasks before it" in page
    drawn = page.split("Working back from")[-1].split("</figure>")[0]
    assert "Dry run" in drawn and "Old step 8" in drawn and "Old step 1," not in drawn


def test_an_executive_reads_without_buttons_to_change(acme: Tenant, full: Account, sign_in: SignIn):
    with act_for(acme.pk):
        eve = sign_in(make.member(acme, Role.EXECUTIVE, "Eve"))
    for tab in TABS:
        page = eve.get(url(full, tab))
        assert page.status_code == 200
        assert "Read note" in page.text and "Log contact" not in page.text
        assert "Add contact" not in page.text and f"{full.pk}/edit/" not in page.text


def test_only_whoever_may_write_spiced_sees_its_form_and_moves_its_dates(
    acme: Tenant, full: Account, sign_in: SignIn
):
    with act_for(acme.pk):
        seller, revops = make.member(acme, Role.SALES), make.member(acme, Role.REVOPS)
        Account.objects.filter(pk=full.pk).update(seller=seller.user)
    page = sign_in(seller).get(url(full)).text
    assert 'name="text"' in page and "Move date" in page
    page = sign_in(revops).get(url(full)).text
    assert 'name="text"' not in page and "Move date" not in page


def test_the_timeline_filters_and_pages(
    maya: Client, acme: Tenant, csm: Actor, account: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("csom.pages.account_tabs.timeline.PAGE", 2)
    now = timezone.now()
    with act_for(acme.pk):
        for n in range(5):
            log_activity(
                account=account, actor=csm, now=now, kind="call", purpose=f"Call {n}",
                at=now - timedelta(days=n + 1),
            )  # fmt: skip
    first = maya.get(url(account, "timeline") + "?kind=contact").text
    assert "Call 0" in first and "Call 1" in first and "Call 2" not in first
    more = first.split('hx-get="?')[1].split('"')[0].replace("&amp;", "&")
    second = maya.get(f"{url(account, 'timeline')}?{more}", headers={"HX-Request": "true"}).text
    assert "Call 2" in second and "Call 3" in second and "Call 1" not in second
    assert "Call" not in maya.get(url(account, "timeline") + "?kind=ticket").text.split("<ul")[-1]
    assert maya.get(url(account, "timeline") + "?kind=x&before=y").status_code == 200


@pytest.mark.parametrize("tab", TABS)
def test_more_rows_take_no_more_queries(
    maya: Client, acme: Tenant, full: Account, tab: str, django_assert_max_num_queries: Any
):
    with act_for(acme.pk):
        for n in range(5):
            person = Contact.objects.create(account=full, external_id=f"p{n}", name=f"P{n}")
            SurveyAnswer.objects.create(
                account=full, external_id=f"s{n}", kind="nps", score=n, contact=person,
                answered_at=timezone.now(), recorded_at=timezone.now(),
            )  # fmt: skip
    with django_assert_max_num_queries({"overview": 59, "contract": 45}.get(tab, 38)):
        maya.get(url(full, tab))
