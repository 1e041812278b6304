"""What a customer sees by a link, what they answer, and what no link can reach."""

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from charter.actions import install_defaults as install_charter
from journeys.actions.links import CODE_TRIES, revoke_link
from journeys.actions.onboardings import begin_onboarding
from journeys.actions.templates import install_defaults as install_templates
from journeys.models import PlanTask, ShareLink
from journeys.queries.templates import template_for
from plays.models import Task
from spiced.actions.events import save_event
from spiced.actions.goals import save_emotional_goal, save_rational_goal
from spiced.actions.measurements import measure_goal
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Shares
from tests.tenants.world import CANARY, fill

SignIn = Callable[[Actor], Client]
pytestmark = pytest.mark.django_db


def test_they_see_their_goals_and_confirm_with_one_click(shares: Shares):
    page = Client().get(shares.address)
    assert "Approvals take hours, not days" in page.text and "from 8 to 2 days" in page.text
    assert "1 promise below waits for your word" in page.text
    assert "Report nobody outside" not in page.text
    assert page["Cache-Control"] == "no-store, private" and "noindex" in page["X-Robots-Tag"]
    assert shares.say("confirm")["Location"] == shares.address
    stored = shares.stored()
    assert stored.confirmed_by == shares.priya and stored.goal.status == "achieved"
    page = Client().get(shares.address).text
    assert "confirmed by Priya Raman" in page and "Nothing waits for your word" in page
    with act_for(shares.tenant.pk):
        told = TrailEntry.objects.get(verb="spiced.measurement_confirmed")
    assert told.actor_id is None and told.facts["is_own_word"] is True
    assert shares.say("confirm").status_code == 409


def test_not_yet_is_kept_and_gives_the_owner_one_task(shares: Shares, sign_in: SignIn):
    assert shares.say("not_yet", "Two of five teams are in").status_code == 302
    assert shares.say("not_yet", "Three of five by now").status_code == 302
    stored = shares.stored()
    assert stored.confirmed_at is None and stored.doubt == "Three of five by now"
    assert "said not yet" in Client().get(shares.address).text
    with act_for(shares.tenant.pk):
        [task] = Task.objects.filter(account=shares.account)
    assert task.owner_id == shares.csm.user_id and task.has_clock
    assert task.title == "Ask Priya Raman what is missing: Days to approve"
    inside = sign_in(shares.csm).get(f"/acme/accounts/{shares.account.pk}/goals/").text
    assert "Not yet, said Priya Raman" in inside and "Three of five by now" in inside
    assert shares.say("confirm").status_code == 302 and shares.stored().confirmed_at


def test_an_answer_that_cannot_be_taken_is_refused_and_nothing_lost(shares: Shares):
    long = shares.say("not_yet", "a" * 501)
    assert long.status_code == 422 and "a" * 501 in long.text and "501" in long.text
    assert shares.say("perhaps").status_code == 422
    assert shares.say("confirm", of=make.some_id()).status_code == 409
    assert not shares.stored().doubted_at and not shares.stored().confirmed_at


def test_a_link_answers_for_its_own_account_and_person_alone(shares: Shares):
    now = timezone.now()
    with act_for(shares.tenant.pk):
        other = make.account("Contoso", owner=shares.csm.user)
        theirs = save_rational_goal(
            account=other, actor=shares.csm, now=now, statement="Theirs alone", measure="Hours",
            unit="h", baseline=8, target=2, deadline_on=date(2027, 3, 31),
        )  # fmt: skip
        omar = make.contact(shares.account, "Omar Haddad")
        felt = save_emotional_goal(
            account=shares.account, actor=shares.csm, now=now, person=omar,
            statement="I sleep again",
        )  # fmt: skip
        strange = [
            measure_goal(goal=goal, actor=shares.csm, now=now, value=2, measured_on=make.TODAY)
            for goal in (theirs, felt)
        ]
    page = Client().get(shares.address).text
    assert "Theirs alone" not in page and "I sleep again" not in page
    for measurement in strange:
        assert shares.say("confirm", of=measurement.pk).status_code == 409
        with act_for(shares.tenant.pk):
            assert ImpactMeasurement.objects.get(pk=measurement.pk).confirmed_at is None


