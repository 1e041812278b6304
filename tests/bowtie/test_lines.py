"""Flows reconcile and conversions count the same objects, whatever happened."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowtie.rules.funnel import COHORT, PERIOD, Rate, rate, weakest
from bowtie.rules.lines import RANKS, Entry, Way, flows
from bowtie.rules.money import Due, Growth, growth_rate, retention_rate
from bowtie.rules.renewals import renewed
from bowtie.rules.stages import LINE, Stage

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ONE = uuid4()


def day(n: float) -> datetime:
    return BEGIN + timedelta(days=n)


def way(*entries: tuple[str, float], id: UUID = ONE, **more) -> Way:
    return Way(id, "Globex", id, tuple(Entry(stage, day(at)) for stage, at in entries), **more)


steps = st.tuples(st.sampled_from([*RANKS, "churned", "lost"]), st.integers(0, 60))


@st.composite
def ways(draw: st.DrawFn) -> list[Way]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        entries = sorted(draw(st.lists(steps, min_size=1, max_size=6)), key=lambda each: each[1])
        found.append(way(*entries, id=UUID(int=number), is_imported=draw(st.booleans())))
    return found


@given(ways(), st.integers(0, 60), st.integers(0, 60), st.sets(st.integers(0, 7)))
def test_opening_and_in_less_out_make_closing_for_any_window_and_slice(found, a, b, numbers):
    start, end = day(min(a, b)), day(max(a, b))
    chosen = [each for each in found if each.id.int in numbers]
    for some in (found, chosen):
        flow = flows(some, start, end)
        assert all(each.reconciles for each in flow.values())
        stood = {
            stage: sum(
                any(
                    s == stage and at < end and (to is None or to >= end) for s, at, to in w.stays()
                )
                for w in some
            )
            for stage in LINE
        }
        assert {stage: len({w.id for w in flow[stage].closing}) for stage in LINE} == stood


@given(ways(), st.integers(1, 30), st.integers(30, 60))
def test_windows_side_by_side_hand_over_what_they_hold(found, middle, last):
    first, second = flows(found, day(0), day(middle)), flows(found, day(middle), day(last))
    for stage in LINE:
        assert first[stage].closing == second[stage].opening or (
            sorted(w.id.int for w in first[stage].closing)
            == sorted(w.id.int for w in second[stage].opening)
        )


@given(ways(), st.integers(0, 30), st.integers(31, 60))
def test_a_cohort_never_passes_on_more_than_entered(found, a, b):
    for key in ("cr1", "cr4", "cr5", "cr5a", "cr5b"):
        made = rate(key, found, day(a), day(b), day(61))
        assert made.reached <= made.n
        assert (made.value is None) == (made.n == 0)
        assert all(not each.way.is_imported for each in made.passages)
        assert all(each.days is None or each.days >= 0 for each in made.passages)


def test_the_papers_chain_to_the_digit():
    volumes = [2000, 500, 200, 120, 30, 27]
    found: list[Way] = []
    path = ["prospect", "mql", "sql", "sal", "won"]
    for number in range(2000):
        reached = sum(number < volume for volume in volumes[:5])
        found.append(way(*[(stage, at) for at, stage in enumerate(path[:reached])], id=uuid4()))
    rates = [rate(f"cr{n}", found, day(0), day(9), day(9)) for n in range(1, 5)]
    assert [each.value for each in rates] == [0.25, 0.4, 0.6, 0.25]
    accounts = [
        way(("committed", 0), *([("first_impact", 50)] if n < 27 else []), id=uuid4())
        for n in range(30)
    ]
    cr5 = rate("cr5", accounts, day(0), day(9), day(99))
    assert (cr5.value, cr5.reached * 24_000) == (0.9, 648_000)
    cr6 = retention_rate([Due(ONE, "", 648_000, 596_160)])
    cr7 = growth_rate([Growth(ONE, "", 596_160, 715_392)])
    assert (cr6.value, cr7.value, cr7.reached) == (0.92, 1.2, 715_392)


@pytest.mark.parametrize(
    ("due", "before", "after", "kept"),
    [(100, 100, 120, 100), (100, 100, 0, 0), (100, 250, 220, 70), (100, 250, 150, 0)],
)
def test_what_renewed_is_capped_by_what_was_due(due, before, after, kept):
    assert renewed(due, before, after) == kept


def test_times_leave_out_skipped_stages_and_count_those_still_open():
    found = [
        way(("committed", 0), ("live", 10), id=uuid4()),
        way(("committed", 0), ("live", 30), id=uuid4()),
        way(("committed", 0), ("first_impact", 40), id=uuid4()),
        way(("committed", 0), id=uuid4()),
        way(("committed", 0), ("churned", 5), id=uuid4()),
        way(("live", 0), is_imported=True, id=uuid4()),
    ]
    made = rate("cr5a", found, day(0), day(1), day(60))
    assert (made.n, made.reached, made.value) == (5, 3, 0.6)
    assert (made.median_days, made.p90_days) == (20, 30)
    assert made.km_days == 30, "one still waits after sixty days, one left after five"
    assert made.is_low_n and made.is_mature


def test_first_impact_that_nobody_confirmed_is_told_apart():
    found = [
        way(("committed", 0), ("live", 5), ("first_impact", 20), id=uuid4()),
        way(("committed", 0), ("live", 5), ("first_impact", 10), id=uuid4(), unproven="proxy"),
        way(("committed", 0), ("recurring_impact", 3), id=uuid4(), unproven="override"),
        way(("committed", 0), id=uuid4()),
    ]
    for method in (COHORT, PERIOD):
        made = rate("cr5", found, day(0), day(30), day(60), method=method)
        assert (made.n, made.reached, made.value) == (4, 1, 0.25)
        assert (made.by_proxy, made.by_override) == (1, 1)
    assert (made.median_days, made.p90_days, made.km_days) == (20, 20, 20)
    assert [each.open_days for each in made.passages] == [None, 10, 3, 60]
    live = rate("cr5a", found, day(0), day(30), day(60))
    assert (live.reached, live.by_proxy, live.by_override) == (3, 0, 0), "they did go live"


@pytest.mark.parametrize(("as_of", "is_mature"), [(21, False), (41, False), (41.1, True)])
def test_a_cohort_is_mature_after_twice_its_median(as_of, is_mature):
    found = [way(("committed", 0), ("live", 20))]
    assert rate("cr5a", found, day(0), day(1), day(as_of)).is_mature is is_mature
    assert rate("cr5a", [way(("committed", 0))], day(0), day(1), day(9)).is_mature is None


def test_the_period_method_counts_entries_over_entries():
    found = [
        way(("sal", 0), ("won", 12), id=uuid4()),
        way(("sal", 11), ("won", 13), id=uuid4()),
        way(("sal", 12), id=uuid4()),
    ]
    window = (day(10), day(20), day(20))
    assert rate("cr4", found, *window).value == 0.5
    assert rate("cr4", found, *window, method=PERIOD).value == 1.0


def test_going_back_is_no_entry():
    back = Way(
        ONE,
        "Globex",
        ONE,
        (
            Entry("recurring_impact", day(0)),
            Entry("first_impact", day(20), is_back=True),
            Entry("recurring_impact", day(40)),
        ),
    )
    assert back.reached(Stage.FIRST_IMPACT) == day(0)
    assert back.entered(Stage.FIRST_IMPACT) is None


def test_the_weakest_is_furthest_under_its_target_as_a_part_of_it():
    rates = [
        Rate("cr1", 50, 10, 0.2, 50, target=0.25),
        Rate("cr5", 40, 34, 0.85, 40, target=0.9),
        Rate("cr7", 9, 12, 1.3, 9, target=1.2),
        Rate("cr4", 0, 0, None, 0, target=0.3),
    ]
    found = weakest(rates)
    assert found is not None and found.key == "cr1"
    assert weakest(rates[2:]) is None
