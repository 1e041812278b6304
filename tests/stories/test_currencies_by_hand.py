"""Retention in four currencies: the page, its file and the API beside the same, by pandas."""

import io
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from django.test import Client

from accounts.actions.upsert import bring_in
from accounts.targets import TARGETS
from charter.actions import install_defaults, publish
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

OWN = "EUR"
RATES = {
    ("USD", 2024): "0.9137", ("USD", 2025): "0.8461", ("USD", 2026): "0.9333",
    ("GBP", 2024): "1.1701", ("GBP", 2025): "1.2049", ("GBP", 2026): "1.1425",
    ("JPY", 2024): "0.006123", ("JPY", 2025): "0.005817", ("JPY", 2026): "0.006049",
}  # fmt: skip
SINCE, UNTIL = date(2025, 7, 1), date(2026, 10, 31)
PLACES = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0}


def book(chance: random.Random) -> pd.DataFrame:
    """Sixty accounts, each with one to three contracts in one currency; a third of them end."""
    rows = []
    for number in range(60):
        code = chance.choice(list(PLACES))
        for at in range(chance.randint(1, 3)):
            start = pd.Timestamp(2024, 1, 10) + timedelta(days=chance.randint(0, 900))
            runs = timedelta(days=chance.randint(120, 700))
            arr = chance.randint(1_000, 9_999_999) // (1 if PLACES[code] else 10)
            end = start + runs if chance.random() < 0.5 else pd.NaT
            rows.append((f"A{number}", f"A{number}-{at}", code, start, end, arr))
    names = ["account", "contract", "currency", "start", "end", "arr"]
    return pd.DataFrame(rows, columns=names)


def cents(arr: int, code: str, year: int) -> int:
    """ARR in cents of the reporting currency at the rate of a year, half away from zero."""
    if code == OWN:
        return arr
    scaled = Decimal(arr).scaleb(PLACES[OWN] - PLACES[code]) * Decimal(RATES[code, year])
    return int(scaled.quantize(Decimal(1), ROUND_HALF_UP))


def worth(terms: pd.DataFrame, day: date, year: int | None = None) -> "pd.Series[int]":
    """ARR of each account on a day, at the rates of its year or of another."""
    at = pd.Timestamp(day)
    runs = (terms.start <= at) & (terms.end.isna() | (terms.end > at))
    rated = [
        cents(arr, code, year or day.year) if is_running else 0
        for arr, code, is_running in zip(terms.arr, terms.currency, runs, strict=True)
    ]
    return pd.Series(rated, index=terms.index).groupby(terms.account).sum()


def by_hand(terms: pd.DataFrame) -> pd.DataFrame:
    """What each account had at both ends, what rates did to it, and what is kept at old rates."""
    start, end = worth(terms, SINCE - timedelta(days=1)), worth(terms, UNTIL)
    fx = start * 0
    for year in range(SINCE.year + 1, UNTIL.year + 1):
        turn = pd.Timestamp(year, 1, 1)
        stays = terms[(terms.start < turn) & (terms.end.isna() | (terms.end > turn))]
        fx = fx.add(
            worth(stays, turn, year).sub(worth(stays, turn, year - 1), fill_value=0), fill_value=0
        )
    found = pd.DataFrame({"start": start, "end": end, "fx": fx.astype("int64")})
    kept = (found.end - found.fx).clip(lower=0).where(found.end > 0, 0)
    stayed = ~found.index.isin(won_back(terms))
    found["kept"] = kept.where((found.start > 0) & stayed, 0)
    found["least"] = found[["start", "kept"]].min(axis=1)
    return found


def won_back(terms: pd.DataFrame) -> set[str]:
    """Accounts that came back in the window after more than 90 days without any contract."""
    found = set()
    for account, own in terms.sort_values("start").groupby("account"):
        until = own.end.fillna(pd.Timestamp.max).cummax().shift()
        away = (own.start - until).dt.days > 90
        inside = (own.start >= pd.Timestamp(SINCE)) & (own.start <= pd.Timestamp(UNTIL))
        if (away & inside).any():
            found.add(str(account))
    return found


@pytest.mark.parametrize("seed", [3, 11, 29])
def test_retention_in_four_currencies_is_the_same_by_hand(
    acme: Tenant, cast: dict[Role, Actor], sign_in: Callable[[Actor], Client], seed: int
):
    terms = book(random.Random(seed))
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        rates = [{"year": y, "currency": c, "rate": rate} for (c, y), rate in RATES.items()]
        body = {"first_month": 1, "rates": rates}
        revops = cast[Role.REVOPS].user
        publish(kind="rates", body=body, note="", seen_version=1, author=revops, now=NOW)
        accounts = [{"external_id": name, "name": name} for name in terms.account.unique()]
        signed = [
            {
                **{"external_id": row.contract, "account": row.account, "currency": row.currency},
                **{"starts_on": row.start.date(), "arr_minor": row.arr},
                "ends_on": None if pd.isna(row.end) else row.end.date(),
            }
            for row in terms.itertuples()
        ]
        zone = ZoneInfo(acme.time_zone)
        now = datetime.combine(date(2026, 11, 1), time(9), zone)
        for key, rows in (("accounts", accounts), ("contracts", signed)):
            outcome = bring_in(TARGETS[key], rows, source="csom", now=now)
            assert not outcome.refusals, outcome.refusals[:3]
        api_key = make.api_key(cast[Role.ADMIN])
    wanted = by_hand(terms)
    window = f"since={SINCE}&until={UNTIL}"
    admin = sign_in(cast[Role.ADMIN])
    file = admin.get(f"/acme/retention/export/?{window}").content.decode("utf-8-sig")
    told = pd.read_csv(io.StringIO(file)).rename(columns={"start EUR": "start"})
    amounts = ["start", "end", "fx", "kept", "least"]
    in_cents = told.set_index("account")[amounts].mul(100).round().astype("int64")
    seen = wanted[amounts].astype("int64").loc[in_cents.index]
    pd.testing.assert_frame_equal(in_cents, seen, check_names=False)
    assert not wanted.drop(in_cents.index)[amounts].to_numpy().any(), "nobody else had or moved any"
    page = admin.get(f"/acme/retention/?{window}").context["result"]
    answer = Client(headers={"Authorization": f"Bearer {api_key}"}).get(
        f"/api/v1/retention/?{window}"
    )
    figures: dict[str, Any] = answer.json()
    base = wanted[wanted.start > 0]
    stays = (base.end > 0) & ~base.index.isin(won_back(terms))
    assert page.opening == figures["opening"] == wanted.start.sum()
    assert page.closing == figures["closing"] == wanted.end.sum()
    assert page.movements["fx"] == figures["movements"]["fx"] == wanted.fx.sum()
    assert (figures["n"], figures["stayed"]) == (len(base), int(stays.sum()))
    assert page.nrr == figures["nrr"] == base.kept.sum() / base.start.sum()
    assert page.grr == figures["grr"] == base.least.sum() / base.start.sum()
