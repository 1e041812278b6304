"""Measures that follow what a page shows: the SPICED index, and the plan of an onboarding."""

import copy
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account, ArrMovement, Contract, ContractTerms
from bowtie.models import Stay
from charter.models import Document
from charter.queries import default_body
from health.actions.snapshots import score_days
from health.models import Snapshot
from health.rules.catalogue import MEASURES
from journeys.actions.onboardings import begin_onboarding
from journeys.actions.templates import install_defaults
from journeys.models import Handoff, Onboarding, PlanTask
from journeys.queries.onboardings import cases
from journeys.queries.templates import template_for
from pulse.models import Activity
from spiced.models import Element, Note
from spiced.queries.notes import picture
from spiced.rules.elements import LETTERS
from tenants.actor import Actor
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY

ROLES = ("champion", "exec_sponsor", "economic_buyer", "user_lead")


def value(account: Account, key: str, day: date = TODAY) -> float | None:
    Snapshot.objects.filter(account=account, day=day).delete()
    score_days(days=[day], now=NOW)
    return Snapshot.objects.get(account=account, day=day).values[MEASURES[key].slot - 1]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def said(letter: str, details: dict[str, Any]) -> dict[str, Any]:
    """What a part holds beside its text: of pains the records, without which none is known."""
    return {"pains": [{"id": "a", "text": "Said"}]} | details if letter == "P" else details


def noted(account: Account, days: int = 30, **details: dict[str, str]) -> Note:
    """A whole note, each part at 3, heard some days ago. details: by letter."""
    note = Note.objects.create(account=account, version=1, saved_at=NOW)
    for letter in LETTERS:
        Element.objects.create(
            note=note, letter=letter, text="Said", score=3, validated_on=ago(days),
            details=said(letter, details.get(letter, {})),
        )  # fmt: skip
    return note


@pytest.fixture
def account(inside: Tenant) -> Account:
    return make.account(stage="live", touch_model="mid", customer_since=ago(300))


def lost(points: float) -> float:
    """The index where so many of the 15 points count no more."""
    return pytest.approx((15 - points) / 15)


def test_a_fresh_note_counts_whole_and_a_part_nobody_dates_not_at_all(account: Account):
    note = noted(account)
    assert value(account, "spiced_index") == 1
    Element.objects.filter(note=note, letter="S").update(validated_on=None)
    assert value(account, "spiced_index") == lost(3)


@pytest.mark.parametrize(("days", "index"), [(90, 1), (91, 0.7), (180, 0.7), (181, 0.2)])
def test_parts_fade_by_half_then_wholly(account: Account, days: int, index: float):
    noted(account, days)
    assert value(account, "spiced_index") == pytest.approx(index)


@pytest.mark.parametrize(("role", "points"), [("champion", 4.5), ("user_lead", 1.5)])
def test_who_leaves_takes_the_parts_that_hung_on_them(account: Account, role: str, points: float):
    leaver = make.contact(account, roles=[role], departed_on=ago(3))
    noted(account, I={"person": str(leaver.pk)})
    assert value(account, "spiced_index") == lost(points)
    assert value(account, "spiced_index", ago(4)) is None  # nothing was noted yet
    Element.objects.update(validated_on=ago(3))  # heard again that day
    assert value(account, "spiced_index") == 1


def test_whoever_becomes_a_sponsor_puts_situation_and_decision_in_doubt(account: Account):
    comer = make.contact(account, roles=["champion"], sponsor_since=ago(3))
    noted(account, I={"person": str(comer.pk)})
    assert value(account, "spiced_index") == lost(3)
    Element.objects.update(validated_on=ago(3))  # heard again that day
    assert value(account, "spiced_index") == 1


def amend(account: Account, on: date, **terms: object) -> None:
    """A contract of twelve months, of which something else was said on a day."""
    contract = Contract.objects.create(
        account=account, external_id=f"{account.external_id}-c", starts_on=ago(400), arr_minor=100
    )
    said = {"starts_on": ago(400), "term_months": 12, "auto_renews": False, "arr_minor": 100}
    said |= {"currency": "EUR", "is_trial": False, "status": "active"}
    for version, (day, more) in enumerate(((ago(400), {}), (on, terms)), start=1):
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        ContractTerms.objects.create(
            contract=contract, version=version, recorded_at=at, **said | more
        )


@pytest.mark.parametrize(
    ("terms", "points"),
    [({"term_months": 24}, 1.5), ({"auto_renews": True}, 1.5), ({"arr_minor": 5}, 0), ({}, 0)],
)
def test_a_contract_of_another_term_puts_the_decision_in_doubt(
    account: Account, terms: dict[str, object], points: float
):
    noted(account)
    amend(account, ago(5), **terms)
    assert value(account, "spiced_index") == lost(points)


@pytest.mark.parametrize("key", ["on", "expected_on"])
def test_an_event_that_passed_counts_half(account: Account, key: str):
    noted(account, CE={key: TODAY.isoformat()})
    assert value(account, "spiced_index") == 1
    Element.objects.filter(letter="CE").update(details={key: ago(1).isoformat()})
    assert value(account, "spiced_index") == lost(1.5)


