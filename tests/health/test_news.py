"""Scores follow what is recorded; until they do, the panel says so and asks, and then stops."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account
from health.actions.models import install_defaults
from health.actions.overrides import override_score
from health.actions.rescore import hear, rescore
from health.models import Snapshot
from health.queries.news import LOOKS_BACK, SOON, awaited
from tenants import trail
from tenants.actor import Actor
from tenants.models import Job, Tenant
from tenants.roles import Role
from tests import make

SignIn = Callable[[Actor], Client]
HX = {"HX-Request": "true"}


@pytest.fixture
def account(inside: Tenant) -> Account:
    charter.actions.install_defaults(author=None, now=timezone.now())
    install_defaults(author=None, now=timezone.now())
    made = make.account(stage="first_impact", touch_model="mid", segment="mid_market")
    rescore(account_ids=[made.pk], now=timezone.now())
    return made


def scored_at(account: Account) -> datetime:
    return Snapshot.objects.filter(account=account).latest("day").recorded_at


def say(verb: str, account: Account | None = None, **facts: Any) -> datetime:
    """A line of the trail, recorded after the score was made."""
    account_id = account.pk if account else None
    return trail.record(verb, at=timezone.now(), account_id=account_id, **facts).recorded_at


@pytest.mark.parametrize(
    "verb", ["pulse.activity_logged", "spiced.note_saved", "accounts.account_changed"]
)
def test_a_score_is_awaited_until_it_is_made_anew(account: Account, verb: str):
    assert awaited(account.pk, scored_at(account), timezone.now()) is None
    at = say(verb, account)
    waits = awaited(account.pk, scored_at(account), at)
    assert waits is not None and (waits.since, waits.is_late) == (at, False)
    hear(since=at, now=at + timedelta(seconds=3))
    assert awaited(account.pk, scored_at(account), at + timedelta(seconds=3)) is None


def test_what_nobody_reads_is_late_and_then_no_longer_spoken_of(account: Account):
    at = say("spiced.note_saved", account)
    late = awaited(account.pk, scored_at(account), at + SOON + timedelta(seconds=1))
    assert late is not None and late.is_late
    assert awaited(account.pk, scored_at(account), at + LOOKS_BACK + SOON) is None


@pytest.mark.parametrize(
    "verb", ["plays.task_done", "health.score_overridden", "accounts.segment_changed"]
)
def test_what_moves_no_score_is_neither_awaited_nor_rescored(account: Account, verb: str):
    before, at = scored_at(account), say(verb, account)
    assert awaited(account.pk, before, at) is None
    hear(since=at, now=at + timedelta(seconds=3))
    assert scored_at(account) == before


def test_news_of_another_account_are_not_awaited_here(account: Account):
    at = say("spiced.note_saved", make.account("Other"))
    assert awaited(account.pk, scored_at(account), at) is None


def test_news_of_many_are_awaited_by_all_and_queued_once_for_all(account: Account):
    at = say("pulse.tickets_brought_in")
    assert awaited(account.pk, scored_at(account), at) is not None
    for _ in range(2):
        hear(since=at, now=at)
    assert Job.objects.filter(kind="health.rescore").count() == 1


def test_a_small_batch_rescores_the_accounts_it_names_alone(account: Account):
    at = say("pulse.tickets_brought_in", is_told_singly=True)
    assert awaited(account.pk, scored_at(account), at) is None
    hear(since=at, now=at)
    assert not Job.objects.filter(kind="health.rescore").exists()


def test_an_override_counts_at_once_and_awaits_nothing(account: Account):
    now = timezone.now()
    override_score(
        account=account, score=30, reason="Merger talks", author=make.user(), now=now,
        expires_at=now + timedelta(days=9),
    )  # fmt: skip
    assert awaited(account.pk, scored_at(account), timezone.now()) is None


@pytest.fixture
def visit(account: Account, acme: Tenant, sign_in: SignIn) -> Callable[[str], Any]:
    """A page of the account's health as htmx asks for it."""
    client = sign_in(make.member(acme, Role.REVOPS))

    def visited(part: str = "") -> Any:
        return client.get(f"/acme/accounts/{account.pk}/health/{part}", headers=HX)

    return visited


@pytest.fixture
def saved(account: Account) -> None:
    """A note saved an hour after the score was made."""
    Snapshot.objects.update(recorded_at=timezone.now() - timedelta(hours=1))
    say("spiced.note_saved", account)


def test_an_idle_panel_asks_nothing(visit: Callable[[str], Any]):
    panel = visit("")
    assert panel.status_code == 200
    assert "Updating" not in panel.text and "every " not in panel.text


def test_the_panel_says_that_it_is_updating_and_asks(saved: None, visit: Callable[[str], Any]):
    panel = visit("").text
    assert "Updating…" in panel and "1 h ago" in panel and 'hx-trigger="every 2s"' in panel
    asked = visit("awaited/")
    assert (asked.status_code, asked.content, asked.get("HX-Trigger")) == (204, b"", None)


def test_the_event_follows_the_score(account: Account, saved: None, visit: Callable[[str], Any]):
    rescore(account_ids=[account.pk], now=timezone.now() + timedelta(seconds=2))
    asked = visit("awaited/")
    assert (asked.status_code, asked["HX-Trigger"]) == (204, "health:changed")
    assert "Updating" not in visit("").text


def test_a_score_that_does_not_come_is_not_asked_for_any_longer(
    saved: None, visit: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("health.queries.news.SOON", timedelta(0))
    asked = visit("awaited/")
    assert asked.status_code == 200
    assert "is not in the score yet" in asked.text and "every " not in asked.text
    assert "every " not in visit("").text


def test_without_htmx_the_question_leads_to_the_score(
    account: Account, acme: Tenant, sign_in: SignIn
):
    client = sign_in(make.member(acme, Role.REVOPS))
    address = f"/acme/accounts/{account.pk}/health/"
    assert client.get(f"{address}awaited/")["Location"] == address
