"""Lifetime value, churn of a year and compound gains, to the digit of the operating model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowtie.rules.lifetime import capped, gain, lifetime, of_a_year, simple


def test_the_papers_lifetime_values():
    assert simple(30_000, 0.8, 0.1) == 240_000
    assert round(capped(30_000, 0.8, 1.15)) == 131_416


def test_the_papers_churn_of_a_year_and_compound_gain():
    assert round(1 - of_a_year(0.98, 365 / 12), 3) == 0.215
    assert round(gain([0.25, 0.4, 0.6, 0.25, 0.9, 0.92, 1.2]), 2) == 1.95
    assert round(1.1**7, 2) == 1.95


def test_no_conversion_of_counts_goes_beyond_all():
    assert gain([0.5, 0.95], most=1) == pytest.approx(1.1 / 0.95)
    assert gain([1.0], most=1) == 1 and gain([]) == 1


@pytest.mark.parametrize(
    ("churn", "nrr", "is_capped"),
    [(0.1, 0.95, False), (0.1, 1.0, False), (0.1, 1.01, True), (0.04, 0.9, True), (0, 0.9, True)],
)
def test_the_form_is_capped_where_the_simple_one_breaks(churn: float, nrr: float, is_capped: bool):
    found = lifetime(30_000, 0.8, churn, nrr)
    assert found.is_capped is is_capped
    wanted = capped(30_000, 0.8, nrr) if is_capped else simple(30_000, 0.8, churn)
    assert found.minor == wanted


@given(st.floats(0, 1), st.integers(1, 4000))
def test_a_year_of_any_window_is_a_share(kept: float, days: int):
    assert 0 <= of_a_year(kept, days) <= 1
    assert of_a_year(kept, 365) == kept
