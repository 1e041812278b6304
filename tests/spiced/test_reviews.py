"""Reviews of calls: who may give and read them, what they keep, the coaching page, the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from spiced.actions.reviews import NoCall, WrongReview, count_questions, review_call
from spiced.models import CallReview, Note
from spiced.queries.reviews import agreement, coached, reviewable, reviews_in_reach
from spiced.rules.coaching import BEHAVIOURS, ITEMS
from spiced.rules.transcripts import Heard
from tenants.actor import Actor
from tenants.models import Membership, Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
SCORES = dict(zip(ITEMS, (3, 2, 2, 1, 2, 1), strict=True))
SEEN = list(BEHAVIOURS)[:3]
GIVEN: dict[str, Any] = SCORES | {"behaviours": SEEN, "held_on": "2026-11-19", "comment": "Ask on."}
CALL = "Maya: Since when?\nPriya: May. Why do you ask?\nMaya: Who else feels it? And where?"


@pytest.fixture
def lead(acme: Tenant) -> Actor:
    return make.member(acme, Role.MANAGER, "Marguerite Oduya")


@pytest.fixture
def mate(acme: Tenant) -> Actor:
    """Another CSM of the same team."""
    return make.member(acme, Role.CSM, "Jonas Okonkwo")


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user, stage="live")


@pytest.fixture
def note(acme: Tenant, account: Account, csm: Actor) -> Note:
    with act_for(acme.pk):
        return make.note(account, csm, P={"text": "Invoices come late"})


def reviewed(note: Note, lead: Actor, *scores: int, **more: Any) -> CallReview:
    items = dict(zip(ITEMS, scores, strict=True)) if scores else SCORES
    told = {"now": NOW, "held_on": TODAY, "behaviours": SEEN} | more
    return review_call(note=note, actor=lead, items=items, **told)


@pytest.fixture
def kept(acme: Tenant, note: Note, lead: Actor) -> CallReview:
    with act_for(acme.pk):
        return reviewed(note, lead, comment="Ask on.")


# -- what an action keeps --


def test_a_review_keeps_its_parts_and_their_score(acme: Tenant, kept: CallReview, csm: Actor):
    with act_for(acme.pk):
        stored = CallReview.objects.get()
        line = TrailEntry.objects.get(verb="spiced.call_reviewed")
    assert stored.items == SCORES and stored.behaviours == sorted(SEEN)
    assert stored.score == pytest.approx(63.888889) and stored.person_id == csm.user_id
    assert line.account_id == stored.account_id and line.object_id == stored.pk
    assert "score" not in line.facts and "63" not in str(line.facts)


def test_a_review_said_anew_replaces_the_one_before_and_the_same_again_changes_nothing(
    acme: Tenant, note: Note, kept: CallReview, lead: Actor
):
    later = NOW + timedelta(hours=2)
    with act_for(acme.pk):
        assert reviewed(note, lead, comment="Ask on.", now=later) == kept
        again = reviewed(note, lead, 3, 3, 3, 3, 3, 3, now=later)
        before = CallReview.objects.get(pk=kept.pk)
    assert before.replaced_at == later and before.score == kept.score
    assert again.replaced_at is None and again.score == pytest.approx(95)


def test_two_leads_score_one_call_and_their_difference_is_told(
    acme: Tenant, note: Note, kept: CallReview, lead: Actor
):
    other = make.member(acme, Role.MANAGER, "Rafael Brandt")
    with act_for(acme.pk):
        reviewed(note, other, 3, 3, 3, 3, 3, 3)
        people = coached(lead, NOW)
        (found,) = [each for each in people if each.n]
    told = agreement(people)
    assert found.mean == pytest.approx((kept.score + 95) / 2) and found.n == 1
    assert (told.n, told.n_shared, told.apart) == (1, 1, pytest.approx(95 - kept.score))


@pytest.mark.parametrize(
    "change", [{"is_draft": True}, {"author": None}, {"touchpoint": "set aside"}]
)
def test_what_is_no_call_of_a_colleague_is_not_reviewed(
    acme: Tenant, note: Note, lead: Actor, change: dict[str, Any]
):
    with act_for(acme.pk):
        Note.objects.filter(pk=note.pk).update(**change)
        note.refresh_from_db()
        with pytest.raises(NoCall):
            reviewed(note, lead)
        assert not CallReview.objects.exists() and note not in reviewable(lead)


def test_nobody_reviews_their_own_call(acme: Tenant, account: Account, lead: Actor):
    with act_for(acme.pk):
        own = make.note(account, lead, P={"text": "Late"})
        with pytest.raises(NoCall, match="somebody else"):
            reviewed(own, lead)


@pytest.mark.parametrize(
    "wrong",
    [{"items": SCORES | {"pain": 4}}, {"behaviours": ["charm"]}, {"held_on": TODAY + timedelta(1)}],
)
def test_a_review_that_cannot_be_is_refused(
    acme: Tenant, note: Note, lead: Actor, wrong: dict[str, Any]
):
    told: dict[str, Any] = {"items": SCORES, "behaviours": SEEN, "held_on": TODAY} | wrong
    with act_for(acme.pk), pytest.raises(WrongReview):
        review_call(note=note, actor=lead, now=NOW, **told)


# -- who may see what --


def seen_by(acme: Tenant, actor: Actor) -> int:
    with act_for(acme.pk):
        return reviews_in_reach(actor).count()


def test_a_csm_sees_their_own_reviews_and_a_lead_those_of_the_team(
    acme: Tenant, kept: CallReview, csm: Actor, lead: Actor, mate: Actor
):
    assert (seen_by(acme, csm), seen_by(acme, lead), seen_by(acme, mate)) == (1, 1, 0)
    assert seen_by(acme, make.member(acme, Role.MANAGER, team="South")) == 0
    assert seen_by(acme, make.member(acme, Role.MANAGER, team="")) == 0
    for role in (Role.REVOPS, Role.ADMIN, Role.EXECUTIVE):
        assert seen_by(acme, make.member(acme, role)) == 0


def test_a_colleague_finds_neither_the_review_nor_the_page_of_whom_it_is_about(
    acme: Tenant, kept: CallReview, csm: Actor, mate: Actor, sign_in: SignIn
):
    theirs = sign_in(mate)
    assert theirs.get(f"/acme/reviews/{kept.pk}/").status_code == 404
    assert theirs.get(f"/acme/coaching/{csm.user_id}/").status_code == 404
    own = theirs.get("/acme/coaching/").text
    assert "No call reviewed yet" in own and "63.9" not in own and "Maya" not in own
    page = theirs.get(f"/acme/accounts/{kept.account_id}/spiced/versions/").text
    assert "63.9" not in page and str(kept.pk) not in page
    mine = sign_in(csm)
    assert "63.9" in mine.get(f"/acme/reviews/{kept.pk}/").text
    assert "63.9" in mine.get(f"/acme/accounts/{kept.account_id}/spiced/versions/").text


def test_only_a_lead_of_the_team_may_review(
    acme: Tenant, note: Note, csm: Actor, mate: Actor, sign_in: SignIn
):
    url = f"/acme/notes/{note.pk}/review/"
    assert sign_in(mate).post(url, GIVEN).status_code == 403
    assert sign_in(csm).get(url).status_code == 403
    far = make.member(acme, Role.MANAGER, team="South")
    assert sign_in(far).get(url).status_code == 404
    assert sign_in(far).post(url, GIVEN).status_code == 404
    with act_for(acme.pk):
        assert not CallReview.objects.exists()


def test_a_past_day_shows_what_was_said_then(
    acme: Tenant, note: Note, kept: CallReview, lead: Actor
):
    later = NOW + timedelta(days=3)
    with act_for(acme.pk):
        reviewed(note, lead, 3, 3, 3, 3, 3, 3, now=later)
        means = [
            [each.mean for each in coached(lead, at) if each.n]
            for at in (NOW - timedelta(1), NOW, later)
        ]
    assert means == [[], [kept.score], [pytest.approx(95)]]


# -- in the browser --


def form_in(page: str) -> str:
    """The form of a review, without what every page has around it."""
    return page.split('<form class="form"')[1].split("</form>")[0]


def test_a_lead_reviews_a_call_from_the_versions_of_its_note(
    acme: Tenant, note: Note, account: Account, lead: Actor, csm: Actor, sign_in: SignIn
):
    client = sign_in(lead)
    url = f"/acme/notes/{note.pk}/review/"
    assert url in client.get(f"/acme/accounts/{account.pk}/spiced/versions/").text
    assert url in client.get("/acme/coaching/").text
    page = client.get(url).text
    assert "Invoices come late" in page and "Maya Okafor" in page
    answer = client.post(url, GIVEN)
    assert answer.status_code == 302
    shown = client.get(answer.headers["Location"]).text
    for words in ("63.9 of 100", "11 of 18", "48.9 of 80", "15 of 20", "Ask on.", "Review again"):
        assert words in shown
    assert url not in client.get("/acme/coaching/").text
    table = client.get("/acme/coaching/").text
    assert "Maya Okafor" in table and "63.9" in table
    again = form_in(client.get(url).text)
    assert again.count("checked") == len(ITEMS) + len(SEEN) and "Ask on." in again
    person = client.get(f"/acme/coaching/{csm.user_id}/").text
    assert "1 call reviewed" in person and answer.headers["Location"] in person


@pytest.mark.parametrize(
    "wrong", [{"pain": "4"}, {"pain": ""}, {"behaviours": ["charm"]}, {"held_on": "2999-01-01"}]
)
def test_a_wrong_review_is_shown_again_with_what_was_entered(
    acme: Tenant, note: Note, lead: Actor, sign_in: SignIn, wrong: dict[str, Any]
):
    answer = sign_in(lead).post(f"/acme/notes/{note.pk}/review/", GIVEN | wrong)
    assert answer.status_code == 422
    assert "Ask on." in answer.text
    assert 'class="error"' in answer.text or "The call is still to come." in answer.text
    with act_for(acme.pk):
        assert not CallReview.objects.exists()


def test_questions_are_counted_in_a_transcript_that_is_not_kept(
    acme: Tenant, note: Note, account: Account, csm: Actor, lead: Actor, sign_in: SignIn
):
    client, url = sign_in(csm), f"/acme/notes/{note.pk}/questions/"
    assert 'value="Maya Okafor, Maya"' in client.get(url).text
    wrong = client.post(url, {"ours": "Ana", "transcript": CALL})
    assert wrong.status_code == 422 and "It names Maya and Priya" in wrong.text
    assert client.post(url, {"ours": "Maya", "transcript": CALL}).status_code == 302
    with act_for(acme.pk):
        note.refresh_from_db()
        (line,) = TrailEntry.objects.filter(verb="spiced.questions_counted")
    assert (note.questions_ours, note.questions_theirs) == (3, 1)
    assert note.talk_share == pytest.approx(8 / 13)
    assert line.facts == {"version": 1, "ours": 3, "theirs": 1}
    told = "3 questions asked by us, 1 by them, 62% of the words ours"
    for page in ("", "known/", "versions/"):
        assert told in client.get(f"/acme/accounts/{account.pk}/spiced/{page}").text, page
    assert (
        "In the transcript 61.5% of the words are ours"
        in sign_in(lead).get(f"/acme/notes/{note.pk}/review/").text
    )


def test_a_new_version_is_another_call_without_a_count(
    acme: Tenant, note: Note, account: Account, csm: Actor
):
    with act_for(acme.pk):
        count_questions(note=note, actor=csm, now=NOW, heard=Heard(4, 2, 50, 50))
        newer = make.note(account, csm, P={"text": "Later still"})
        assert newer.pk != note.pk and newer.questions_ours is None
        note.refresh_from_db()
        assert (note.questions_ours, note.talk_share) == (4, 0.5)


def test_who_speaks_half_has_it_ticked_already(
    acme: Tenant, note: Note, csm: Actor, lead: Actor, sign_in: SignIn
):
    url = f"/acme/notes/{note.pk}/review/"
    assert "checked" not in form_in(sign_in(lead).get(url).text)
    with act_for(acme.pk):
        count_questions(note=note, actor=csm, now=NOW, heard=Heard(4, 2, 50, 50))
    page = form_in(sign_in(lead).get(url).text)
    assert page.count("checked") == 1 and 'value="talk_share"' in page.split("checked")[0][-200:]


def test_a_colleague_out_of_reach_counts_nothing(note: Note, mate: Actor, sign_in: SignIn):
    answer = sign_in(mate).post(
        f"/acme/notes/{note.pk}/questions/", {"ours": "Maya", "transcript": CALL}
    )
    assert answer.status_code == 404


# -- over the API --


def test_the_api_lists_reviews_in_force(
    acme: Tenant, note: Note, kept: CallReview, lead: Actor, csm: Actor
):
    admin = make.member(acme, Role.ADMIN)
    with act_for(acme.pk):
        key = make.api_key(admin, scopes=["reviews:read"])
        none = make.api_key(admin, scopes=["spiced:read"])
    client = Client(headers={"Authorization": f"Bearer {key}"})
    with act_for(acme.pk):
        reviewed(note, lead, 3, 3, 3, 3, 3, 3, now=timezone.now())
    (found,) = client.get("/api/v1/reviews/").json()["data"]
    assert found["score"] == pytest.approx(95) and found["version"] == 1
    assert found["items"] == dict.fromkeys(ITEMS, 3) and found["person"] == csm.user.email
    assert client.get("/api/v1/reviews/?person=nobody@example.com").json()["data"] == []
    refused = Client(headers={"Authorization": f"Bearer {none}"}).get("/api/v1/reviews/")
    assert refused.status_code == 403


def test_the_name_of_a_team_that_is_empty_joins_nobody(acme: Tenant, kept: CallReview, csm: Actor):
    with act_for(acme.pk):
        Membership.objects.filter(tenant=acme, user=csm.user).update(team="")
    assert seen_by(acme, make.member(acme, Role.MANAGER, team="")) == 0
