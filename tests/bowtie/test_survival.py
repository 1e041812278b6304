"""Kaplan-Meier by the operating model's example, and against values of lifelines."""

import json
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowtie.rules.survival import curve, median_time, percentile

SAMPLES = json.loads((Path(__file__).parent / "kaplan_meier.json").read_text())["samples"]


def test_the_papers_example_to_the_digit():
    months = [(3, True), (5, False), (6, True), (6, False), (8, True), *[(12, False)] * 5]
    points = curve(months)
    assert [point.time for point in points] == [3, 6, 8]
    assert [point.share for point in points] == pytest.approx([0.9, 0.7875, 0.65625])
    assert f"{points[2].error:.3f}" == "0.164"
    assert median_time(months) is None


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_agrees_with_lifelines(sample):
    durations = [(time, happened) for time, happened in sample["durations"]]
    found = [[point.time, point.share] for point in curve(durations)]
    assert [time for time, _ in found] == [time for time, _ in sample["curve"]]
    for (_, ours), (_, theirs) in zip(found, sample["curve"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-12)
    assert median_time(durations) == sample["median"]


@given(st.lists(st.integers(0, 50), min_size=1))
def test_without_open_ones_it_is_the_plain_share(times: list[int]):
    for point in curve([(time, True) for time in times]):
        assert point.share == pytest.approx(sum(t > point.time for t in times) / len(times))
    found = median_time([(time, True) for time in times])
    assert found is not None and found <= median(times)


def test_a_percentile_is_a_value_that_was_seen():
    assert percentile([], 0.9) is None
    assert percentile(range(1, 11), 0.9) == 9
    assert percentile([4], 0.9) == 4
