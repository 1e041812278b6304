"""Dates that matter in dialogs: added, given a consequence, confirmed; the renewal among them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from spiced.actions.events import InNote, change_event, save_event
from spiced.actions.moves import move_event
from spiced.actions.renewals import enter_renewals
from spiced.models import CriticalEvent, Element
from spiced.rules.events import Class
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    renews_on = timezone.localdate() + 90 * DAY
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user, stage="live", renews_on=renews_on)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account)


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


@pytest.fixture
def renewal(acme: Tenant, account: Account) -> CriticalEvent:
    with act_for(acme.pk):
        enter_renewals(today=timezone.localdate(), now=NOW)
        return CriticalEvent.objects.get(is_renewal=True)


def stored(acme: Tenant, event: CriticalEvent) -> CriticalEvent:
    with act_for(acme.pk):
        return CriticalEvent.objects.select_related("confirmed_by", "sufferer").get(pk=event.pk)


def at(event: CriticalEvent, what: str) -> str:
    return f"/acme/events/{event.pk}/{what}/"


def said(event: CriticalEvent, **more: object) -> dict[str, object]:
    held = {"consequence": "The old system goes off", "seen": event.recorded_at.isoformat()}
    return held | more


def test_the_renewal_becomes_critical_and_is_confirmed(
    maya: Client, acme: Tenant, account: Account, renewal: CriticalEvent, priya: Contact
):
    goals = f"/acme/accounts/{account.pk}/goals/"
    page = maya.get(goals).text
    assert "Say what hangs on it" in page and at(renewal, "confirm") not in page
    assert "Renewal, " in maya.get(at(renewal, "consequence")).text
    sent = said(renewal, consequence_kind="operational", amount="42000", sufferer=str(priya.pk))
    answer = maya.post(at(renewal, "consequence"), sent, headers=HTMX)
    assert answer.status_code == 204 and "impact:changed" in answer["HX-Trigger"]
    event = stored(acme, renewal)
    assert (event.level, event.amount_minor, event.sufferer) == (Class.CRITICAL, 42_000_00, priya)
    assert (event.on, event.is_renewal, event.statement) == (account.renews_on, True, "Renewal")
    page = maya.get(goals).text
    assert "Change consequence" in page and "It costs €42,000. Priya Raman suffers." in page
    on = timezone.localdate() - 3 * DAY
    sent = {"confirmed_by": str(priya.pk), "confirmed_on": on.isoformat()}
    assert maya.post(at(renewal, "confirm"), sent).status_code == 302
    event = stored(acme, renewal)
    assert event.level is Class.CONFIRMED and event.confirmed_by == priya
    assert event.confirmed_at and timezone.localdate(event.confirmed_at) == on
    assert at(renewal, "confirm") not in maya.get(goals).text
    sheet = maya.get(f"/acme/accounts/{account.pk}/spiced/worksheet/").text
    assert "critical, confirmed" in sheet and "The old system goes off" in sheet


def test_what_is_said_anew_is_confirmed_anew_and_the_same_changes_nothing(
    maya: Client, acme: Tenant, renewal: CriticalEvent, priya: Contact
):
    maya.post(at(renewal, "consequence"), said(renewal))
    sent = {"confirmed_by": str(priya.pk), "confirmed_on": timezone.localdate().isoformat()}
    maya.post(at(renewal, "confirm"), sent)
    event = stored(acme, renewal)
    maya.post(at(renewal, "consequence"), said(event))
    assert stored(acme, renewal).level is Class.CONFIRMED
    maya.post(at(renewal, "consequence"), said(event, consequence="A year without support"))
    assert stored(acme, renewal).level is Class.CRITICAL
    with act_for(acme.pk):
        changes = TrailEntry.objects.filter(verb="spiced.event_changed", object_id=renewal.pk)
        assert changes.count() == 2


def test_a_text_somebody_else_overtook_is_refused_and_stays_in_the_form(
    maya: Client, acme: Tenant, renewal: CriticalEvent
):
    assert maya.post(at(renewal, "consequence"), said(renewal)).status_code == 302
    late = said(renewal, consequence="Something else")
    answer = maya.post(at(renewal, "consequence"), late, headers=HTMX)
    assert answer.status_code == 409
    assert "Somebody changed this event meanwhile" in answer.text
    assert "Something else" in answer.text
    assert stored(acme, renewal).consequence == "The old system goes off"


def test_moved_twice_it_is_compelling_again_and_nobody_can_confirm_it(
    maya: Client, acme: Tenant, csm: Actor, renewal: CriticalEvent, priya: Contact
):
    maya.post(at(renewal, "consequence"), said(renewal))
    with act_for(acme.pk):
        for days in (10, 20):
            on = timezone.localdate() + (90 + days) * DAY
            move_event(event=renewal, actor=csm, now=NOW, on=on, reason="Their budget is late")
    assert stored(acme, renewal).level is Class.COMPELLING
    sent = {"confirmed_by": str(priya.pk), "confirmed_on": timezone.localdate().isoformat()}
    answer = maya.post(at(renewal, "confirm"), sent, headers=HTMX)
    assert answer.status_code == 422 and "moved twice" in answer.text


def test_an_event_is_added_by_date_or_condition(
    maya: Client, acme: Tenant, account: Account, renewal: CriticalEvent
):
    new = f"/acme/accounts/{account.pk}/events/new/"
    assert new in maya.get(f"/acme/accounts/{account.pk}/goals/").text
    on = (timezone.localdate() + 30 * DAY).isoformat()
    sent = {"statement": "Audit", "on": on, "consequence": "The finding goes to the board"}
    assert maya.post(new, sent, headers=HTMX).status_code == 204
    reached = {"statement": "Growth", "condition": "Users", "operator": "≥", "value": "1000000"}
    assert maya.post(new, reached | {"expected_on": on}).status_code == 302
    with act_for(acme.pk):
        levels = {each.statement: each.level for each in CriticalEvent.objects.all()}
    assert levels == {
        "Renewal": Class.COMPELLING,
        "Audit": Class.CRITICAL,
        "Growth": Class.COMPELLING,
    }


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"statement": "Audit"}, "a date or a condition"),
        ({"statement": "Audit", "on": "2020-01-01"}, "This date has passed."),
        ({"statement": "Growth", "condition": "Users"}, "A condition needs this."),
        ({"on": "2099-01-01"}, "This field is required"),
        ({"statement": "A", "on": "2099-01-01", "amount": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_typed(
    maya: Client, account: Account, sent: dict[str, str], words: str
):
    answer = maya.post(f"/acme/accounts/{account.pk}/events/new/", sent, headers=HTMX)
    assert answer.status_code == 422 and words in answer.text
    assert sent.get("statement", "") in answer.text


def test_a_date_without_a_consequence_is_not_confirmed(
    maya: Client, renewal: CriticalEvent, priya: Contact
):
    today = timezone.localdate()
    sent = {"confirmed_by": str(priya.pk), "confirmed_on": today.isoformat()}
    answer = maya.post(at(renewal, "confirm"), sent, headers=HTMX)
    assert answer.status_code == 422 and "a date alone is compelling" in answer.text
    maya.post(at(renewal, "consequence"), said(renewal))
    late = sent | {"confirmed_on": (today + DAY).isoformat()}
    answer = maya.post(at(renewal, "confirm"), late, headers=HTMX)
    assert answer.status_code == 422 and "This has not happened yet." in answer.text


def test_the_event_of_the_note_is_changed_and_confirmed_in_the_note(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        event = CriticalEvent.objects.get(is_in_note=True)
        with pytest.raises(InNote):
            change_event(event=event, actor=csm, now=NOW, given={"consequence": "Other"})
    answer = maya.get(at(event, "consequence"))
    assert answer.status_code == 302 and answer["Location"].endswith("spiced/?step=CE")
    sent = {"confirmed_by": str(priya.pk), "confirmed_on": timezone.localdate().isoformat()}
    maya.post(at(event, "confirm"), sent)
    with act_for(acme.pk):
        part = Element.objects.get(note__is_current=True, letter="CE")
    assert part.is_confirmed and part.confirmers == [priya.pk]
    assert stored(acme, event).level is Class.CONFIRMED


def test_the_note_says_that_the_renewal_stands_beside_it(
    maya: Client, account: Account, renewal: CriticalEvent
):
    page = maya.get(f"/acme/accounts/{account.pk}/spiced/?step=CE").text
    assert "stands beside this note, compelling" in page and at(renewal, "consequence") in page


def test_strangers_and_those_who_may_not(
    acme: Tenant,
    rival: Tenant,
    csm: Actor,
    account: Account,
    renewal: CriticalEvent,
    sign_in: SignIn,
):
    with act_for(acme.pk):
        stranger = make.contact(make.account("Initech"), "Rita")
        tom = sign_in(make.member(acme, Role.CSM, "Tom"))
        eve = sign_in(make.member(acme, Role.EXECUTIVE, "Eve"))
        with pytest.raises(Exception, match="Rita is not a contact"):
            change_event(event=renewal, actor=csm, now=NOW, given={"sufferer": stranger})
    with act_for(rival.pk):
        foreign = sign_in(make.member(rival, Role.CSM))
    new = f"/acme/accounts/{account.pk}/events/new/"
    for address in (new, at(renewal, "consequence"), at(renewal, "confirm")):
        assert tom.get(address).status_code == 404
        assert eve.get(address).status_code == 403
    assert foreign.get(at(renewal, "consequence").replace("acme", "rival")).status_code == 404


def test_a_closed_event_takes_no_consequence(maya: Client, acme: Tenant, renewal: CriticalEvent):
    maya.post(at(renewal, "close"), {"status": "met", "reason": "They signed"})
    answer = maya.post(at(renewal, "consequence"), said(stored(acme, renewal)), headers=HTMX)
    assert answer.status_code == 409 and "met already" in answer.text


def test_an_event_of_its_own_keeps_its_day(inside: Tenant, csm: Actor):
    account = make.account(owner=csm.user)
    on = date(2027, 6, 1)
    event = save_event(account=account, actor=csm, now=NOW, statement="Audit", on=on)
    told = change_event(event=event, actor=csm, now=NOW, given={"consequence": "Fine"})
    assert (told.on, told.level) == (on, Class.CRITICAL)
