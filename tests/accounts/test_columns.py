import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.cells import mark_of
from accounts.rules.columns import Profile, profile_columns, usual_mark, usual_order
from accounts.rules.sheets import open_sheet

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))


def profile(*cells: str, **known) -> Profile:
    """The profile of one column, its first cell on line 2."""
    rows = [(line, [cell]) for line, cell in enumerate(cells, 2)]
    return profile_columns(["column"], rows, **known)[0]


def third_party(file: str) -> dict[str, Profile]:
    sheet = open_sheet(DATA / file)
    return {p.name: p for p in profile_columns(sheet.layout.names, sheet.rows())}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("", " ", "\u00a0"), "empty"),
        (("Acme", "Globex", "7"), "text"),
        (("1", "-20", "+3"), "integer"),
        (("1 234", "12"), "integer"),
        (("1.5", "20"), "decimal"),
        (("12%", "7%"), "decimal"),
        (("$1.50", "20"), "money"),
        (("2024-01-31", ""), "date"),
        (("24 October 2011", "1 May 2012"), "date"),
        (("2024-01-31 3:00", "2024-02-01"), "datetime"),
        (("TRUE", "false"), "boolean"),
        (("Yes", "No", "no"), "boolean"),
        (("a@b.org", "c@d.org"), "email"),
        (("08123", "90210"), "text"),
        (("1234567890123456789", "5"), "text"),
        (("=1+1", "-x"), "text"),
        (("192.168.1.1", "1.2.3"), "text"),
    ],
)
def test_the_kind_of_a_column(cells, kind):
    assert profile(*cells).kind == kind


def test_fill_distinct_and_examples():
    found = profile("b", "a", "", "b", "c", "d")
    assert (found.rows, found.filled, found.distinct, found.longest) == (6, 5, 4, 1)
    assert found.filled_share == pytest.approx(5 / 6)
    assert found.examples == ("b", "a", "c")
    assert not found.is_unique
    assert profile("a", "b").is_unique


def test_distinct_values_are_estimated_in_bounded_memory():
    rows = ((line, [f"customer-{line % 20_000}", str(line)]) for line in range(50_000))
    few, many = profile_columns(["few", "many"], rows)
    assert few.distinct == pytest.approx(20_000, rel=0.15)
    assert many.distinct == pytest.approx(50_000, rel=0.15)


def test_one_row_decides_the_order_of_all_dates():
    found = profile("03/04/2026", "05/06/2026", "13/06/2026")
    assert (found.date_order, found.is_ambiguous) == ("DMY", False)
    assert profile("03/04/2026", "06/13/2026").date_order == "MDY"
    assert profile("2026-03-04").date_order == "YMD"
    assert profile("4 March 2026").date_order == "named"


@pytest.mark.case("M12")
def test_dates_that_fit_both_orders_are_asked():
    found = profile("03/04/2026", "05/06/2026")
    assert found.date_order is None
    assert found.judgement.questions == (
        "Every date can be read day first or month first: choose the order",
    )


def test_mixed_orders_are_told_with_their_lines():
    found = profile("13/06/2026", "03/04/2026", "06/14/2026", "2026-01-02")
    assert found.date_order is None
    assert found.judgement.orders == {"YMD": (5,), "DMY": (2,), "MDY": (4,)}
    assert "day first in line 2; month first in line 4" in found.judgement.questions[0]


def test_years_of_two_digits_are_asked():
    found = profile("03/04/26", "13/04/26")
    assert found.date_order == "DMY"
    assert found.judgement.two_digit_years
    assert found.judgement.questions == ("Years have two digits: choose whether 26 means 2026",)


def test_impossible_dates_stand_out_and_decide_nothing():
    found = profile(*["03/04/2026"] * 20, "31/02/2026")
    assert found.is_ambiguous
    (odd,) = found.judgement.odd
    assert (odd.count, odd.lines, odd.reason) == (1, (22,), "a date that does not exist")


def test_a_few_strangers_do_not_change_the_kind_but_are_told():
    found = profile(*["2024-01-31"] * 30, "soon", "n/a")
    assert found.kind == "date"
    assert {(odd.reason, odd.lines) for odd in found.judgement.odd} == {
        ("not a date", (32,)),
        ("a word for “nothing”, such as n/a", (33,)),
    }
    assert profile(*["2024-01-31"] * 5, *["soon"] * 2).kind == "text"


