import csv
import io
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.rules.safe_csv import csv_lines, neutralised, restored
from accounts.rules.sheets import open_sheet

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("='+-@\t\r\n\0＝ "))


@pytest.mark.case("M23")
@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "＝1",
     "＋1", "－1", "＠x", "'=1", "''=1", "\u00a0=1", "\ufeff=1"],
)  # fmt: skip
def test_what_could_run_is_neutralised(text):
    assert neutralised(text) == "'" + text
    assert restored(neutralised(text)) == text


@pytest.mark.parametrize("text", ["", "Acme", "'quoted'", "a=b", "1-2", "O'Brien", "'"])
def test_harmless_text_is_left_alone(text):
    assert neutralised(text) == text
    assert restored(text) == text


@given(ANY_TEXT)
def test_neutralised_text_is_restored_exactly(text):
    assert restored(neutralised(text)) == text


@given(ANY_TEXT)
def test_no_exported_text_starts_a_formula(text):
    assert neutralised(text).lstrip()[:1] not in tuple("=+-@＝＋－＠")


def test_numbers_stay_numbers_and_all_else_is_quoted():
    rows = [["Acme", -5, Decimal("-1.50"), True, None, date(2024, 1, 31), "-5"]]
    header, line = csv_lines(["name", "a", "b", "c", "d", "e", "=f"], rows)
    assert header == '"name","a","b","c","d","e","\'=f"\r\n'
    assert line == '"Acme",-5,-1.50,"TRUE","","2024-01-31","\'-5"\r\n'


def test_moments_are_written_with_their_zone():
    _, line = csv_lines(["at"], [[datetime(2024, 1, 31, 8, 30, tzinfo=UTC)]])
    assert line == '"2024-01-31T08:30:00+00:00"\r\n'


def test_a_byte_order_mark_comes_first_when_asked():
    assert next(csv_lines(["name"], [], byte_order_mark=True)) == "\ufeff"


def read_back(path: Path, content: str) -> list[list[str]]:
    path.write_bytes(content.encode())
    return [[restored(cell) for cell in cells] for _, cells in open_sheet(path).rows()]


@pytest.mark.case("M23")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=2, max_size=8), st.booleans())
def test_export_and_import_restore_every_cell(tmp_path, texts, mark):
    assume(not any("\\" in text for row in texts for text in row))
    rows = [[f"K-{n}", *row, n] for n, row in enumerate(texts)]
    content = "".join(csv_lines(["key", "note", "comment", "count"], rows, byte_order_mark=mark))
    controls = sum(c < " " and c not in "\t\r\n" for c in content)
    assume(controls <= 2)  # more of them make a binary file
    expected = [[*map(str, row)] for row in rows]
    assert read_back(tmp_path / "export.csv", content) == expected


def test_export_and_import_keep_backslashes(tmp_path):
    rows = [["K-1", "C:\\temp\\new", 1], ["K-2", '\\"', 2], ["K-3", "end\\", 3]]
    content = "".join(csv_lines(["key", "path", "count"], rows))
    assert read_back(tmp_path / "export.csv", content) == [[*map(str, row)] for row in rows]


@pytest.mark.data
def test_naughty_strings_survive_export_and_import(tmp_path):
    strings = json.loads((DATA / "naughty-strings" / "blns.json").read_text("utf-8"))
    rows = [[f"N-{n}", text, n] for n, text in enumerate(strings)]
    content = "".join(csv_lines(["key", "note", "count"], rows))
    assert read_back(tmp_path / "export.csv", content) == [[*map(str, row)] for row in rows]
    for cells in csv.reader(io.StringIO(content, newline="")):
        assert cells[1].lstrip()[:1] not in tuple("=+-@")
