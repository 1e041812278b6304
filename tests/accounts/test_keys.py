import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.keys import Repeats, find_repeats
from accounts.rules.sheets import open_sheet

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))


def check(*rows: list[str], columns=(0,)) -> Repeats:
    """The repeats of rows that start on line 2."""
    return find_repeats(lambda: enumerate(rows, 2), columns)


def test_distinct_keys_repeat_nothing():
    found = check(["A", "1"], ["B", "1"])
    assert (found.copies, found.conflicts, found.blanks, found.examples) == (0, 0, 0, ())


def test_a_copy_is_told_from_a_conflict():
    found = check(["A", "x", "1"], ["A", "x", "1"], ["B", "x", "1"], ["B", "y", "2"])
    copy, conflict = found.examples
    assert (copy.key, copy.first_line, copy.line, copy.differs) == (("A",), 2, 3, ())
    assert (conflict.first_line, conflict.line, conflict.differs) == (4, 5, (1, 2))
    assert (found.copies, found.conflicts) == (1, 1)
    assert [found.is_copy(line) for line in (2, 3, 4, 5)] == [False, True, False, False]
    assert [found.is_conflict(line) for line in (2, 3, 4, 5)] == [False, False, True, True]


def test_keys_are_trimmed_before_they_are_compared():
    found = check(["A ", "1"], [" A", "1"])
    assert found.conflicts == 1
    assert found.examples[0].differs == (0,)


@pytest.mark.case("C9")
def test_case_makes_another_key_with_a_warning():
    found = check(["acme corp"], ["Acme  Corp"], ["other"])
    assert (found.copies, found.conflicts) == (0, 0)
    (near,) = found.near
    assert (near.line, near.first_line, near.like) == (3, 2, ("acme corp",))


def test_a_key_may_span_columns():
    found = check(["A", "1", "x"], ["A", "2", "x"], ["A", "1", "y"], columns=(0, 1))
    assert [(repeat.first_line, repeat.line) for repeat in found.examples] == [(2, 4)]


def test_rows_without_a_key_are_set_aside():
    found = check(["", "1"], [" ", "2"], ["A"], columns=(0,))
    assert (found.blanks, found.blank_lines, found.conflicts) == (2, (2, 3), 0)
    assert check(["A"], ["A"], columns=(0, 1)).blanks == 2


@given(st.lists(st.tuples(st.sampled_from("ABCabc "), st.sampled_from("12")), max_size=30))
def test_every_repeat_is_found(rows):
    found = check(*map(list, rows))
    keys = Counter(key for key, _ in rows if key != " ")
    assert found.copies + found.conflicts == sum(count - 1 for count in keys.values())
    assert found.blanks == sum(key == " " for key, _ in rows)


def test_examples_are_bounded_while_counts_are_exact():
    rows = [[str(n % 3_000), str(n)] for n in range(9_000)]
    found = check(*rows)
    assert found.conflicts == 6_000
    assert len(found.examples) == 1_000
    assert found.is_conflict(9_001)


@pytest.mark.data
def test_the_collisions_of_a_usage_file_are_found():
    sheet = open_sheet(DATA / "ravenstack-saas/ravenstack_feature_usage.csv")
    found = find_repeats(sheet.rows, [0])
    assert (found.copies, found.conflicts, found.blanks) == (0, 21, 0)
    assert all(repeat.differs for repeat in found.examples)


@pytest.mark.data
def test_exact_copies_in_an_open_data_file():
    sheet = open_sheet(DATA / "csv-opendata/airedale.csv")
    found = find_repeats(sheet.rows, range(len(sheet.layout.names)))
    assert found.copies > 0
    assert found.conflicts == 0
