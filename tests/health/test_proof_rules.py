"""How well scores told losses from renewals: the paper's example, and what must hold of any."""

from datetime import date, timedelta
from itertools import accumulate
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.rules.proof.calibration import calibration, learned
from health.rules.proof.decisions import Decision, History, Outcome, decisions, quarters
from health.rules.proof.ranking import ranking, wilson
from health.rules.proof.verdict import Lead, Seen, verdict

CHURNED, RENEWED = [22, 41, 48, 78], [35, 55, 62, 66, 70, 78, 81, 88, 90, 95]
DAY = date(2026, 11, 18)
YEAR_AGO = DAY - timedelta(days=365)


def band(score: float) -> str:
    return "green" if score >= 75 else "yellow" if score >= 50 else "red"


def seen(score: float | None, *, lost: bool, **more) -> Seen:
    outcome = Outcome.CHURNED if lost else Outcome.RENEWED
    decision = Decision(uuid4(), "Globex", DAY, DAY, 100_00, 0 if lost else 100_00, outcome)
    return Seen(decision, DAY, score, "unknown" if score is None else band(score), 1.0, **more)


def cases(times: int = 1, **more) -> list[Seen]:
    once = [(score, True) for score in CHURNED] + [(score, False) for score in RENEWED]
    return [seen(score, lost=lost, **more) for score, lost in once * times]


def test_area_of_the_papers_example():
    found = ranking([*CHURNED, *RENEWED], [True] * 4 + [False] * 10)
    assert found is not None
    assert found.auc == 32.5 / 40


def test_bands_of_the_papers_example_three_times_over():
    """The paper's 4 losses are below the minimum; three times as many give the same shares."""
    found = verdict(90, cases(3), [])
    red, yellow, green = found.bands
    assert (red.n, red.lost, red.rate) == (12, 9, 0.75)
    assert (yellow.n, yellow.lost) == (12, 0)
    assert (green.n, green.lost) == (18, 3)
    assert red.lift == pytest.approx(2.625)
    assert found.capture == 0.75
    assert found.separation == pytest.approx(0.75 - 1 / 6)
    assert [each.score for each in found.green_but_lost] == [78] * 3
    assert [each.score for each in found.red_but_renewed] == [35] * 3


def test_nothing_is_stated_of_too_few():
    found = verdict(90, cases(), [])
    assert not found.is_enough
    assert found.ranking is None
    assert found.capture is None
    assert found.separation is None
    assert all(row.rate is None for row in found.bands)
    assert sum(row.n for row in found.bands) == 14


def test_accounts_without_a_score_are_counted_as_uncovered_and_nowhere_else():
    found = verdict(90, [*cases(3), seen(None, lost=True), seen(None, lost=False)], [])
    assert found.uncovered == 2
    assert len(found.covered) == 42
    assert found.lost == 12


def test_usage_and_sentiment_are_judged_beside_the_score():
    told = [*cases(3, usage=50.0, sentiment=3.0)]
    found = verdict(90, told, [])
    assert found.usage is not None
    assert found.usage.auc == 0.5
    assert found.sentiment is not None
    assert found.sentiment.auc == 0.5
    assert verdict(90, cases(3), []).usage is None


def test_treated_reds_stand_apart():
    saved = [seen(20, lost=False, is_treated=True) for _ in range(5)]
    found = verdict(90, [*cases(3), *saved], [])
    assert len(found.treated_reds) == 5
    assert found.ranking is not None
    assert found.untreated is not None
    assert found.untreated.auc == ranking([*CHURNED, *RENEWED], [True] * 4 + [False] * 10).auc  # ty: ignore
    assert found.ranking.auc < found.untreated.auc


SCORES = st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=2, max_size=60).filter(
    lambda found: 0 < sum(lost for _, lost in found) < len(found)
)


@given(SCORES)
def test_area_does_not_change_with_the_scale_and_turns_with_the_sign(found):
    scores, lost = [score for score, _ in found], [was for _, was in found]
    area = ranking(scores, lost)
    assert area is not None
    stretched = ranking([score**3 + 7 for score in scores], lost)
    turned = ranking([-score for score in scores], lost)
    assert stretched is not None
    assert turned is not None
    assert stretched.auc == area.auc
    assert turned.auc == pytest.approx(1 - area.auc)
    assert area.low <= area.high