def test_they_see_their_part_of_the_plan(shares: Shares):
    """Tasks marked for them, with who does each; never a task of ours, a note or a reason."""
    now = timezone.now()
    with act_for(shares.tenant.pk):
        install_charter(author=None, now=now)
        install_templates(author=None, now=now)
        Account.objects.filter(pk=shares.account.pk).update(stage="onboarding", touch_model="high")
        template = template_for("high")
        assert template is not None
        shares.account.refresh_from_db()
        plan = begin_onboarding(
            account=shares.account, template=template, actor=shares.csm.user, now=now,
            anchor_on=timezone.localdate(now),
        )  # fmt: skip
        PlanTask.objects.filter(onboarding=plan).update(note=CANARY, reason=CANARY)
        tasks = PlanTask.objects.filter(onboarding=plan)
        seen = set(tasks.filter(is_visible=True).values_list("label", flat=True))
        kept = set(tasks.filter(is_visible=False).values_list("label", flat=True))
    assert seen and kept
    page = html.unescape(Client().get(shares.address).text)
    assert "The plan" in page and CANARY not in page
    assert {label for label in seen | kept if label in page} == seen
    assert "with you" in page and "with us" in page


def test_nothing_internal_can_appear(shares: Shares):
    """Every text of every table of the tenant is the canary, but for what the page may show."""
    assert shares.csm.user
    with act_for(shares.tenant.pk):
        made = fill(shares.csm.user)
        for model, row in made.items():
            for field in model._meta.local_fields:
                if field.name == "account" and field.related_model is Account:
                    model._default_manager.filter(pk=row.pk).update(account=shares.account)
        Account.objects.filter(pk=shares.account.pk).update(
            industry=CANARY, region=CANARY, domain=CANARY, tags=[CANARY], custom={"x": CANARY}
        )
        Contact.objects.filter(pk=shares.priya.pk).update(title=CANARY)
        ImpactMeasurement.objects.update(evidence=CANARY)
        save_event(
            account=shares.account, actor=shares.csm, now=timezone.now(), statement=CANARY,
            on=date(2027, 1, 31), consequence=CANARY,
        )  # fmt: skip
    page = Client().get(shares.address)
    assert page.status_code == 200 and "Approvals take hours" in page.text
    assert CANARY not in page.text
    assert CANARY not in str(page.headers)


def test_a_promise_to_them_is_answered_from_one_to_five(shares: Shares):
    now = timezone.now()
    with act_for(shares.tenant.pk):
        omar = make.contact(shares.account, "Omar Haddad")
        mine, his = (
            save_emotional_goal(
                account=shares.account, actor=shares.csm, now=now, person=person,
                statement="Month-end without weekends",
            )
            for person in (shares.priya, omar)
        )  # fmt: skip
    assert "How far do you agree today?" in Client().get(shares.address).text

    def say(goal: ImpactGoal, agreement: str) -> int:
        at = f"{shares.address}goals/{goal.pk}/"
        return Client().post(at, {"agreement": agreement}).status_code

    assert [say(mine, wrong) for wrong in ("0", "6", "4.5", "", "٣")] == [422] * 5
    assert say(his, "5") == 409 and say(shares.goal, "5") == 409
    assert say(mine, "4") == 302
    with act_for(shares.tenant.pk):
        [kept] = ImpactMeasurement.objects.filter(goal=mine)
        assert kept.value == 4 and kept.confirmed_by == shares.priya
        assert ImpactGoal.objects.get(pk=mine.pk).status == "achieved"
        assert not ImpactMeasurement.objects.filter(goal=his).exists()
    page = Client().get(shares.address).text
    assert "How far do you agree" not in page and "confirmed by Priya Raman" in page
    assert say(mine, "5") == 409


@pytest.mark.parametrize("how", ["too late", "taken back", "left", "archived", "company closed"])
def test_a_link_that_no_longer_holds_opens_nothing(shares: Shares, how: str):
    now = timezone.now()
    with act_for(shares.tenant.pk):
        if how == "too late":
            ShareLink.objects.update(expires_at=now)
        if how == "taken back":
            revoke_link(link=shares.link, actor=shares.csm, now=now)
        if how == "left":
            Contact.objects.filter(pk=shares.priya.pk).update(departed_on=make.TODAY)
        if how == "archived":
            Account.objects.filter(pk=shares.account.pk).update(archived_at=now)
    if how == "company closed":
        Tenant.objects.filter(pk=shares.tenant.pk).update(is_active=False)
    page = Client().get(shares.address)
    assert page.status_code == 410 and "no longer holds" in page.text
    assert "Northwind" not in page.text and "Priya" not in page.text
    assert shares.say("confirm").status_code == 410 and not shares.stored().confirmed_at


def test_a_guessed_link_is_nobodys(shares: Shares):
    token = shares.address.split("/")[2]
    for guess in (token[:-1], token + "x", token.swapcase(), "a", str(shares.link.pk)):
        assert Client().get(f"/s/{guess}/").status_code == 404