@pytest.mark.case("M9")
@pytest.mark.parametrize(
    ("cells", "mark", "kind", "asked"),
    [
        (("1,234", "2.5"), ".", "decimal", False),
        (("1,234", "1,234,567"), ".", "integer", False),
        (("1.234", "2,5"), ",", "decimal", False),
        (("1.234", "999"), None, "decimal", True),
        (("1,234", "999"), None, "decimal", True),
        (("2.5", "2,5"), None, "decimal", True),
        (("0.123", "1.234"), ".", "decimal", False),
        (("1 234", "5"), None, "integer", False),
        (("€1.234,50", "€2,00"), ",", "money", False),
    ],
)
def test_the_decimal_mark_is_judged_over_all_rows(cells, mark, kind, asked):
    found = profile(*cells)
    assert (found.decimal_mark, found.kind, found.is_ambiguous) == (mark, kind, asked)


def test_both_decimal_marks_are_told_with_their_lines():
    (question,) = profile("2.5", "2,5", "7.25").judgement.questions
    assert question.startswith("Numbers have different decimal marks")
    assert "point in lines 2, 4" in question
    assert "comma in line 3" in question


def test_a_mark_known_from_the_file_asks_nothing():
    found = profile("1.234", "999", decimal_mark=".")
    assert (found.decimal_mark, found.is_ambiguous, found.kind) == (".", False, "decimal")


def test_units_are_collected():
    assert profile("€5", "USD 7", "5").judgement.units == ("USD", "€")
    assert profile("5%", "7").judgement.units == ("%",)


def test_other_columns_suggest_an_answer():
    rows = [(2, ["2.5", "1.234", "13/04/2026", "01/02/2026"])]
    profiles = profile_columns(["a", "b", "c", "d"], rows)
    assert (usual_mark(profiles), usual_order(profiles)) == (".", "DMY")


def test_short_rows_count_as_empty_cells():
    first, second = profile_columns(["a", "b"], [(2, ["1"]), (3, ["2", "x", "beyond"])])
    assert (first.filled, second.filled, second.rows) == (2, 1, 2)


@given(st.lists(st.dates(date(1990, 1, 1), date(2100, 12, 31)), min_size=1, max_size=30))
def test_an_order_is_only_taken_when_no_other_fits(days):
    found = profile(*(day.strftime("%d/%m/%Y") for day in days))
    assert found.date_order in ("DMY", None)
    if any(day.day > 12 for day in days):
        assert found.date_order == "DMY"
    else:
        assert found.is_ambiguous


@given(st.text(max_size=50))
def test_every_cell_has_a_mark(cell):
    assert mark_of(cell)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "column", "kind", "order", "mark"),
    [
        ("csv-opendata/airedale.csv", "Payment Date", "date", "DMY", None),
        ("csv-opendata/airedale.csv", "Amount", "decimal", None, "."),
        ("csv-opendata/airedale.csv", "Transaction No.", "text", None, None),
        ("nps-sudzilla/responses_iso_dates.csv", "Timestamp", "datetime", "YMD", None),
        ("ravenstack-saas/ravenstack_support_tickets.csv", "closed_at", "datetime", "YMD", None),
        ("ravenstack-saas/ravenstack_support_tickets.csv", "submitted_at", "date", "YMD", None),
        ("ravenstack-saas/ravenstack_accounts.csv", "is_trial", "boolean", None, None),
        ("telco-churn-ibm/Telco-Customer-Churn.csv", "TotalCharges", "decimal", None, "."),
        ("telco-churn-ibm/Telco-Customer-Churn.csv", "Churn", "boolean", None, None),
        ("churnsim-crm6/usage_weekly.csv", "week_start", "date", "YMD", None),
        ("csv-horror/spanish_chars.csv", "Gasto total 2011", "decimal", None, "."),
        ("csv-horror/complex.csv", "another date", "date", "named", None),
        ("hubspot-objects/property_data.csv", "updated_at", "datetime", "YMD", None),
        ("zendesk-objects/time_zone_data.csv", "_fivetran_synced", "datetime", "YMD", None),
        ("csv-spectrum/csvs/comma_in_quotes.csv", "zip", "text", None, None),
    ],
)
def test_columns_of_third_party_files(file, column, kind, order, mark):
    found = third_party(file)[column]
    assert (found.kind, found.date_order, found.decimal_mark) == (kind, order, mark)
    assert not found.is_ambiguous


@pytest.mark.data
def test_german_thousands_are_asked_not_guessed():
    years = third_party("csv-horror/weird_head_padding.csv")
    assert years["2000"].is_ambiguous
    assert years["2000"].kind == "decimal"


@pytest.mark.data
def test_days_of_early_november_are_asked_not_guessed():
    answered = third_party("nps-sudzilla/responses_mdy_text_dates.csv")["Timestamp"]
    assert (answered.kind, answered.date_order) == ("datetime", None)
    assert answered.is_ambiguous


@pytest.mark.data
def test_blank_amounts_are_not_filled():
    charges = third_party("telco-churn-ibm/Telco-Customer-Churn.csv")["TotalCharges"]
    assert charges.rows - charges.filled == 11
