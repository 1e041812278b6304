"""The style guide shows every token, component and chart, and stays within its budgets."""

import gzip
import re
from pathlib import Path

import pytest
from django.test import Client

from csom.ui.charts import CHARTS
from csom.ui.sprite import VENDOR, names

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> str:
    return Client().get("/styleguide/").content.decode()


def test_the_style_guide_draws_every_chart(page: str) -> None:
    for title in (chart_title(kind) for kind in CHARTS):
        assert title in page


def chart_title(kind: str) -> str:
    from csom.ui import samples

    return str(samples.CHARTS[kind]["title"])


def test_every_icon_that_is_asked_for_is_in_the_sprite(page: str) -> None:
    asked = set(re.findall(r"icons\.svg#([\w-]+)", page))
    assert asked and asked <= set(names())


def test_the_sprite_holds_what_the_list_names() -> None:
    drawn = re.findall(r'<symbol id="([\w-]+)"', VENDOR.joinpath("icons.svg").read_text())
    assert drawn == names()


def test_no_id_is_used_twice(page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)


def test_the_palette_answers_with_options(page: str) -> None:
    fixed = Client().get("/styleguide/palette").content.decode()
    found = Client().get("/styleguide/palette?q=north").content.decode()
    assert fixed.count('role="option"') > 5
    assert "Northwind Logistics" in found


def test_a_stranger_cannot_write_into_the_style_guide() -> None:
    assert Client().post("/styleguide/").status_code == 405


@pytest.mark.parametrize(
    ("pattern", "budget"), [("static/css/*.css", 14_000), ("static/js/app.js", 8_000)]
)
def test_what_every_page_loads_stays_small(pattern: str, budget: int) -> None:
    files = sorted(ROOT.glob(pattern))
    assert files
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= budget
