"""Rows stored at once are those a model stores by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, models, transaction

from plays.models import Task
from tenants import bulk
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tests import make
from tests.make import NOW

ODD = ["", "plain", 'O\'Neil \\ "50 %s" 100%', "tab\tline\nend", "Ünïcode 🌍 – “quoted”", "{a,b}"]


def same(rows: list[models.Model]) -> None:
    """What a read brings back is what was stored, field by field."""
    model: Any = type(rows[0])
    found = model.objects.in_bulk([row.pk for row in rows])
    assert len(found) == len(rows)
    for row in rows:
        for field in model._meta.local_concrete_fields:
            assert getattr(found[row.pk], field.attname) == getattr(row, field.attname), field.name
        assert not row._state.adding


def test_texts_moments_and_nothing_come_back(inside: Tenant, csm: Actor):
    account = make.account("Northwind")
    odd_moment = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
    tasks = [
        Task(
            account=account if at % 2 else None,
            title=text,
            reason=text,
            owner=csm.user if at % 3 else None,
            due_at=odd_moment + timedelta(microseconds=at) if at else None,
            planned_on=NOW.date() if at % 2 else None,
            has_clock=bool(at % 2),
            created_at=NOW,
        )
        for at, text in enumerate(ODD)
    ]
    bulk.insert(tasks)
    same(list(tasks))


def test_what_a_model_fills_in_is_filled_in(inside: Tenant):
    facts = [{"words": text, "deep": {"n": [1, 2.5, None, True]}} for text in ODD]
    lines = [TrailEntry(verb="test.happened", at=NOW, facts=each) for each in facts]
    bulk.insert(lines)
    same(list(lines))
    assert {line.tenant_id for line in lines} == {inside.pk}
    assert all(line.recorded_at for line in lines)


def test_more_than_one_statement_and_none(inside: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 4)
    lines = [TrailEntry(verb=f"test.happened_{n}", at=NOW) for n in range(10)]
    bulk.insert(lines)
    bulk.insert([])
    same(list(lines))


def test_a_text_that_is_too_long_is_refused(inside: Tenant):
    with pytest.raises(DataError), transaction.atomic():
        bulk.insert([TrailEntry(verb="x" * 61, at=NOW)])
