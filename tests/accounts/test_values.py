from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.values import (
    BadValue,
    FarFuture,
    parse_bool,
    parse_count,
    parse_date,
    parse_email,
    parse_key,
    parse_moment,
    parse_money,
    parse_share,
    parse_text,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "mark", "minor"),
    [
        ("0", None, 0),
        ("1234", None, 123400),
        ("200.0", None, 20000),
        ("1,234.50", None, 123450),
        ("1.234,50", None, 123450),
        ("1,234", ".", 123400),
        ("1.234", ",", 123400),
        ("6,000,000", None, 600000000),
        ("12,34,567.89", ".", 123456789),
        ("-1 414", None, -141400),
        ("1\u202f414,5", ",", 141450),
        ("1'234.50", ".", 123450),
        ("(1,234.50)", None, -123450),
        ("12-", None, -1200),
        ("−5", None, -500),
        ("- 1", None, -100),
        ("$-3", None, -300),
        ("€ 12.00", None, 1200),
        ("12,00 €", None, 1200),
        ("USD 12", None, 1200),
        (".5", ".", 50),
        ("12.3400", ".", 1234),
    ],
)
def test_money_is_read_exactly(text, mark, minor):
    assert parse_money(text, mark) == minor


@pytest.mark.case("M10", "M14")
@pytest.mark.parametrize(
    ("text", "mark", "reason"),
    [
        ("1.234", None, "1.234 could mean 1,234 or 1.234: choose the decimal mark"),
        ("1,234", None, "1,234 could mean 1,234 or 1.234: choose the decimal mark"),
        ("1,23", ".", "“1,23” cannot be read with a decimal point"),
        ("1.234", ".", "“1.234” has more than the 2 decimals of the currency"),
        ("1e5", None, "“1e5” was shortened by a spreadsheet: export the full number"),
        ("#N/A", None, "“#N/A” is a spreadsheet error, not a number"),
        ("--", None, "“--” is not a number: leave the cell empty if there is none"),
        ("NaN", None, "“NaN” is not a number: leave the cell empty if there is none"),
        ("inf", None, "“inf” is not a number: leave the cell empty if there is none"),
        ("SKU 12", None, "“SKU 12” is not a number"),
        ("１２", None, "“１２” is not a number"),
        ("12%", None, "“12%” is a share, not an amount"),
        ("=1+1", None, "“=1+1” is not a number"),
        (" ", None, "The cell is empty"),
        ("1" * 30, None, f"“{'1' * 30}” is too large an amount"),
    ],
)
def test_money_refuses_with_a_reason(text, mark, reason):
    with pytest.raises(BadValue) as refusal:
        parse_money(text, mark)
    assert refusal.value.reason == reason


@pytest.mark.case("M14")
def test_money_follows_the_decimals_of_its_currency():
    assert parse_money("1234", exponent=0) == 1234
    assert parse_money("12.345", ".", exponent=3) == 12345
    with pytest.raises(BadValue, match="more than the 0 decimals"):
        parse_money("12.5", exponent=0, currency="JPY")


@pytest.mark.case("M15")
def test_money_of_another_currency_is_refused():
    assert parse_money("€5", currency="EUR") == 500
    assert parse_money("$5", currency="CAD") == 500
    with pytest.raises(BadValue, match="not in EUR"):
        parse_money("USD 5", currency="EUR")


@given(st.integers(-(10**15), 10**15), st.sampled_from([".", ","]), st.booleans())
def test_money_written_in_any_house_style_reads_back(minor, mark, grouped):
    other = "," if mark == "." else "."
    whole = f"{abs(minor) // 100:,}".replace(",", other if grouped else "")
    text = f"{'-' if minor < 0 else ''}{whole}{mark}{abs(minor) % 100:02d}"
    assert parse_money(text, mark) == minor


@given(st.text(max_size=30))
def test_number_readers_only_ever_refuse(text):
    for read in (parse_money, parse_count, parse_share):
        try:
            read(text)
        except BadValue as refusal:
            assert refusal.reason