def test_reading_records_nothing(shares: Shares):
    def counts() -> dict[str, int]:
        with act_for(shares.tenant.pk):
            return {m.__name__: m.objects.count() for m in (TrailEntry, Task, ImpactMeasurement)}

    before = counts(), shares.stored().doubted_at
    for _ in range(3):
        assert Client().get(shares.address).status_code == 200
    assert Client().get(f"{shares.address}answers/{shares.measurement.pk}/").status_code == 405
    assert (counts(), shares.stored().doubted_at) == before


@pytest.fixture
def coded(shares: Shares) -> Shares:
    with act_for(shares.tenant.pk):
        ShareLink.objects.update(asks_code=True)
    return shares


def sent() -> str:
    [code] = re.findall(r"^\d{6}$", mail.outbox[-1].body, re.MULTILINE)
    return str(code)


def test_where_a_code_is_asked_for_the_link_alone_shows_nothing(
    coded: Shares, django_capture_on_commit_callbacks: Any
):
    visitor = Client()
    page = visitor.get(coded.address).text
    assert "Northwind" not in page and "Approvals" not in page and "Send the code" in page
    assert coded.say("confirm").status_code == 403 and not coded.stored().confirmed_at
    with django_capture_on_commit_callbacks(execute=True):
        assert "on its way" in visitor.post(f"{coded.address}code/").text
    assert mail.outbox[-1].to == ["priya@northwind.example"]
    assert visitor.post(f"{coded.address}code/").status_code == 429
    code = sent()
    opened = visitor.post(f"{coded.address}code/", {"code": f" {code} "})
    assert opened.status_code == 302
    assert "Approvals take hours" in visitor.get(coded.address).text
    other = Client()
    assert other.post(f"{coded.address}code/", {"code": code}).status_code == 422
    assert "Approvals" not in other.get(coded.address).text


def test_a_code_cannot_be_found_by_trying(coded: Shares, django_capture_on_commit_callbacks: Any):
    visitor = Client()
    with django_capture_on_commit_callbacks(execute=True):
        visitor.post(f"{coded.address}code/")
    code = sent()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(CODE_TRIES):
        assert visitor.post(f"{coded.address}code/", {"code": wrong}).status_code == 422
    assert visitor.post(f"{coded.address}code/", {"code": code}).status_code == 422


def test_links_are_made_seen_and_taken_back_by_who_reaches_the_account(
    shares: Shares, sign_in: SignIn
):
    at = f"/acme/accounts/{shares.account.pk}/sharing/"
    nora = sign_in(shares.csm)
    assert "Priya Raman" in nora.get(at).text
    made = nora.post(f"{at}new/", {"contact": shares.priya.pk, "days": 10}).text
    [address] = re.findall(r"http://testserver(/s/[^/<]+/)", made)
    assert "Approvals take hours" in Client().get(address).text
    assert address not in nora.get(at).text
    with act_for(shares.tenant.pk):
        newest = ShareLink.objects.latest("made_at")
    assert nora.post(f"/acme/sharing/{newest.pk}/revoke/").status_code == 302
    assert Client().get(address).status_code == 410
    preview = nora.get(f"/acme/sharing/preview/{shares.priya.pk}/").text
    assert "Approvals take hours" in preview and "<form" not in preview.split("<main")[1]
    for role, name in ((Role.CSM, "Otto"), (Role.SALES, "Sal"), (Role.EXECUTIVE, "Exa")):
        other = sign_in(make.member(shares.tenant, role, name, team="APAC"))
        assert other.get(at).status_code in (403, 404)
        assert other.post(f"/acme/sharing/{shares.link.pk}/revoke/").status_code in (403, 404)


def test_a_link_needs_somebody_who_is_there(shares: Shares, sign_in: SignIn):
    at = f"/acme/accounts/{shares.account.pk}/sharing/new/"
    with act_for(shares.tenant.pk):
        stranger = make.contact(make.account("Contoso"))
        silent = make.contact(shares.account, "Omar Haddad")
    nora = sign_in(shares.csm)
    refused = [
        {"contact": stranger.pk, "days": 10},
        {"contact": silent.pk, "days": 10, "asks_code": "on"},
        {"contact": shares.priya.pk, "days": 0},
        {"contact": shares.priya.pk, "days": 366},
        {},
    ]
    for given in refused:
        assert nora.post(at, given).status_code == 422
    with act_for(shares.tenant.pk):
        assert ShareLink.objects.count() == 1 and User.objects.exists()
