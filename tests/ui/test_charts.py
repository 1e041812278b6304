"""Charts escape what people wrote, carry their numbers as a table, and survive empty data."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from csom.ui import marks, samples
from csom.ui.charts import CHARTS, pdf
from csom.ui.charts.calibration import wilson
from csom.ui.charts.line import line, sparkline
from csom.ui.charts.svg import path, runs, show, ticks
from csom.ui.charts.timeline import timeline
from csom.ui.charts.waterfall import waterfall
from csom.ui.sprite import VENDOR

EVIL = '<script>alert("x")</script> & \'"'
EMPTY: dict[str, dict[str, Any]] = {
    "line": {"labels": [], "values": []},
    "stacked": {"labels": [], "series": []},
    "calibration": {"bins": []},
    "timeline": {
        "today": date(2026, 1, 1),
        "event": ("Audit", date(2026, 1, 1)),
        "milestones": [],
    },
    "bowtie": {"stages": [], "rates": []},
    "waterfall": {"steps": []},
    "capacity": {"people": []},
    "heat": {"columns": [], "rows": []},
}


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_is_well_formed_and_names_itself(kind: str) -> None:
    chart = CHARTS[kind](**samples.CHARTS[kind])
    root = ET.fromstring(chart.svg)
    assert chart.title in chart.svg and chart.finding.split(".")[0] in chart.svg
    assert root.get("style") is None and "style=" not in chart.svg


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if kind != "heat"])
def test_a_chart_carries_its_numbers_as_a_table(kind: str) -> None:
    chart = CHARTS[kind](**samples.CHARTS[kind])
    assert chart.rows and all(len(row) == len(chart.columns) for row in chart.rows)
    page = Template("{% chart kind data %}").render(
        Context({"kind": kind, "data": samples.CHARTS[kind]})
    )
    assert "Show the numbers" in page and page.count("<tr>") == len(chart.rows) + 1


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_without_data_is_still_a_chart(kind: str) -> None:
    chart = CHARTS[kind](title="Nothing yet", finding="No data.", **EMPTY[kind])
    ET.fromstring(chart.svg)


@pytest.mark.case("F6", "F7")
@pytest.mark.parametrize("kind", CHARTS)
def test_text_from_people_is_escaped(kind: str) -> None:
    data = _poisoned(samples.CHARTS[kind])
    page = Template("{% chart kind data %}").render(Context({"kind": kind, "data": data}))
    assert "<script" not in page and 'alert("' not in page


def _poisoned(value: Any) -> Any:
    keep = {"risk", "watch", "good", "total", "change", "done", "late", "next", "todo", "EUR", ""}
    if isinstance(value, dict):
        return {key: _poisoned(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_poisoned(inner) for inner in value)
    return value + EVIL if isinstance(value, str) and value not in keep else value


def test_marks_escape_text_from_people() -> None:
    for drawn in (
        marks.mono(EVIL, EVIL),
        marks.icon("search", EVIL, EVIL),
        marks.sparkline([1, 2], "risk", EVIL),
        marks.bowtie_glyph(2, EVIL),
        marks.delta(3, EVIL),
    ):
        assert "<script" not in drawn
        ET.fromstring(drawn)


def test_a_dataclass_is_data_as_well() -> None:
    @dataclass
    class Usage:
        title: str
        finding: str
        labels: list[str]
        values: list[float | None]

    usage = Usage("Usage", "It grows.", ["Mon", "Tue"], [1, 2])
    assert "It grows." in Template("{% chart 'line' usage %}").render(Context({"usage": usage}))


def test_a_missing_value_is_a_gap_and_not_a_zero() -> None:
    assert runs([1, None, 2, 3]) == [[(0, 1.0)], [(2, 2.0), (3, 3.0)]]
    assert path([(0, 0), None, (2, 2)]) == "M0 0M2 2"
    chart = line(title="t", finding="f", labels=["a", "b", "c"], values=[1, None, 3])
    assert [row[1] for row in chart.rows] == ["1", "n/a", "3"]
    assert sparkline([None, None]) == ""


def test_units_are_shown_as_words() -> None:
    assert show(1_130_000_00, "EUR") == "€1.13m"
    assert show(0.5, "%") == "50%"
    assert show(0.034, "%") == "3.4%"
    assert show(3, "hours") == "3 hours"
    assert show(None, "hours") == "n/a"


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.integers(1, 6))
def test_ticks_are_round_and_cover_the_data(low: float, span: float, wanted: int) -> None:
    grid = ticks(low, low + span, wanted)
    slack = (abs(low) + span) * 1e-9
    assert grid[0] <= low + slack
    assert grid[-1] >= low + span - slack
    assert 2 <= len(grid) <= 2 * wanted + 3


def test_names_on_a_timeline_give_way_to_what_comes_next() -> None:
    crowd = [(f"Long done step {n}", date(2026, 11, 12), "done") for n in range(6)]
    steps = [*crowd, ("Call the sponsor", date(2026, 11, 21), "next")]
    event = ("The lease of the old system ends", date(2027, 1, 9))
    chart = timeline(
        title="Back", finding="One.", today=date(2026, 11, 19), event=event, milestones=steps
    )
    assert ">Call the sponsor<" in chart.svg
    assert sum(f">{name}<" in chart.svg for name, _, _ in crowd) <= 2
    assert all(f"{name}, " in chart.svg for name, _, _ in crowd)  # each keeps its mark and tip
    assert len(chart.rows) == 8


def test_a_timeline_that_starts_later_than_today_does_not_draw_it() -> None:
    steps = [("Kickoff", date(2027, 3, 8), "todo"), ("Go-live", date(2027, 4, 5), "todo")]
    told = {"title": "Back", "finding": "Two.", "today": date(2026, 11, 19)}
    event = ("Audit", date(2027, 5, 3))
    later = timeline(**told, event=event, milestones=steps, start=date(2027, 3, 1))
    assert "Today" not in later.svg and "mark--now" not in later.svg
    from_today = timeline(**told, event=event, milestones=steps)
    assert "Today, 19 Nov" in from_today.svg and "mark--now" in from_today.svg
    before = timeline(**told, event=event, milestones=steps, start=date(2026, 11, 1))
    assert "Today, 19 Nov" in before.svg


def test_the_interval_of_a_share_holds_it() -> None:
    low, up = wilson(21, 71)
    assert low < 21 / 71 < up
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] == 1.0


def test_a_cut_axis_says_so() -> None:
    steps = [("Start", 100_00, "total"), ("Churn", -10_00, "change"), ("End", 90_00, "total")]
    assert "axis starts at" in waterfall(title="t", finding="f", steps=steps).svg
    steps = [("Start", 0, "total"), ("Won", 10_00, "change"), ("End", 10_00, "total")]
    assert "axis starts at" not in waterfall(title="t", finding="f", steps=steps).svg


def test_the_meter_says_in_words_what_it_shows() -> None:
    said = marks.spiced(["complete", "partial", "missing", "stale", "complete"])
    assert 'aria-label="SPICED: Situation complete, Pain partly known, Impact missing' in said
    assert marks.spiced("cpmsc") == said
    assert "Decision missing" in marks.spiced("cc")


def test_health_is_a_shape_a_number_and_a_word() -> None:
    assert "at risk" in marks.band(41, "red") and ">41" not in marks.band(None, "unknown")
    assert "no score yet" in marks.band(None, None)
    assert marks.delta(None) == "" and "no change" in marks.delta(0)


def test_a_chart_for_a_pdf_brings_its_own_colours() -> None:
    css = VENDOR.parent / "css"
    style = pdf.flattened(
        css.joinpath("tokens.css").read_text(), css.joinpath("charts.css").read_text()
    )
    assert "var(" not in style and "#b9ded3" in style
    svg = pdf.with_style(CHARTS["waterfall"](**samples.CHARTS["waterfall"]).svg, style)
    assert svg.index("<style>") > svg.index("</desc>")