def test_counts_are_whole_numbers():
    assert parse_count("10.0") == 10
    assert parse_count("1,234", ".") == 1234
    assert parse_count("-3", negative=True) == -3
    for text in ("10.5", "-3", "3 €", "", "1e3"):
        with pytest.raises(BadValue):
            parse_count(text)


def test_shares_lie_between_zero_and_one():
    assert parse_share("12%") == Decimal("0.12")
    assert parse_share("12,5 %", ",") == Decimal("0.125")
    assert parse_share("0.4") == Decimal("0.4")
    assert parse_share("40", percent=True) == Decimal("0.4")
    for text in ("12", "-1%", "101%"):
        with pytest.raises(BadValue, match=r"write 12% or 0\.12"):
            parse_share(text)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-02-29", "YMD", date(2024, 2, 29)),
        ("2024/2/9", "YMD", date(2024, 2, 9)),
        ("20240229", "YMD", date(2024, 2, 29)),
        ("16/07/2010", "DMY", date(2010, 7, 16)),
        ("16.7.2010", "DMY", date(2010, 7, 16)),
        ("11/1/2019", "MDY", date(2019, 11, 1)),
        ("24 October 2011", "DMY", date(2011, 10, 24)),
        ("Oct 24, 2011", "named", date(2011, 10, 24)),
        ("24-Sept-2011", "MDY", date(2011, 9, 24)),
        ("2023-07-28 0:00", "YMD", date(2023, 7, 28)),
    ],
)
def test_dates_are_read_in_the_order_of_their_column(text, order, day):
    assert parse_date(text, order) == day


@pytest.mark.case("M11")
@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("31/02/2026", "DMY", "31 February does not exist"),
        ("29/02/2026", "DMY", "29 February 2026 does not exist"),
        ("07/16/2010", "DMY", "16 is not a month: day and month may be swapped"),
        ("2024-13-45", "YMD", "13 is not a month"),
        ("0000-00-00", "YMD", "“0000-00-00” is a placeholder, not a date"),
        ("2024-01-05", "DMY", "“2024-01-05” is not in the order day, month, year"),
        ("03/04/26", "DMY", "“03/04/26” has a year of two digits: write it with four"),
        ("1850-01-01", "YMD", "The year 1850 is outside 1990 to 2100"),
        ("Dec-12", "YMD", "“Dec-12” is not a date"),
        (
            "03/04/2026",
            "named",
            "“03/04/2026” has no month name: choose the order of day and month",
        ),
        ("2023-07-28 3:00", "YMD", "“2023-07-28 3:00” has a time of day, but a date is needed"),
        (
            "45000",
            "DMY",
            "45000 is a spreadsheet's day number (2023-03-15): format the column as a date"
            " and export again",
        ),
    ],
)
def test_dates_refuse_with_a_reason(text, order, reason):
    with pytest.raises(BadValue) as refusal:
        parse_date(text, order)
    assert refusal.value.reason == reason


@pytest.mark.case("M11")
def test_a_date_without_end_is_told_apart_from_a_bad_one():
    with pytest.raises(FarFuture):
        parse_date("9999-12-31 23:59:59", "YMD", drop_time=True)


@pytest.mark.case("M11")
def test_two_digit_years_are_read_only_when_chosen():
    assert parse_date("03/04/26", "DMY", two_digit_years=True) == date(2026, 4, 3)
    assert parse_date("03/04/26", "MDY", two_digit_years=True) == date(2026, 3, 4)
    assert parse_date("03/04/90", "DMY", two_digit_years=True) == date(1990, 4, 3)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from("-/."))
def test_dates_written_in_an_order_read_back(day, sign):
    for order, shape in (("YMD", "%Y-%m-%d"), ("DMY", "%d-%m-%Y"), ("MDY", "%m-%d-%Y")):
        assert parse_date(day.strftime(shape).replace("-", sign), order) == day


