"""CR6 and the renewal rates, from contracts as they come in and the ledger that follows."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from accounts.actions.revenue import keep_ledger
from accounts.actions.upsert import bring_in
from accounts.models import Account
from accounts.targets import CONTRACTS
from bowtie.queries.money import renewals
from bowtie.rules.money import Renewal, dollar_renewal, logo_renewal
from tenants.models import Tenant
from tests import make

DUE, NEXT = date(2026, 6, 1), date(2027, 6, 1)
START = date(2025, 6, 1)
AS_OF = date(2026, 11, 1)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def bring(day: date, *rows: dict[str, Any]) -> None:
    """Contracts as they come in on a day."""
    found = bring_in(CONTRACTS, rows, source="csom", now=moment(day))
    assert not found.refusals


def row(account: Account, number: int = 1, **said: Any) -> dict[str, Any]:
    return {"external_id": f"{account.external_id}-{number}", "account": account.external_id} | said


def signed(account: Account, number: int = 1, **said: Any) -> dict[str, Any]:
    plain = {"starts_on": START, "ends_on": DUE, "arr_minor": 1000}
    return row(account, number, **plain | said)


def night(day: date) -> None:
    keep_ledger(account_ids=Account.objects.values_list("pk", flat=True), now=moment(day))


def found(as_of: date = AS_OF, since: date = date(2025, 12, 31)) -> list[Renewal]:
    night(as_of)
    return renewals(since, as_of, moment(as_of), as_of)


def told(of: list[Renewal]) -> list[tuple[date, str, int, int]]:
    return [(each.due_on, each.state, each.due_minor, each.renewed_minor) for each in of]


def test_the_papers_renewal_rates(inside: Tenant):
    """50 due worth 4.0M; 45 renew, losing 0.3M to downgrades; 5 leave worth 0.5M."""
    accounts = [make.account(str(n)) for n in range(50)]
    worth = [1_000_000, *[50_000] * 40, *[125_000] * 4, *[100_000] * 5]
    bring(START, *(signed(a, arr_minor=arr) for a, arr in zip(accounts, worth, strict=True)))
    renewed = accounts[:45]
    new = {"starts_on": DUE, "ends_on": NEXT}
    extended, separate = renewed[:20], renewed[20:]
    price = {accounts[0].pk: 700_000}
    bring(
        date(2026, 5, 20),
        *(row(a, ends_on=NEXT, arr_minor=price.get(a.pk, 50_000)) for a in extended),
        *(
            signed(a, 2, arr_minor=arr, **new)
            for a, arr in zip(separate, worth[20:45], strict=True)
        ),
        *(row(a, cancelled_on=date(2026, 5, 25)) for a in accounts[45:47]),
    )
    due = found()
    assert (len(due), sum(each.due_minor for each in due)) == (50, 4_000_000)
    assert (logo_renewal(due), dollar_renewal(due)) == (0.9, 0.8)
    assert logo_renewal([]) is None and dollar_renewal([]) is None


@pytest.mark.parametrize(
    ("told_on", "arr", "state"),
    [(date(2026, 5, 20), 1000, "renewed"), (date(2026, 5, 20), 700, "renewed"),
     (date(2026, 6, 20), 1000, "renewed"), (None, 0, "lost")],
)  # fmt: skip
def test_a_contract_extended_in_place_was_due_at_its_former_end(
    inside: Tenant, told_on: date | None, arr: int, state: str
):
    account = make.account()
    bring(START, signed(account))
    if told_on:
        if told_on > DUE:
            night(told_on)
        bring(told_on, row(account, ends_on=NEXT, arr_minor=arr))
    assert told(found()) == [(DUE, state, 1000, arr)]


def test_what_renews_by_itself_is_due_at_each_end_of_a_term(inside: Tenant):
    account = make.account()
    bring(
        date(2023, 6, 1),
        signed(
            account,
            starts_on=date(2023, 6, 1),
            ends_on=date(2024, 6, 1),
            auto_renews=True,
            term_months=12,
        ),
    )
    ends = [date(2024, 6, 1), date(2025, 6, 1), DUE]
    assert told(found(since=date(2023, 6, 1))) == [(day, "renewed", 1000, 1000) for day in ends]
    bring(date(2026, 11, 2), row(account, cancelled_on=DUE))
    told_late = told(found(date(2026, 11, 2), since=date(2023, 6, 1)))
    assert told_late[-1] == (DUE, "lost", 1000, 0) and len(told_late) == 3
    assert told(renewals(date(2025, 12, 31), AS_OF, moment(AS_OF), AS_OF)) == [
        (DUE, "renewed", 1000, 1000)
    ], "as it was known then"


@pytest.mark.parametrize("auto_renews", [False, True])
@pytest.mark.parametrize("day", [DUE - timedelta(days=12), DUE, date(2026, 1, 15)])
def test_what_was_cancelled_before_its_end_is_lost(inside: Tenant, day: date, auto_renews: bool):
    account = make.account()
    bring(START, signed(account, auto_renews=auto_renews), signed(account, 2, ends_on=NEXT))
    bring(day, row(account, cancelled_on=day))
    assert told(found()) == [(DUE, "lost", 1000, 0)]
    night(DUE)
    early = renewals(date(2025, 12, 31), DUE, moment(DUE), DUE)
    assert told(early) == [(DUE, "lost", 1000, 0)], "nobody waits for it"


def test_what_was_cancelled_to_be_signed_anew_is_renewed(inside: Tenant):
    account = make.account()
    bring(START, signed(account))
    day = date(2026, 5, 10)
    bring(day, row(account, cancelled_on=day), signed(account, 2, starts_on=day, ends_on=NEXT))
    assert told(found()) == [(DUE, "renewed", 1000, 1000)]


def test_what_takes_over_before_the_end_renews_it(inside: Tenant):
    early, grown = make.account("Early"), make.account("Grown")
    bring(START, signed(early), signed(grown))
    begins = date(2026, 5, 10)
    bring(begins, signed(early, 2, starts_on=begins, ends_on=NEXT, arr_minor=900))
    bring(START, signed(grown, 2, starts_on=date(2025, 9, 1), ends_on=NEXT, arr_minor=300))
    assert told(found()) == [(DUE, "renewed", 1000, 900), (DUE, "lost", 1000, 0)], (
        "what began long before was something more"
    )


@pytest.mark.parametrize("days_late", [0, 15, 45])
def test_what_is_lost_soon_after_takes_nothing_from_what_renewed(inside: Tenant, days_late: int):
    account = make.account()
    second = DUE + timedelta(days=30)
    again = DUE + timedelta(days=days_late)
    bring(START, signed(account), signed(account, 2, ends_on=second, arr_minor=500))
    bring(again, signed(account, 3, starts_on=again, ends_on=NEXT))
    if days_late > 30:
        bring(again, signed(account, 4, starts_on=second, ends_on=NEXT, arr_minor=500))
    both = told(found())
    assert both[0] == (DUE, "renewed", 1000, 1000)
    assert both[1] == (second, *(("renewed", 500, 500) if days_late > 30 else ("lost", 500, 0)))


def test_one_leaves_on_the_day_on_which_another_renews(inside: Tenant):
    account = make.account()
    bring(START, signed(account), signed(account, 2, ends_on=date(2026, 10, 1), arr_minor=500))
    bring(DUE, row(account, 2, cancelled_on=DUE), signed(account, 3, starts_on=DUE, ends_on=NEXT))
    assert told(found()) == [
        (DUE, "renewed", 1000, 1000), (date(2026, 10, 1), "lost", 500, 0)
    ]  # fmt: skip


def test_trials_rolling_months_and_what_never_ran_are_not_due(inside: Tenant):
    account = make.account()
    month = {"ends_on": date(2025, 7, 1), "auto_renews": True, "term_months": 1}
    bring(
        START,
        signed(account, is_trial=True),
        signed(account, 2, status="pending"),
        signed(account, 3, **month),
        signed(account, 4, cancelled_on=START),
    )
    assert found() == []
