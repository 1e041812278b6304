"""Rates of other currencies in the charter: read, changed, refused in words."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from charter.actions import install_defaults
from charter.queries import in_force
from charter.rules.documents import problems as of_chapter
from charter.rules.rates import awaited, corrected, fiscal_year, problems, removed, year_label
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]


def body(*lines: str, first_month: int = 1) -> dict[str, object]:
    told = [line.split() for line in lines]
    rates = [{"year": int(year), "currency": code, "rate": rate} for year, code, rate in told]
    return {"first_month": first_month, "rates": rates}


def test_a_fiscal_year_goes_by_the_year_in_which_it_begins():
    assert [fiscal_year(date(2027, month, 1), 4) for month in (3, 4)] == [2026, 2027]
    assert (year_label(2026, 1), year_label(2026, 4), year_label(1999, 7)) == (
        "2026", "2026/27", "1999/00",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        (body("2026 USD 0"), "above 0"),
        (body("2026 USD -1"), "above 0"),
        (body("2026 USD 0,92"), "above 0"),
        (body("2026 USD 1e5"), "above 0"),
        (body("2026 USD 0.1234567890123"), "12 decimals"),
        (body("2026 ABC 1"), "not a currency code"),
        (body("1026 USD 1"), "not a year"),
        (body("2026 USD 1", "2026 USD 1.0"), "two rates for 2026"),
        (body(first_month=13), "from 1 to 12"),
        ({"first_month": 1, "rates": [{"year": 2026, "currency": "USD", "rate": 0.9}]}, "a rate"),
        ({"first_month": 1, "rates": [{"year": True, "currency": "USD", "rate": "1"}]}, "a year"),
        ({"rates": []}, "lacks or misspells"),
    ],
)
def test_what_is_no_rate_is_said_in_words(rates: dict[str, object], words: str):
    found = of_chapter("rates", rates)
    assert len(found) == 1 and words in found[0]
    assert problems(body("2026 USD 0.92", "2026 JPY 0.000000000001", "2025 USD 1")) == []


def test_what_has_been_counted_with_is_corrected_and_not_removed():
    before, today = body("2025 USD 1", "2026 USD 2", "2027 USD 3"), date(2026, 11, 18)
    assert corrected(before, body("2025 USD 1.0", "2026 USD 2", "2027 USD 9"), today) == []
    after = body("2025 USD 1", "2026 USD 4", "2026 GBP 1")
    assert corrected(before, after, today) == ["USD of 2026"]
    assert removed(before, after, today) == []
    assert removed(before, body("2026 USD 2"), today) == ["USD of 2025"]


def test_a_rate_that_will_be_missing_is_asked_for_in_time():
    known = body("2025 USD 1", "2026 USD 2", "2026 GBP 2", "2027 GBP 2")
    assert awaited(known, date(2026, 11, 1)) == []
    assert awaited(known, date(2026, 11, 18)) == [
        "USD has no rate for 2027, which begins on 1 Jan 2027."
    ]
    assert "began" in awaited(known, date(2027, 1, 1))[0]


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
    return sign_in(make.member(acme, Role.REVOPS))


def test_rates_are_entered_and_read_in_the_browser(revops: Client, acme: Tenant):
    at = "/acme/charter/rates/edit/"
    assert "No other currency has a rate" in revops.get("/acme/charter/").text
    sent = {"seen_version": "1", "first_month": "4", "note": "", "rates": ""}
    for wrong, words in (
        ("2026 USD 0.92\n2026 JPY", "Line 2"),
        ("this USD 0.92", "is not a year"),
        ("2026 USD 0,92", "is not a rate above 0"),
        ("2026 EUR 1", "EUR is the currency all is kept in"),
    ):
        answer = revops.post(at, sent | {"rates": wrong})
        assert answer.status_code == 422 and words in answer.text, wrong
        assert wrong.splitlines()[0] in answer.text, "nothing is lost"
    made = revops.post(at, sent | {"rates": "2026  usd 0.92\n\n2025 USD 0.9\n2026 JPY 0.0061"})
    assert made.status_code == 302
    with act_for(acme.pk):
        assert in_force("rates").body == body(
            "2025 USD 0.9", "2026 JPY 0.0061", "2026 USD 0.92", first_month=4
        )
    page = revops.get("/acme/charter/").text
    assert "2025/26" in page and "0.0061" in page and "begins in April" in page
    sent |= {"seen_version": "2", "rates": "2025 USD 0.8\n2026 JPY 0.0061\n2026 USD 0.92"}
    assert "USD of 2025/26: say why" in revops.post(at, sent).text
    assert revops.post(at, sent | {"note": "The bank had 0.8"}).status_code == 302
    assert "The bank had 0.8" in revops.get("/acme/charter/rates/").text
