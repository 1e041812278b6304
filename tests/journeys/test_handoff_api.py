"""A handoff from its draft to its rating over the API: the gates of the screens, said plainly."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions.ownership import assign_accounts
from accounts.models import Account
from charter.actions import install_defaults
from journeys.models import Commitment, Handoff
from journeys.rules.judgement import RATED
from tenants.models import TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import Call, key_of, refused
from tests.journeys.conftest import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(deal: Deal) -> Call:
    return key_of(deal.tenant)


def written(deal: Deal, call: Call, **other: str) -> int:
    """Everything is said; the version now."""
    at, said = f"handoffs/{deal.handoff.pk}/", deal.said | other
    answer = call(at, {"seen_version": call(at).json()["version"], "said": said})
    assert answer.status_code == 200, answer.content
    return int(answer.json()["version"])


def submitted(deal: Deal, call: Call, **other: str) -> int:
    version = written(deal, call, **other)
    answer = call(f"handoffs/{deal.handoff.pk}/submit/", {"seen_version": version})
    assert answer.json()["state"] == "submitted", answer.content
    return int(answer.json()["version"])


def test_a_handoff_is_read_written_submitted_accepted_and_rated(deal: Deal, call: Call):
    (row,) = call("handoffs/?state=draft&kind=sales_to_cs").json()["data"]
    assert row["id"] == str(deal.handoff.pk) and row["sender"] == deal.seller.user.email  # type: ignore[union-attr]
    at = f"handoffs/{row['id']}/"
    whole = call(at).json()
    assert "risks, or “none” signed and dated" in whole["lacks"] and "risks" in whole["missing"]
    assert whole["asks"]["risks"] and whole["step"] == "submit" and whole["level"] < 3
    version = submitted(deal, call, commitments="A second site by May")
    done = call(f"{at}accept/", {"seen_version": version}).json()
    assert (done["state"], done["completeness"], done["lacks"]) == ("accepted", 5, [])
    assert done["receiver"] == deal.csm.user.email and done["step"] == "first_contact"  # type: ignore[union-attr]
    assert done["spiced"] == dict.fromkeys(("S", "P", "I", "CE", "D"), 2)
    for step in ("first_contact", "kickoff_booked", "kickoff_held"):
        done = call(f"{at}steps/", {"step": step}).json()
    assert (done["state"], done["step"], len(done["steps"])) == ("completed", "", 3)
    assert call(f"{at}rate/", dict.fromkeys(RATED, 4)).json()["ratings"]["context"] == 4
    with act_for(deal.tenant.pk):
        deal.account.refresh_from_db()
        assert deal.account.stage == "onboarding"
        told = TrailEntry.objects.get(verb="journeys.handoff_accepted")
        assert told.actor_id is None and told.key_id is not None
        assert Commitment.objects.get().made_by == deal.seller.user


def test_an_empty_handoff_comes_straight_back_with_its_gaps(deal: Deal, call: Call):
    back = call(f"handoffs/{deal.handoff.pk}/submit/", {"seen_version": deal.handoff.version})
    assert back.status_code == 200 and back.json()["state"] == "returned"
    assert "risks, or “none” signed and dated" in back.json()["gaps"]


def test_what_was_answered_is_not_answered_again(deal: Deal, call: Call):
    at, version = f"handoffs/{deal.handoff.pk}/", submitted(deal, call)
    once = {"Idempotency-Key": "accept-1"}
    first = call(f"{at}accept/", {"seen_version": version}, **once)
    again = call(f"{at}accept/", {"seen_version": version}, **once)
    assert first.status_code == again.status_code == 200 and first.content == again.content
    for what, more in (
        ("accept", {}), ("return", {"note": "x"}), ("waive", {"reason": "x"}), ("submit", {}),
    ):  # fmt: skip
        assert refused(call(f"{at}{what}/", {"seen_version": version} | more), 409, "handoff_moved")
    assert refused(call(at, {"seen_version": version + 1, "said": {}}), 409, "handoff_moved")
    with act_for(deal.tenant.pk):
        assert TrailEntry.objects.filter(verb="journeys.handoff_accepted").count() == 1


def test_an_answer_to_what_one_did_not_read_is_refused(deal: Deal, call: Call):
    at, version = f"handoffs/{deal.handoff.pk}/", submitted(deal, call)
    for what, more in (("accept", {}), ("return", {"note": "x"}), ("waive", {"reason": "x"})):
        stale = call(f"{at}{what}/", {"seen_version": version - 1} | more)
        assert refused(stale, 409, "stale_handoff")
        assert call(f"{at}{what}/", more).json()["errors"]["seen_version"]
    assert call(f"{at}return/", {"seen_version": version, "gaps": ["goals"]}).status_code == 200
    assert refused(call(at, {"seen_version": version, "said": {}}), 409, "stale_handoff")
    assert refused(call(f"{at}submit/", {"seen_version": version}), 409, "stale_handoff")
    with act_for(deal.tenant.pk):
        assert Handoff.objects.get().gaps == ["goals"]


def test_a_missing_item_keeps_it_from_being_accepted_until_it_is_waived(deal: Deal, call: Call):
    at, version = f"handoffs/{deal.handoff.pk}/", submitted(deal, call, discount="")
    assert refused(call(f"{at}accept/", {"seen_version": version}), 409, "items_missing")
    assert call(f"{at}waive/", {"seen_version": version}).status_code == 422
    waived = call(f"{at}waive/", {"seen_version": version, "reason": "Legal sends it"}).json()
    assert (waived["waived_item"], waived["lacks"]) == ("discount", [])
    assert waived["missing"] == ["discount"]
    done = call(f"{at}accept/", {"seen_version": waived["version"]}).json()
    said = {"discount": "none", "risks": "More than we said"}
    wrong = call(at, {"seen_version": done["version"], "said": said})
    assert refused(wrong, 409, "handoff_moved")
    right = call(at, {"seen_version": done["version"], "said": {"discount": "none"}})
    assert right.json()["missing"] == []


def test_nothing_is_waived_where_nothing_is_missing_and_a_return_names_a_gap(
    deal: Deal, call: Call
):
    at, version = f"handoffs/{deal.handoff.pk}/", submitted(deal, call)
    seen = {"seen_version": version}
    assert refused(call(f"{at}waive/", seen | {"reason": "x"}), 409, "nothing_to_waive")
    assert refused(call(f"{at}return/", seen | {"gaps": []}), 422, "no_gap_named")
    assert refused(call(f"{at}steps/", {"step": "first_contact"}), 409, "handoff_moved")
    assert refused(call(f"{at}rate/", dict.fromkeys(RATED, 4)), 409, "handoff_moved")


def test_what_is_said_is_checked_as_the_form_checks_it(deal: Deal, call: Call):
    with act_for(deal.tenant.pk):
        stranger = make.contact(make.account("Initech"))
    at = f"handoffs/{deal.handoff.pk}/"
    bad = {
        "unheard": "of",
        "kickoff_on": "26/11/2026",
        "terms": "x" * 301,
        "sponsor": str(stranger.pk),
    }
    for key, value in bad.items():
        answer = call(at, {"seen_version": deal.handoff.version, "said": {key: value}})
        assert answer.status_code == 422 and list(answer.json()["errors"]) == [f"said.{key}"]
    for said in ([], {"risks": 3}, {"risks": None}, "risks"):
        answer = call(at, {"seen_version": deal.handoff.version, "said": said})
        assert answer.status_code == 422 and "said" in answer.json()["errors"]
    with act_for(deal.tenant.pk):
        assert Handoff.objects.get().version == deal.handoff.version


def test_the_gate_of_the_bowtie_holds_for_keys_too(deal: Deal, call: Call):
    version = submitted(deal, call)
    with act_for(deal.tenant.pk):
        Account.objects.update(owner=None)
    closed = call(f"handoffs/{deal.handoff.pk}/accept/", {"seen_version": version})
    assert refused(closed, 409, "gate_closed") and "a CSM" in closed.json()["detail"]
    with act_for(deal.tenant.pk):
        assert Handoff.objects.get().state == "submitted"


def test_a_promise_is_kept_once_and_withdrawn_with_a_reason(deal: Deal, call: Call):
    version = submitted(deal, call, commitments="A second site by May")
    call(f"handoffs/{deal.handoff.pk}/accept/", {"seen_version": version})
    (row,) = call(f"promises/?state=open&account_id={deal.account.pk}").json()["data"]
    assert row["text"] == "A second site by May" and row["handoff_id"] == str(deal.handoff.pk)
    at = f"promises/{row['id']}/state/"
    assert refused(call(at, {"state": "open"}), 409, "promise_open")
    assert refused(call(at, {"state": "withdrawn"}), 422, "no_reason_given")
    assert call(at, {"state": "kept"}).json()["state"] == "kept"
    assert refused(call(at, {"state": "kept"}), 409, "promise_closed")
    assert call(at, {"state": "open"}).json()["closed_at"] is None


def test_a_key_with_one_of_the_scopes_does_nothing_of_the_other(deal: Deal, call: Call):
    giver = key_of(deal.tenant, scopes=["accounts:read", "handoffs:write"])
    taker = key_of(deal.tenant, scopes=["accounts:read", "handoffs:accept"])
    at, seen = f"handoffs/{deal.handoff.pk}/", {"seen_version": deal.handoff.version}
    assert taker(at, seen | {"said": {}}).status_code == 403
    assert taker(f"{at}submit/", seen).status_code == 403
    version = submitted(deal, giver)
    for what in ("accept", "return", "waive", "rate", "steps"):
        assert giver(f"{at}{what}/", {"seen_version": version}).status_code == 403
    assert taker(f"{at}accept/", {"seen_version": version}).status_code == 200


def test_the_handoff_to_another_csm_begins_once_and_only_where_one_is_offered(
    deal: Deal, call: Call
):
    body = {"account_id": str(deal.account.pk)}
    assert refused(call("handoffs/", body), 409, "not_changed")
    with act_for(deal.tenant.pk):
        new, now = make.member(deal.tenant, Role.CSM, "Noor Aziz"), timezone.now()
        given = {"account_ids": [deal.account.pk], "owner": new.user}
        assign_accounts(**given, actor=deal.manager, now=now)
        Account.objects.update(stage="onboarding")
    made = call("handoffs/", body)
    assert made.status_code == 201 and made.json()["kind"] == "csm_to_csm"
    assert made.json()["sender"] == deal.csm.user.email  # type: ignore[union-attr]
    assert refused(call("handoffs/", body), 409, "not_changed")
    assert call("handoffs/", {"account_id": str(make.some_id())}).status_code == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("others", ["accept", "return"])
def test_two_keys_that_answer_at_once_answer_once(transactional_db: None, deal: Deal, others: str):
    with act_for(deal.tenant.pk):
        install_defaults(author=None, now=timezone.now())
    calls = [key_of(deal.tenant) for _ in range(2)]
    at, version = f"handoffs/{deal.handoff.pk}/", submitted(deal, calls[0])

    def act(told: tuple[Call, str]) -> str:
        try:
            answer = told[0](f"{at}{told[1]}/", {"seen_version": version} | more(told[1]))
            return str(answer.json().get("code", "done"))
        finally:
            connection.close()

    def more(what: str) -> dict[str, str]:
        return {"note": "Which team?"} if what == "return" else {}

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(act, zip(calls, ("accept", others), strict=True)))
    assert found == ["done", "handoff_moved"]
    with act_for(deal.tenant.pk):
        verbs = TrailEntry.objects.filter(verb__startswith="journeys.handoff_")
        answered = verbs.filter(verb__in=("journeys.handoff_accepted", "journeys.handoff_returned"))
        assert answered.count() == 1