@pytest.mark.parametrize(("kind", "points"), [("expansion", 1.5), ("contraction", 1.5), ("new", 0)])
def test_a_contract_that_changed_puts_the_decision_in_doubt(
    account: Account, kind: str, points: float
):
    noted(account)
    ArrMovement.objects.create(
        account=account, kind=kind, amount_minor=100, effective_on=ago(5), recorded_at=NOW
    )
    assert value(account, "spiced_index") == lost(points)


def test_an_upsell_and_a_renewal_ask_for_all_of_it_again(account: Account):
    note = noted(account)
    Account.objects.filter(pk=account.pk).update(renews_on=TODAY + timedelta(days=121))
    assert value(account, "spiced_index") == 1
    Account.objects.filter(pk=account.pk).update(renews_on=TODAY + timedelta(days=120))
    assert value(account, "spiced_index") == 0.5
    Account.objects.filter(pk=account.pk).update(renews_on=None)
    Note.objects.filter(pk=note.pk).update(ask_again_on=TODAY)
    assert value(account, "spiced_index") == 0.5


def agreed(at: datetime, **fresh_days: int) -> None:
    """The charter as of a moment gives parts other days."""
    body = copy.deepcopy(default_body("spiced"))
    body["fresh_days"] |= fresh_days
    Document.objects.filter(kind="spiced").update(state="retired")
    Document.objects.create(
        kind="spiced", version=Document.objects.count() + 1, state="published", body=body,
        saved_at=at, published_at=at,
    )  # fmt: skip


def test_a_day_counts_by_the_charter_of_that_day(account: Account):
    note = noted(account, days=100)
    Note.objects.filter(pk=note.pk).update(saved_at=NOW - timedelta(days=9))
    assert value(account, "spiced_index") == lost(4.5)
    assert value(account, "spiced_index", ago(2)) == lost(4.5)
    agreed(NOW - timedelta(days=2), I=200, S=40)
    agreed(NOW, I=200, CE=200, D=200)
    assert value(account, "spiced_index") == 1 == picture(account, TODAY).index
    assert value(account, "spiced_index", ago(1)) == value(account, "spiced_index", ago(2))
    assert value(account, "spiced_index", ago(2)) == lost(3 + 1.5 + 1.5)
    assert value(account, "spiced_index", ago(3)) == lost(4.5)


@pytest.mark.parametrize("is_default", [True, False])
def test_the_night_knows_what_the_page_shows(inside: Tenant, is_default: bool):
    if not is_default:
        agreed(NOW, S=30, P=77, I=120, CE=1, D=365)
    chance = random.Random(7)
    accounts = []
    for _ in range(60):
        made = make.account(stage="live", customer_since=ago(500))
        made.renews_on = chance.choice((None, TODAY + timedelta(days=chance.randint(60, 300))))
        made.save(update_fields=["renews_on"])
        people = [
            make.contact(made, f"Person {n}", roles=[chance.choice(ROLES)],
                         departed_on=chance.choice((None, ago(chance.randint(-9, 200)))),
                         sponsor_since=chance.choice((None, ago(chance.randint(-9, 200)))))
            for n in range(3)
        ]  # fmt: skip
        if chance.random() < 0.5:
            amend(made, ago(chance.randint(1, 200)), term_months=chance.choice((12, 24)))
        if chance.random() < 0.5:
            ArrMovement.objects.create(
                account=made, kind=chance.choice(ArrMovement.Kind.values), amount_minor=1,
                effective_on=ago(chance.randint(-9, 200)), recorded_at=NOW,
            )  # fmt: skip
        note = Note.objects.create(
            account=made, version=1, saved_at=NOW,
            ask_again_on=chance.choice((None, ago(chance.randint(-9, 200)))),
        )  # fmt: skip
        for letter in LETTERS:
            Element.objects.create(
                note=note, letter=letter, text="Said", score=chance.randint(0, 3),
                validated_on=chance.choice((None, *(ago(chance.randint(0, 400)) for _ in "123"))),
                details=said(letter, {
                    "on": chance.choice(("", ago(chance.randint(-20, 20)).isoformat())),
                    "person": chance.choice(("", str(people[0].pk))),
                }),
            )  # fmt: skip
        accounts.append(made)
    score_days(days=[TODAY], now=NOW)
    slot = MEASURES["spiced_index"].slot - 1
    rows = {row.account_id: row.values[slot] for row in Snapshot.objects.filter(day=TODAY)}
    shown = {each.pk: pytest.approx(picture(each, TODAY).index) for each in accounts}
    assert rows == shown
    assert len({round(each, 3) for each in rows.values()}) > 10


