"""When renewals were signed: by the due day, early, late, or nobody said."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Account, ContractTerms
from bowtie.rules.money import renewal_rates
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.bowtie.test_renewal_rates import DUE, NEXT, START, bring, found, row, signed

DAY = timedelta(days=1)
LATER = date(2028, 6, 1)
EDGES = [
    (DUE - 31 * DAY, "on_time", True),
    (DUE - 30 * DAY, "on_time", False),
    (DUE, "on_time", False),
    (DUE + DAY, "late", False),
    (None, "unknown", False),
]


def extended(account: Account, on: date | None, said_on: date = date(2026, 6, 20)) -> None:
    bring(START, signed(account, signed_on=START - DAY))
    bring(said_on, row(account, ends_on=NEXT, **({"signed_on": on} if on else {})))


def followed(account: Account, on: date | None) -> None:
    bring(START, signed(account, signed_on=START - DAY))
    new = {"starts_on": DUE, "ends_on": NEXT, "signed_on": on}
    bring(DUE - 40 * DAY, signed(account, 2, **new))


@pytest.mark.parametrize("how", [extended, followed])
@pytest.mark.parametrize(("on", "signing", "is_early"), EDGES)
def test_a_renewal_was_signed_on_the_day_it_says(
    inside: Tenant,
    how: Callable[[Account, date | None], None],
    on: date | None,
    signing: str,
    is_early: bool,
):
    """The signing of the first term, which stands where nobody told of another, is never taken."""
    how(make.account(), on)
    (only,) = found()
    assert (only.state, only.signed_on, only.signing) == ("renewed", on, signing)
    assert only.is_early is is_early


def test_what_renews_by_itself_was_not_signed(inside: Tenant):
    account = make.account()
    bring(START, signed(account, signed_on=START, auto_renews=True, term_months=12))
    (only,) = found()
    assert (only.state, only.signing) == ("renewed", "unknown")


def test_what_was_lost_or_is_open_has_no_signing(inside: Tenant):
    bring(START, signed(make.account(), signed_on=START))
    assert [each.signing for each in found()] == [""]
    told = renewal_rates(found()).signing
    assert (told.n, told.on_time, told.early, told.n_unknown) == (0, None, None, 0)


def test_each_term_has_the_signing_of_its_own_renewal(inside: Tenant):
    account = make.account()
    first, second = DUE - 40 * DAY, NEXT - 5 * DAY
    bring(START, signed(account, signed_on=START))
    bring(first, row(account, ends_on=NEXT))
    bring(first + 9 * DAY, row(account, signed_on=first))
    bring(second, row(account, ends_on=LATER, signed_on=second))
    told = {each.due_on: each.signed_on for each in found(date(2027, 11, 1))}
    assert told == {DUE: first, NEXT: second}


def test_contracts_due_together_are_signed_with_the_last_and_unknown_with_one(inside: Tenant):
    account = make.account()
    bring(START, signed(account, product="Core"), signed(account, 2, product="Plus"))
    ends = {"ends_on": NEXT}
    bring(DUE - 9 * DAY, row(account, **ends, signed_on=DUE - 35 * DAY), row(account, 2, **ends))
    assert [each.signing for each in found()] == ["unknown"]
    bring(DUE - 8 * DAY, row(account, 2, signed_on=DUE - 2 * DAY))
    (only,) = found()
    assert (only.signed_on, only.signing, only.is_early) == (DUE - 2 * DAY, "on_time", False)


def test_rates_are_of_what_is_known_and_the_rest_is_apart(inside: Tenant):
    for on, _, _ in EDGES:
        extended(make.account(), on)
    told = renewal_rates(found()).signing
    assert (told.n, told.n_on_time, told.n_early, told.n_unknown) == (4, 3, 1, 1)
    assert (told.on_time, told.early, told.is_low_n) == (0.75, 0.25, True)


def test_a_day_before_it_was_told_does_not_know_it(inside: Tenant):
    account = make.account()
    extended(account, None, said_on=DUE - 9 * DAY)
    bring(DUE + 20 * DAY, row(account, signed_on=DUE - 9 * DAY))
    assert [each.signing for each in found(DUE + 10 * DAY)] == ["unknown"]
    assert [each.signing for each in found(DUE + 21 * DAY)] == ["on_time"]


def test_notice_days_are_kept_with_the_terms(inside: Tenant):
    account = make.account()
    bring(START, signed(account, notice_days=90))
    bring(DUE, row(account, notice_days=30))
    assert list(
        ContractTerms.objects.order_by("version").values_list("notice_days", flat=True)
    ) == [90, 30]


def test_page_file_and_api_say_the_same(
    acme: Tenant, cast: dict[Role, Actor], sign_in: Callable[[Actor], Client]
):
    with act_for(acme.pk):
        for number, (on, _, _) in enumerate(EDGES):
            extended(make.account(f"Account {number}"), on)
        found()
        key = make.api_key(cast[Role.ADMIN])
    client = sign_in(cast[Role.EXECUTIVE])
    window = "since=2026-01-01&until=2026-11-01"
    page = client.get(f"/acme/retention/?{window}").content.decode()
    assert "Of 4 renewed with a known signing day, low n" in page
    assert "were signed by the due day (75.0%)" in page and "before it (25.0%)" in page
    for signing, n in {"on_time": 3, "early": 1, "late": 1, "unknown": 1}.items():
        rows = client.get(f"/acme/retention/renewals/?{window}&signed={signing}")
        assert rows.context["n"] == n
    assert client.get(f"/acme/retention/renewals/?{window}&signed=x").status_code == 404
    file = sign_in(cast[Role.ADMIN]).get(f"/acme/retention/renewals/export/?{window}")
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [line["signing"] for line in sorted(lines, key=lambda line: line["account"])] == [
        signing for _, signing, _ in EDGES
    ]
    assert [line["is_early"] for line in lines].count("yes") == 1
    answer = Client().get(
        f"/api/v1/retention/?{window}", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.json()["renewals"]["signing"] == {
        **{"n": 4, "n_on_time": 3, "n_early": 1, "n_unknown": 1},
        **{"on_time": 0.75, "early": 0.25, "is_low_n": True},
    }