@given(st.text(alphabet="0123456789-/.: TZ+APMjanuryfebOct,", max_size=30))
def test_date_readers_only_ever_refuse(text):
    for order in ("YMD", "DMY", "MDY", "named"):
        for read in (parse_date, parse_moment):
            try:
                read(text, order)
            except BadValue as refusal:
                assert refusal.reason


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("2023-07-28 3:00", "YMD", datetime(2023, 7, 28, 1, tzinfo=UTC)),
        ("2020-12-30 3:15:52", "YMD", datetime(2020, 12, 30, 2, 15, 52, tzinfo=UTC)),
        ("2020-07-09 15:25:37.051", "YMD", datetime(2020, 7, 9, 13, 25, 37, 51000, UTC)),
        ("2023-11-11 08:18:16.519000 UTC", "YMD", datetime(2023, 11, 11, 8, 18, 16, 519000, UTC)),
        ("2022-01-19T03:03:33.969Z", "YMD", datetime(2022, 1, 19, 3, 3, 33, 969000, UTC)),
        ("2024-01-01T00:00:00+05:30", "YMD", datetime(2023, 12, 31, 18, 30, tzinfo=UTC)),
        ("11/1/2019 8:51:12 PM", "MDY", datetime(2019, 11, 1, 19, 51, 12, tzinfo=UTC)),
        ("1/1/2024 12:05 am", "MDY", datetime(2023, 12, 31, 23, 5, tzinfo=UTC)),
        ("2024-06-01", "YMD", datetime(2024, 5, 31, 22, tzinfo=UTC)),
    ],
)
def test_moments_come_out_in_utc(text, order, moment):
    assert parse_moment(text, order, BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    ["2024-01-01 25:00", "2024-01-01 13:00 pm", "2024-01-01 00:00:00+19:00", "2024-01-01 1:60"],
)
def test_moments_refuse_clocks_that_do_not_exist(text):
    with pytest.raises(BadValue):
        parse_moment(text, "YMD")


def test_the_hour_a_clock_skips_is_refused():
    with pytest.raises(BadValue, match="the clock skips it"):
        parse_moment("2024-03-31 02:30", "YMD", BERLIN)


def test_a_doubled_hour_is_its_first():
    moment = parse_moment("2024-10-27 02:30", "YMD", BERLIN)
    assert moment == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)))
def test_moments_keep_every_microsecond(moment):
    aware = moment.replace(tzinfo=UTC)
    assert parse_moment(aware.isoformat(), "YMD") == aware
    assert parse_moment(aware.isoformat(" "), "YMD") - aware == timedelta(0)


def test_text_is_kept_as_it_is():
    for text in ("=1+1", " two\nlines\t", "'quoted'", "Zoë 🎈", "\u202ertl", ""):
        assert parse_text(text) == text


@pytest.mark.case("M8", "F3")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\0b", "The text holds a NUL character at position 2: remove it"),
        ("bell\x07", "The text holds a control character (U+0007) at position 5"),
        ("a\x93b", "encoding of the file may be chosen wrongly"),
        ("half \ud83d", "The text holds half of a character pair"),
        ("x" * 32_001, "The text has 32,001 characters; at most 32,000 can be stored"),
    ],
)
def test_text_refuses_what_cannot_be_stored(text, reason):
    with pytest.raises(BadValue) as refusal:
        parse_text(text)
    assert reason in refusal.value.reason


@pytest.mark.case("C9")
def test_keys_are_trimmed_and_keep_their_case():
    assert parse_key(" A-2e4581 \u00a0") == "A-2e4581"
    for text in ("", "  ", "two\nlines", "k" * 256):
        with pytest.raises(BadValue):
            parse_key(text)


def test_yes_and_no():
    assert all(parse_bool(text) for text in ("TRUE", "Yes", " y ", "1", "ja"))
    assert not any(parse_bool(text) for text in ("FALSE", "No", "n", "0", "nein"))
    with pytest.raises(BadValue, match="neither yes nor no"):
        parse_bool("maybe")


def test_emails():
    assert parse_email(" Ada@Example.ORG ") == "Ada@example.org"
    for text in ("", "ada", "ada@example", "a@b.org, c@d.org", "Ada <a@b.org>"):
        with pytest.raises(BadValue):
            parse_email(text)
