"""Values read the way people expect, at the edges as well."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import formats

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "full", "short"),
    [
        (16_400_000, "EUR", "€164,000", "€164k"),
        (113_000_000, "EUR", "€1,130,000", "€1.13m"),
        (8_450_000, "USD", "$84,500", "$84.5k"),
        (95_000, "GBP", "£950", "£950"),
        (99_950_000, "EUR", "€999,500", "€1m"),
        (99_949_900, "EUR", "€999,499", "€999k"),
        (-21_000_000, "EUR", "−€210,000", "−€210k"),
        (-5, "EUR", "€0", "€0"),
        (0, "EUR", "€0", "€0"),
        (250_000, "JPY", "¥250,000", "¥250k"),
        (1_234_567, "KWD", "KWD 1,235", "KWD 1.23k"),
        (None, "EUR", "n/a", "n/a"),
    ],
)
def test_money_is_read_in_full_and_in_short(
    minor: int | None, currency: str, full: str, short: str
) -> None:
    assert formats.money(minor, currency) == full
    assert formats.money_short(minor, currency) == short


def test_money_shows_cents_when_asked() -> None:
    assert formats.money(16_400_005, "EUR", cents=True) == "€164,000.05"
    assert formats.money(-5, "EUR", cents=True) == "−€0.05"
    assert formats.money(500, "JPY", cents=True) == "¥500"


@given(st.integers(min_value=0, max_value=10**15))
def test_short_money_has_three_digits_and_stays_close(minor: int) -> None:
    short = formats.money_short(minor).removeprefix("€")
    letter = short.lstrip("0123456789.")
    digits = short.removesuffix(letter)
    assert len(digits.replace(".", "").lstrip("0")) <= 4
    factor = {"": 1, "k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}[letter]
    units = Decimal(minor) / 100
    assert abs(Decimal(digits) * factor - units) <= max(Decimal("0.5"), units / 180)


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.912, "91.2%"), (1, "100.0%"), (0, "0.0%"), (-0.05, "−5.0%"), (None, "n/a")],
)
def test_a_rate_is_a_percentage_or_nothing(share: float | None, words: str) -> None:
    assert formats.rate(share) == words


@pytest.mark.case("E17")
def test_nothing_to_divide_by_is_never_a_number() -> None:
    assert formats.rate(float("nan")) == formats.number(float("inf")) == "n/a"
    assert formats.rate(Decimal("0.125"), 0) == "13%"
    assert formats.points(0.0123) == "+1.2 pts"


def test_changes_carry_their_sign() -> None:
    assert [formats.signed(value) for value in (4, -17, 0, 0.2)] == ["+4", "−17", "0", "0"]


def test_counts_take_their_noun() -> None:
    assert formats.plural(1, "account") == "1 account"
    assert formats.plural(1400, "company,companies") == "1,400 companies"
    assert formats.plural(0, "task") == "0 tasks"


def test_a_noun_begins_a_sentence_with_its_article():
    assert formats.with_article("account") == "An account"
    assert formats.with_article("usage value") == "A usage value"


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=-3), "3 h ago"),
        (timedelta(hours=-14), "yesterday 22:00"),
        (timedelta(hours=21), "tomorrow 09:00"),
        (timedelta(days=-2), "Tue 12:00"),
        (timedelta(days=-30), "20 Oct"),
        (timedelta(days=-400), "15 Oct 2025"),
        (timedelta(days=60), "18 Jan 2027"),
    ],
)
def test_a_moment_is_told_from_now(distance: timedelta, words: str) -> None:
    assert formats.when(NOW + distance, NOW) == words


def test_an_exact_moment_names_its_zone() -> None:
    berlin = NOW.astimezone(ZoneInfo("Europe/Berlin"))
    assert formats.exact(berlin) == "Thu 19 Nov 2026, 13:00 CET"


def test_dates_leave_out_this_year() -> None:
    today = date(2026, 11, 19)
    assert formats.day(date(2026, 2, 8), today) == "8 Feb"
    assert formats.day(date(2027, 2, 8), today) == formats.day(date(2027, 2, 8)) == "8 Feb 2027"
    assert formats.quarter(today) == "2026 Q4"
    assert [formats.days(n) for n in (0, 1, -1, 26, -3)] == [
        "today",
        "tomorrow",
        "yesterday",
        "in 26 days",
        "3 days ago",
    ]


def test_durations_grow_with_their_length() -> None:
    spans = [timedelta(minutes=each) for each in (35, 128, 60 * 24 * 3 + 240, -90, 60 * 48)]
    words = ["35 m", "2 h 08 m", "3 d 4 h", "−1 h 30 m", "2 d", "n/a"]
    assert [formats.duration(span) for span in (*spans, None)] == words


def test_work_is_counted_in_hours_as_its_day_is_shorter() -> None:
    assert [formats.effort(n) for n in (0, 35, 128, 37 * 60, -90)] == [
        "0 m",
        "35 m",
        "2 h 08 m",
        "37 h 00 m",
        "−1 h 30 m",
    ]


def test_letters_and_tints_stay_with_a_name() -> None:
    assert formats.initials("Northwind Logistics") == "NL"
    assert formats.initials("Orchard & Vine") == "OV"
    assert formats.initials("x") == "X"
    assert formats.initials("  ") == "?"
    assert formats.tint("Kestrel Air") == formats.tint("Kestrel Air")


def test_words_are_listed_as_a_sentence_does() -> None:
    assert formats.joined(["a", "b", "c"]) == "a, b and c"
    assert formats.joined(["a"]) == "a"
    assert formats.joined([]) == ""
    assert formats.size(4_200_000) == "4.2 MB"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1_250_000.0, "1,250,000"), (21.4, "21.4"), (-0.5, "−0.5"), (-0.0, "0"), (2000.5, "2,000.5")],
)  # fmt: skip
def test_a_measured_value_is_shown_as_it_was_entered(value: float, shown: str) -> None:
    assert formats.figure(value) == shown