@given(SCORES)
def test_area_counts_pairs(found):
    pairs = [
        1.0 if low < high else 0.5 if low == high else 0.0
        for low, lost in found
        if lost
        for high, kept in found
        if not kept
    ]
    area = ranking([score for score, _ in found], [lost for _, lost in found])
    assert area is not None
    assert area.auc == pytest.approx(sum(pairs) / len(pairs))


def test_interval_is_the_same_every_time():
    given_, lost = [*CHURNED, *RENEWED] * 5, ([True] * 4 + [False] * 10) * 5
    assert ranking(given_, lost) == ranking(given_, lost)


def test_interval_of_a_share():
    low, high = wilson(3, 4)
    assert (round(low, 3), round(high, 3)) == (0.301, 0.954)
    assert wilson(0, 10)[0] == 0.0


def test_chances_never_rise_with_the_score():
    earlier = [(float(score), score % 3 == 0 or score > 80) for score in range(100)]
    edges, chances = learned(earlier)
    assert len(edges) == len(chances) == 5
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) / 5 == pytest.approx(sum(lost for _, lost in earlier) / 100)


def test_calibration_by_hand():
    """Two bins are pure: up to 9 always lost, from 10 on never; later half of each."""
    earlier = [(float(score), score < 10) for score in range(50)]
    later = [(5.0, True), (5.0, False), (40.0, True), (40.0, False)]
    found = calibration(earlier, later)
    assert found.brier == 0.5
    assert found.ece == 0.5
    assert [each.n for each in found.bins] == [2, 0, 0, 0, 2]
    assert (found.n, found.learned_from) == (4, 50)


def test_lead_time():
    found = Lead((0, 30, 90, 120) * 3)
    assert found.median == 60
    assert found.early_share == 0.5
    assert Lead((0, 30, 90, 120)).median is None


def history(moves, terms=(), ends=(), notices=()) -> History:
    return History(uuid4(), "Globex", moves, terms, ends, notices)


def one(found: list[Decision]) -> tuple[date, Outcome]:
    [only] = found
    return only.decided_on, only.outcome


START, END = date(2025, 6, 1), date(2026, 6, 1)
TERMS = [(START, END)]


def test_a_term_that_goes_on_is_renewed_and_one_that_ends_is_lost():
    went_on = history([(START, 100)], [*TERMS, (END, date(2027, 6, 1))], [END, date(2027, 6, 1)])
    assert one(decisions(went_on, YEAR_AGO, DAY)) == (END, Outcome.RENEWED)
    ended = history([(START, 100), (END, -100)], TERMS, [END])
    assert one(decisions(ended, YEAR_AGO, DAY)) == (END, Outcome.CHURNED)


def test_a_fifth_less_is_a_loss_and_a_bit_less_is_not():
    by = [(START, date(2027, 6, 1))]
    assert one(decisions(history([(START, 100), (END, -20)], by, [END]), YEAR_AGO, DAY)) == (
        END,
        Outcome.CONTRACTED,
    )
    assert one(decisions(history([(START, 100), (END, -19)], by, [END]), YEAR_AGO, DAY)) == (
        END,
        Outcome.RENEWED,
    )


def test_a_notice_is_the_decision():
    said = END - timedelta(days=80)
    gone = history([(START, 100), (END, -100)], TERMS, [END], [said])
    assert one(decisions(gone, YEAR_AGO, DAY)) == (said, Outcome.CHURNED)
    old = history([(START, 100), (END, -100)], TERMS, [END], [END - timedelta(days=365)])
    assert one(decisions(old, YEAR_AGO, DAY)) == (END, Outcome.CHURNED)


def test_what_may_still_renew_is_open():
    end = DAY - timedelta(days=10)
    late = history([(START, 100), (end, -100)], [(START, end)], [end])
    assert one(decisions(late, YEAR_AGO, DAY)) == (end, Outcome.OPEN)
    assert one(decisions(late, YEAR_AGO, DAY + timedelta(days=50)))[1] == Outcome.CHURNED
    coming = history(
        [(START, 100)], [(START, DAY + timedelta(days=30))], [DAY + timedelta(days=30)], [DAY]
    )
    assert one(decisions(coming, YEAR_AGO, DAY)) == (DAY, Outcome.OPEN)


