"""Two years of nights in every time zone: each once, whatever the clock and the ticks do."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from health.models import Snapshot
from tenants import jobs, nights
from tenants.jobs import Work, job, run
from tenants.models import DueJob, Job, Tenant
from tenants.scope import act_for
from tests import make
from tests.faults.tables import differing, shape
from tests.faults.world import World

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
HOURS = [time(0), time(0, 10), time(1), time(2, 30), time(12)]
WITHOUT_MIDNIGHT = ["Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Santiago"]
OTHERS = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Chatham"]
SPRING = (date(2026, 3, 1), date(2026, 5, 1))
AUTUMN = (date(2026, 8, 28), date(2026, 11, 8))


@job("test.night", label="A test")
def night(work: Work, *, day: str) -> None:
    """What a night does is not what is tried here."""


def every_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def alike() -> dict[tuple[Any, ...], str]:
    """One zone for each way of keeping time in the two years."""
    noons = [datetime.combine(day, time(12), UTC) for day in every_day(FIRST, LAST)]
    return {
        tuple(noon.astimezone(ZoneInfo(name)).utcoffset() for noon in noons): name
        for name in sorted(available_timezones() - {"localtime"})
    }


def first_after(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first minute of a local day that is not before an hour: looked for, not computed."""
    moment = datetime.combine(day, at, UTC) - timedelta(hours=16)
    while True:
        local = moment.astimezone(zone)
        if (local.date(), local.time()) >= (day, at):
            return moment
        missing = datetime.combine(day, at) - local.replace(tzinfo=None)
        moment += missing - timedelta(hours=2) if missing > timedelta(hours=4) else STEP


STEP = timedelta(minutes=1)


@pytest.mark.case("B12", "B13", "B14")
@pytest.mark.parametrize("at", HOURS, ids=str)
def test_a_night_comes_once_on_its_own_day_in_every_zone(at: time):
    for zone in map(ZoneInfo, alike().values()):
        for day in every_day(FIRST, LAST):
            moment = datetime.combine(day, at, zone).astimezone(UTC)
            here, before = moment.astimezone(zone), (moment - STEP).astimezone(zone)
            assert here.date() == day, (zone, day)
            if here.utcoffset() != before.utcoffset() or here.time() != at or day.day == 1:
                wanted = first_after(day, at, zone)  # never early; late by a gap at most
                assert timedelta(0) <= moment - wanted <= timedelta(hours=2), (zone, day)
            if day.day == 1 or here.time() != at:
                assert day in nights.nights(at, zone, moment), (zone, day)
                assert day not in nights.nights(at, zone, moment - STEP), (zone, day)


def ticks(chance: random.Random, first: date, last: date) -> list[datetime]:
    """Moments at which a tick comes: missing for days, doubled, a few of them backwards."""
    at, found = datetime.combine(first, time(0), UTC), []
    while at.date() <= last:
        found.append(at)
        if chance.random() < 0.2:
            found.append(at)
        if chance.random() < 0.1:
            found.append(at - timedelta(minutes=chance.choice([1, 30, 60, 61, 180])))
        away = chance.random()
        at += timedelta(hours=chance.uniform(5, 9) if away < 0.97 else chance.uniform(24, 90))
    return found


@pytest.mark.case("A16", "A18", "B12", "B14")
@pytest.mark.django_db
@pytest.mark.parametrize("zone", [*WITHOUT_MIDNIGHT, *OTHERS])
@pytest.mark.parametrize("seed", [1, 2])
def test_ticks_that_fail_double_or_go_back_queue_each_night_once(
    zone: str, seed: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nights, "NIGHTLY", {"test.night": time(0, 10)})
    spans = [(FIRST, LAST)] if request.config.getoption("--full") else [SPRING, AUTUMN][seed - 1 :]
    for first, last in spans[:1]:
        tenant = make.tenant(time_zone=zone)
        moments = ticks(random.Random(seed), first, last)
        with act_for(tenant.pk):
            for moment in moments:
                nights.queue_nights(tenant, moment)
            keys = list(Job.objects.order_by("key").values_list("key", flat=True))
        assert len(keys) == len(set(keys))
        begun = [
            datetime.combine(date.fromisoformat(key), time(0, 10), ZoneInfo(zone)) for key in keys
        ]
        assert all(moment.astimezone(UTC) <= max(moments) for moment in begun)
        wanted = [
            day.isoformat()
            for day in every_day(date.fromisoformat(keys[0]), date.fromisoformat(keys[-1]))
        ]
        assert keys == wanted, "down for less than four days, and a night is missing"