@pytest.fixture
def plan(account: Account, csm: Actor) -> Onboarding:
    """Begun forty days ago, two tasks of the account and two gates, all still open."""
    install_defaults(author=None, now=NOW)
    Account.objects.filter(pk=account.pk).update(stage="onboarding", owner=csm.user)
    account.refresh_from_db()
    template = template_for("mid")
    assert template is not None
    begun = begin_onboarding(
        account=account, template=template, actor=csm.user, now=NOW, anchor_on=TODAY
    )
    Onboarding.objects.update(anchor_on=ago(40), begun_at=NOW - timedelta(days=40))
    PlanTask.objects.all().delete()
    for at, (key, side, days) in enumerate(
        [("a", "them", 30), ("b", "them", 20), ("g", "us", 20), ("h", "us", 10)]
    ):
        PlanTask.objects.create(
            onboarding=begun, key=key, position=at, phase="kickoff", label=key, side=side,
            role="csm", is_gate=side == "us", starts_on=ago(40), due_on=ago(days),
            first_due_on=ago(days),
        )  # fmt: skip
    return begun


def close(key: str, days_ago: int, state: str = "done") -> None:
    PlanTask.objects.filter(key=key).update(state=state, closed_at=NOW - timedelta(days=days_ago))


def test_tasks_of_the_account_count_once_done_or_late(account: Account, plan: Onboarding):
    measure = "customer_tasks_on_time"
    assert value(account, measure) == 0
    close("a", 30)
    assert value(account, measure) == 0.5
    close("b", 19)
    assert value(account, measure) == 0.5  # a day late
    assert value(account, measure, ago(25)) == 1  # as of a day before the second one was due
    close("b", 19, "skipped")
    assert value(account, measure) == 1
    PlanTask.objects.filter(key="b").update(state="open", closed_at=None, due_on=TODAY)
    assert value(account, measure) == 1  # due today is not late yet
    close("g", 1)
    assert value(account, measure) == 1  # ours count for nothing here
    Onboarding.objects.update(ended_at=NOW, state="left")
    assert value(account, measure) is None


def test_pace_is_the_one_of_the_plan_from_its_second_gate_on(account: Account, plan: Onboarding):
    before = value(account, "onboarding_pace")
    close("g", 20)
    assert value(account, "onboarding_pace") == before
    close("h", 0)
    (shown,) = [each.standing.pace for each in cases([Onboarding.objects.get()], NOW)]
    assert value(account, "onboarding_pace") == pytest.approx(30 / 40) == pytest.approx(1 / shown)
    close("h", 0, "skipped")
    assert value(account, "onboarding_pace") == before


def test_a_plan_that_does_not_move_and_a_task_of_theirs_that_is_late(
    account: Account, plan: Onboarding
):
    idle, late = "days_since_plan_task", "customer_task_days_late"
    assert (value(account, idle), value(account, late)) == (40, 30)
    close("a", 9)
    assert (value(account, idle), value(account, late)) == (9, 20)
    close("g", 3, "skipped")
    assert value(account, idle) == 9
    close("h", 2)
    close("b", 5, "skipped")
    assert (value(account, idle), value(account, late)) == (2, None)
    Onboarding.objects.update(ended_at=NOW, state="reached")
    assert value(account, idle) is None


def committed(account: Account, days: int, lifecycle: int = 1) -> None:
    at = NOW - timedelta(days=days)
    fields = {"stage": "committed", "entered_at": at, "recorded_at": at, "lifecycle": lifecycle}
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    Stay.objects.create(account=account, **fields)
    Account.objects.filter(pk=account.pk).update(lifecycle=lifecycle, stage="committed")


def by_activity(account: Account, days: int) -> None:
    at = NOW - timedelta(days=days)
    Activity.objects.create(
        account=account, external_id=f"{days}", kind="kickoff", at=at, recorded_at=at
    )


def by_step(account: Account, days: int) -> None:
    at = NOW - timedelta(days=days)
    Handoff.objects.create(account=account, steps={"kickoff_held": at.isoformat()}, signed_at=at)


def by_task(account: Account, days: int) -> None:
    PlanTask.objects.filter(key="h").update(key="kickoff_held")
    close("kickoff_held", days)


@pytest.mark.parametrize("told", [by_activity, by_step, by_task])
def test_a_kickoff_counts_however_it_was_told(account: Account, plan: Onboarding, told):
    committed(account, 20)
    assert value(account, "kickoff_on_time") is None
    told(account, 13)
    assert value(account, "kickoff_on_time") == 1
    assert value(account, "kickoff_on_time", ago(14)) is None
    assert value(account, "kickoff_on_time", ago(12)) == 1


def test_the_first_telling_counts_and_a_late_one_is_late(account: Account, plan: Onboarding):
    committed(account, 20)
    by_task(account, 12)
    assert value(account, "kickoff_on_time") == 0
    by_step(account, 13)
    assert value(account, "kickoff_on_time") == 1


def test_a_task_left_out_is_no_kickoff(account: Account, plan: Onboarding):
    committed(account, 20)
    by_task(account, 13)
    PlanTask.objects.filter(key="kickoff_held").update(state="skipped")
    assert value(account, "kickoff_on_time") is None


def test_the_kickoff_of_an_earlier_life_is_not_that_of_this_one(account: Account):
    committed(account, 290)
    by_activity(account, 285)
    assert value(account, "kickoff_on_time") == 1
    committed(account, 20, lifecycle=2)
    assert value(account, "kickoff_on_time") is None
    by_activity(account, 12)
    assert value(account, "kickoff_on_time") == 0
