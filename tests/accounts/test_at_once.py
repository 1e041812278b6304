"""A column read at once reads as its values do one by one."""

from datetime import date
from typing import Any

import pytest

from accounts.rules.at_once import read_all
from accounts.rules.fields import Field, Kind, Unfit

NAME = Field("name", "Name", required=True, most=8)
REGION = Field("region", "Region", most=8)
SEATS = Field("seats", "Seats", Kind.WHOLE, least=0)
DAY = Field("day", "Day", Kind.DATE)
TAGS = Field("tags", "Tags", Kind.TEXTS, most=8)

FINE = [
    (NAME, ["Globex", " Initech ", "a\tb"]),
    (REGION, ["EMEA", "", None, "  ", " EMEA"]),
    (REGION, ["Ünal", "日本"]),
    (SEATS, [1, 0, 2**31 - 1]),
    (SEATS, [1, 1.0, None, ""]),
    (DAY, ["2026-11-19", None, date(2026, 11, 19)]),
    (TAGS, [["a", "b"], [], ["a", "a", " "], ["b", "a"]]),
    (TAGS, [["a"], None]),
    (NAME, []),
]
UNFIT: list[tuple[Field, list[Any]]] = [
    (NAME, ["Globex", ""]),
    (NAME, ["Globex", " "]),
    (NAME, ["Globex", None]),
    (NAME, ["Globex", "nine char"]),
    (NAME, ["Globex", "\x07"]),
    (NAME, ["Globex", 1]),
    (SEATS, [1, True]),
    (SEATS, [1, -1]),
    (SEATS, [1, 2**31]),
    (SEATS, [1, "1"]),
    (DAY, ["2026-11-19", "2026-02-30"]),
    (TAGS, [["a"], [1]]),
    (TAGS, [["a"], [["a"]]]),
    (TAGS, [["a"], "a"]),
]


@pytest.mark.parametrize(("field", "values"), FINE)
def test_a_column_reads_as_its_values_do(field: Field, values: list[Any]):
    alone = [field.read(value) for value in values]
    together = read_all(field, values)
    assert list(together) == alone
    assert list(map(type, together)) == list(map(type, alone))


@pytest.mark.parametrize(("field", "values"), UNFIT)
def test_a_column_with_one_unfit_value_is_unfit(field: Field, values: list[Any]):
    with pytest.raises(Unfit):
        read_all(field, values)