def test_a_late_renewal_is_a_renewal():
    back = END + timedelta(days=60)
    late = history([(START, 100), (END, -100), (back, 100)], TERMS, [END])
    assert one(decisions(late, YEAR_AGO, DAY)) == (END, Outcome.RENEWED)


def test_a_departure_in_the_middle_of_a_term_is_a_decision_of_that_day():
    day = date(2026, 3, 3)
    gone = history([(START, 100), (day, -100)], [(START, day)], [date(2027, 1, 1)])
    assert one(decisions(gone, YEAR_AGO, DAY)) == (day, Outcome.CHURNED)


def test_an_account_without_a_term_decides_each_quarter():
    open_end = history([(date(2024, 1, 1), 100), (date(2026, 5, 1), -30)])
    found = decisions(open_end, YEAR_AGO, DAY)
    assert [(each.decided_on, each.outcome) for each in found] == [
        (date(2025, 12, 31), Outcome.RENEWED),
        (date(2026, 3, 31), Outcome.RENEWED),
        (date(2026, 6, 30), Outcome.CONTRACTED),
        (date(2026, 9, 30), Outcome.RENEWED),
    ]


def test_a_quarter_is_not_counted_beside_a_term_nor_a_departure():
    termed = history([(START, 100)], [(START, date(2028, 6, 1))], [date(2028, 6, 1)])
    assert decisions(termed, YEAR_AGO, DAY) == []
    gone = history([(date(2024, 1, 1), 100), (date(2026, 2, 1), -100)])
    assert [each.outcome for each in decisions(gone, YEAR_AGO, DAY)] == [
        Outcome.RENEWED,
        Outcome.CHURNED,
    ]


def test_quarters_end_in_the_window():
    found = list(quarters(date(2025, 12, 31), date(2026, 9, 30)))
    assert [last for _, last in found] == [
        date(2026, 3, 31),
        date(2026, 6, 30),
        date(2026, 9, 30),
    ]


DAYS = st.dates(date(2024, 1, 1), DAY)


@given(
    st.lists(st.tuples(DAYS, st.integers(-300, 300)), max_size=12),
    st.lists(DAYS, max_size=4),
    st.lists(DAYS, max_size=3),
)
def test_any_history_gives_decisions_of_the_window_of_accounts_that_had_arr(moves, ends, notices):
    terms = [(end - timedelta(days=200), end) for end in ends]
    found = decisions(history(moves, terms, ends, notices), YEAR_AGO, DAY)
    days = sorted(each.decided_on for each in found)
    assert [each.decided_on for each in found] == days
    assert all(YEAR_AGO < day <= DAY for day in days)
    assert all(each.before_minor > 0 for each in found)
    ordered = sorted(moves)
    ever = max(accumulate((amount for _, amount in ordered), initial=0))
    assert all(each.before_minor <= max(ever, 0) for each in found) or not found


@pytest.mark.parametrize("fx", [-300, 300])
@pytest.mark.parametrize(
    ("own", "outcome"),
    [(0, Outcome.RENEWED), (-100, Outcome.RENEWED), (-200, Outcome.CONTRACTED)],
)
def test_exchange_rates_decide_nothing(fx: int, own: int, outcome: Outcome):
    """What a new year's rates did is no contraction, and hides none; all gone is gone."""
    due_on = date(2026, 1, 1)
    moves = [(date(2025, 1, 1), 1000), (due_on, fx), (date(2026, 1, 9), own)]
    terms = [(date(2025, 1, 1), due_on), (due_on, date(2027, 1, 1))]
    history = History(uuid4(), "Globex", moves, terms, [due_on], [], [(due_on, fx)])
    [found] = decisions(history, date(2025, 6, 1), DAY)
    assert (found.before_minor, found.after_minor, found.outcome) == (1000, 1000 + own, outcome)
    gone = [*moves[:2], (date(2026, 1, 9), -1000 - fx)]
    [left] = decisions(
        History(uuid4(), "Globex", gone, terms, [due_on], [], [(due_on, fx)]),
        date(2025, 6, 1), DAY,
    )  # fmt: skip
    assert (left.after_minor, left.outcome) == (0, Outcome.CHURNED)