@pytest.mark.case("B15")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "zones",
    [("Pacific/Auckland", "Pacific/Honolulu"), ("Pacific/Honolulu", "Pacific/Auckland")],
    ids=" to ".join,
)
def test_a_move_across_the_date_line_runs_no_date_twice_and_loses_none(
    zones: tuple[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nights, "NIGHTLY", {"test.night": time(1)})
    tenant, moved = make.tenant(time_zone=zones[0]), datetime(2026, 11, 19, 9, tzinfo=UTC)
    for hour in range(-72, 96):
        at = moved + timedelta(hours=hour)
        tenant.time_zone = zones[hour >= 0]
        nights.queue_nights(tenant, at)
    with act_for(tenant.pk):
        keys = list(Job.objects.order_by("key").values_list("key", flat=True))
    last = at.astimezone(ZoneInfo(zones[1])).date()
    wanted = [day.isoformat() for day in every_day(date.fromisoformat(keys[0]), last)]
    assert keys == wanted


@pytest.mark.case("B10")
@pytest.mark.django_db
def test_a_tenant_whose_night_cannot_be_queued_keeps_nobody_from_theirs(
    acme: Tenant, rival: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nights, "NIGHTLY", {"test.night": time(1)})
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)
    Tenant.objects.filter(pk=acme.pk).update(time_zone="Nowhere/At_All")
    assert nights.tick(make.NOW) == 1
    assert DueJob.objects.get().tenant_id == rival.pk


@pytest.mark.django_db
def test_a_tick_opens_only_tenants_whose_next_night_has_come(
    acme: Tenant, rival: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nights, "NIGHTLY", {"test.night": time(1), "test.later": time(5)})
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)
    opened: list[str] = []
    monkeypatch.setattr(nights, "queue_nights", lambda each, now: opened.append(each.slug))
    Tenant.objects.filter(pk=rival.pk).update(time_zone="Pacific/Auckland")
    begun = datetime(2026, 3, 4, 0, 30, tzinfo=UTC)  # 01:30 in Berlin, 13:30 in Auckland
    for hours, expected in ((0, ["acme", "rival"]), (1, []), (4, ["acme"]), (12, ["rival"])):
        opened.clear()
        nights.tick(begun + timedelta(hours=hours))
        assert sorted(opened) == expected, hours
    Tenant.objects.filter(pk=acme.pk).update(time_zone="Asia/Tokyo", nights_due_at=None)
    opened.clear()
    nights.tick(begun + timedelta(hours=12, minutes=1))
    assert opened == ["acme"]


@pytest.mark.case("B11")
@pytest.mark.django_db(transaction=True)
def test_three_missed_nights_are_made_up_in_order_and_equal_those_of_a_tenant_that_was_up(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)
    up, down = World("up"), World("down")
    begun = up.now + timedelta(minutes=5)
    for each in (up, down):
        nights.queue_nights(each.tenant, begun)
        work_off(each.tenant, begun)
    for days in (1, 2, 3, 4):
        at = begun + timedelta(days=days)
        nights.queue_nights(up.tenant, at)
        work_off(up.tenant, at)
    nights.queue_nights(down.tenant, at)
    assert work_off(down.tenant, at, backwards=True) == sorted(
        (at + timedelta(days=days)).date().isoformat() for days in (-3, -2, -1, 0)
    )
    with act_for(down.tenant.pk):
        assert Snapshot.objects.values("day").distinct().count() == 6
    assert differing(shape(up.tenant.pk), shape(down.tenant.pk)) == {}


def work_off(tenant: Tenant, at: datetime, *, backwards: bool = False) -> list[str]:
    """Run all that is due of a night, as rung in any order. The days as they were scored."""
    scored: list[str] = []
    while True:
        with act_for(tenant.pk):
            due = Job.objects.filter(due_at__lte=at, state="waiting").exclude(kind="tenants.news")
            waiting = list(due.order_by("-key" if backwards else "key"))
        if not waiting:
            return scored
        done = [one for one in waiting if run(tenant.pk, one.pk, clock=lambda: at)]
        assert done, [one.error for one in waiting]
        scored += [one.key for one in done if one.kind == "health.night"]
