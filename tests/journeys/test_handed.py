"""Promised against what the account knows, ratings by seller, clocks kept by step, SPICED since."""

from datetime import timedelta

import pytest

from accounts.models import Contact
from journeys.actions.clocks import record_breach
from journeys.actions.commitments import PromiseClosed, close_promise, hear_promise
from journeys.models import Commitment, Handoff
from journeys.queries.handed import (
    Kept,
    differences,
    promises_by_seller,
    ratings_by_seller,
    steps_kept,
)
from journeys.rules.judgement import RATED
from tenants.actor import Actor
from tenants.models import TrailEntry, User
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Deal
from tests.journeys.test_actions import accepted, saved
from tests.make import NOW


@pytest.fixture
def inside(request: pytest.FixtureRequest):
    with act_for(request.getfixturevalue("deal").tenant.pk):
        yield


def promise(deal: Deal, text: str, by: User | None = None, days: int = 1) -> Commitment:
    return Commitment.objects.create(
        account=deal.account, text=text, made_by=by or deal.seller.user,
        made_at=NOW - timedelta(days=days),
    )  # fmt: skip


@pytest.mark.usefixtures("inside")
def test_promises_are_counted_by_what_the_account_says(deal: Deal):
    same, other, unasked = (promise(deal, text) for text in ("One", "Two", "Three"))
    promise(deal, "Old", days=366)
    hear_promise(promise=same, actor=deal.csm.user, now=NOW)
    hear_promise(promise=other, actor=deal.csm.user, now=NOW, heard=" Weekly, not monthly ")
    counts = promises_by_seller(NOW)[deal.seller.user.pk]
    assert counts == Kept(n=3, as_promised=1, otherwise=1)
    assert counts.share == 0.5 and Kept(n=3).share is None
    assert [(each.text, each.heard) for each in differences(NOW)] == [
        ("Two", "Weekly, not monthly")
    ]
    verbs = set(TrailEntry.objects.values_list("verb", flat=True))
    assert {"journeys.promise_validated", "journeys.promise_otherwise"} <= verbs
    hear_promise(promise=other, actor=deal.csm.user, now=NOW)
    assert differences(NOW) == []
    close_promise(promise=unasked, actor=deal.csm.user, now=NOW, is_kept=True)
    with pytest.raises(PromiseClosed):
        hear_promise(promise=unasked, actor=deal.csm.user, now=NOW)


@pytest.mark.usefixtures("inside")
def test_ratings_are_the_mean_of_handoffs_by_seller(deal: Deal):
    handoff = accepted(deal)
    other = make.account("Other")
    for account, marks, days in [(other, 3, 5), (make.account("Aged"), 1, 366)]:
        Handoff.objects.create(
            account=account, sender=deal.seller.user, signed_at=NOW - timedelta(days=days),
            ratings=dict.fromkeys(RATED, marks),
        )  # fmt: skip
    Handoff.objects.filter(pk=handoff.pk).update(ratings=dict.fromkeys(RATED, 4))
    rated = ratings_by_seller(NOW)[deal.seller.user.pk]
    assert (rated.mean, rated.n, rated.is_under) == (3.5, 2, True)


@pytest.mark.usefixtures("inside")
def test_steps_are_kept_where_no_breach_was_written(deal: Deal):
    assert steps_kept(NOW) == []
    saved(deal)
    handoff = Handoff.objects.get()
    assert handoff.due_at is not None
    late = handoff.due_at + timedelta(hours=1)
    assert record_breach(handoff_id=handoff.pk, due_at=handoff.due_at, now=late)
    (submit,) = steps_kept(late)
    assert (submit.step, submit.n, submit.kept, submit.late) == ("submit", 1, 0, {handoff.pk})
    accepted(deal)
    found = {each.step: (each.kept, each.n) for each in steps_kept(late)}
    assert found == {"submit": (0, 1), "answer": (1, 1)}


def test_the_page_shows_them_and_opens_what_was_late(deal: Deal, sign_in):
    with act_for(deal.tenant.pk):
        handoff = Handoff.objects.get()
        assert handoff.due_at is not None
        record_breach(
            handoff_id=handoff.pk, due_at=handoff.due_at, now=handoff.due_at + timedelta(hours=1)
        )
        made = promise(deal, "Connector by March", days=-3)
        accepted(deal)
    maya = sign_in(deal.csm)
    url = f"/acme/promises/{made.pk}"
    assert "Connector by March" in maya.get(f"/acme/handoffs/{handoff.pk}/").text
    assert maya.post(f"{url}/validate/").status_code == 302
    assert "as promised" in maya.get(f"/acme/handoffs/{handoff.pk}/").text
    assert maya.get(f"{url}/otherwise/").status_code == 200
    assert maya.post(f"{url}/otherwise/", {"heard": " "}).status_code == 422
    assert maya.post(f"{url}/otherwise/", {"heard": "By February"}).status_code == 302
    page = maya.get("/acme/handoffs/?side=all&state=open").text
    assert "Promised, and expected otherwise" in page and "By February" in page
    assert "Clocks kept" in page
    late = maya.get("/acme/handoffs/?side=all&kind=sales_to_cs&missed=submit").text
    assert "late: submit" in late and deal.account.name in late


def test_a_handoff_shows_what_changed_in_spiced_since(deal: Deal, csm: Actor, sign_in):
    with act_for(deal.tenant.pk):
        handoff = Handoff.objects.get()
        person = Contact.objects.filter(account=deal.account).first()
        assert person is not None
        first = make.whole_note(deal.account, csm, person)
        type(first).objects.filter(pk=first.pk).update(saved_at=NOW - timedelta(days=2))
        Handoff.objects.update(submitted_at=NOW - timedelta(days=1))
    maya = sign_in(csm)
    assert "It says the same as then." in maya.get(f"/acme/handoffs/{handoff.pk}/").text
    with act_for(deal.tenant.pk):
        make.note(deal.account, csm, P={"text": "Reports take nine days now"})
    page = maya.get(f"/acme/handoffs/{handoff.pk}/").text
    assert "SPICED since it was handed over" in page and "<ins" in page
    assert "Pains and decision" in page and "Reports take nine days now</b>" in page
    assert f'<b class="fw">{person.name}</b>' in page
