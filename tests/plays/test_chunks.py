"""A night of plays comes to the same, however few accounts it takes at a time."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from health.models import AccountRow
from plays.actions import evaluate as evaluating
from plays.actions import opening
from plays.models import Held, Run, Task
from plays.rules.bodies import LOWEST_PRIORITY
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Tenant, TrailEntry
from tests import make
from tests.make import NOW, TODAY
from tests.plays.conftest import put_in_force

DAY = timedelta(days=1)
CHUNKS = (1, 2, 5, 2_000)
ACCOUNTS = 11


@pytest.fixture
def nights(inside: Tenant, csm: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days of accounts on which plays start, yield, rest, work out and wait for a person."""
    monkeypatch.setattr(opening, "MOST_OPEN", 9)
    low = {"priority": LOWEST_PRIORITY}
    put_in_force("first", when={"measure": "usage_trend", "op": "<=", "value": -0.6})
    put_in_force("second", yields_to=["first"], success={"within_days": 1}, cooldown_days=9)
    put_in_force("third", suppress_if={"field": "band", "op": "=", "value": "red"})
    put_in_force("wide", **low)
    put_in_force("wider", **low, when={"measure": "usage_trend", "op": "<=", "value": -0.1})
    for n in range(ACCOUNTS):
        account = make.account(f"Account {n}", owner=csm.user)
        make.row(account)
        for at in range(3):
            trend = -0.05 - (n * 7 + at * 5) % ACCOUNTS / 10
            band = "red" if (n + at) % 3 == 0 else "green"
            make.snapshot(account, TODAY + at * DAY, usage_trend=trend, band=band)


def evaluate_all(day: date) -> dict[str, Any]:
    work = Work(make.some_id(), make.some_id(), None, NOW + (day - TODAY))
    while (cursor := evaluating.evaluate(work, day=day.isoformat())) is not None:
        work.cursor = cursor
    return work.statistics


def kept() -> dict[str, list[Any]]:
    """All that plays wrote, without the ids of rows."""
    rows = {
        "runs": Run.objects.values_list(
            "play_key", "account", "episode_on", "state", "outcome", "closed_at", "evidence"
        ),
        "tasks": Task.objects.values_list("account", "run__play_key", "title", "state", "due_at"),
        "held": Held.objects.values_list("play_key", "account", "day", "cause", "facts"),
        "trail": TrailEntry.objects.values_list("verb", "account_id", "at", "facts"),
        "lists": AccountRow.objects.values_list("account", "next_step", "open_plays"),
    }
    return {name: sorted(found, key=repr) for name, found in rows.items()}


@pytest.mark.usefixtures("nights")
def test_any_chunk_comes_to_the_same(monkeypatch: pytest.MonkeyPatch):
    found = []
    for size in CHUNKS:
        monkeypatch.setattr(evaluating, "AT_ONCE", size)
        with transaction.atomic():
            told = [evaluate_all(TODAY + at * DAY) for at in range(3)]
            found.append((told, kept()))
            transaction.set_rollback(True)
    assert all(each == found[-1] for each in found)
    _, whole = found[-1]
    causes = {cause for _, _, _, cause, _ in whole["held"]}
    assert causes == {"capacity", "cooldown", "other_play", "suppressed"}
    assert {state for _, _, _, state, *_ in whole["runs"]} > {Run.State.EXPIRED}


@pytest.mark.usefixtures("nights")
def test_a_chunk_that_is_lost_is_done_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evaluating, "AT_ONCE", 3)
    with transaction.atomic():
        evaluate_all(TODAY)
        whole = kept()
        transaction.set_rollback(True)
    work = Work(make.some_id(), make.some_id(), None, NOW)
    for is_lost in [True, False] * 100:
        with transaction.atomic():
            cursor = evaluating.evaluate(work, day=TODAY.isoformat())
            transaction.set_rollback(is_lost)
        if not is_lost:
            work.cursor = cursor
            if cursor is None:
                break
    assert kept() == whole
