"""A part of a tenant is measured as the whole is: no account loses facts at the edge of a chunk."""

from datetime import timedelta

import pytest

from accounts.models import Account, ArrMovement, Contract
from health.actions.snapshots import keep_snapshots
from health.models import Snapshot
from health.queries.measuring import Chunk, Moment
from health.queries.models import InForce
from health.queries.today import zone_of_tenant
from pulse.models import Activity, SurveyAnswer, Ticket, Usage, UsageDay
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY

EARLY = NOW - timedelta(days=300)
ACCOUNTS = 5


@pytest.fixture
def accounts(inside: Tenant) -> list[Account]:
    """Accounts with one fact of each large table, in the order of their ids."""
    found = [
        make.account(f"A{n}", stage="max_impact", customer_since=TODAY - timedelta(days=300))
        for n in range(ACCOUNTS)
    ]
    for n, account in enumerate(found):
        of = {"account": account, "recorded_at": EARLY}
        key = {"external_id": f"x{n}", **of}
        at = NOW - timedelta(days=3 + n)
        day = TODAY - timedelta(days=2)
        Usage.objects.create(day=day, feature="", person=f"p{n}", n=3 + n, **of)
        for back in range(2, 90, 3):
            UsageDay.objects.create(
                day=TODAY - timedelta(days=back), actions=30 + n * back, active_users=1, features=1,
                **of,
            )  # fmt: skip
        Activity.objects.create(kind="call", is_two_way=True, at=at, **key)
        Ticket.objects.create(
            priority=1, status="resolved", opened_at=at, resolved_at=at, csat=5, **key
        )
        SurveyAnswer.objects.create(kind="nps", score=n, answered_at=at, **key)
        ArrMovement.objects.create(kind="new", amount_minor=100 + n, effective_on=day, **of)
        Contract.objects.create(
            account=account, external_id=f"c{n}", starts_on=day, arr_minor=100 + n, seats=4
        )
    Contract.objects.update(created_at=EARLY)
    return sorted(found, key=lambda each: each.pk)


def measured(chunks: list[Chunk]) -> dict[object, list[float | None]]:
    """The values of every account, kept chunk by chunk."""
    Snapshot.objects.all().delete()
    for chunk in chunks:
        keep_snapshots(
            moment=Moment(TODAY, zone_of_tenant()),
            in_force=InForce((), ()),
            recorded_at=NOW,
            chunk=chunk,
        )
    return dict(Snapshot.objects.values_list("account_id", "values"))


def test_any_chunk_measures_what_the_whole_does(accounts: list[Account]):
    ids = [each.pk for each in accounts]
    whole = measured([Chunk()])
    assert len(whole) == ACCOUNTS
    assert len({tuple(values) for values in whole.values()}) == ACCOUNTS
    for size in range(1, ACCOUNTS + 1):
        parts = [
            Chunk(after=ids[at - 1] if at else None, limit=size) for at in range(0, ACCOUNTS, size)
        ]
        assert measured(parts) == whole, size
    assert measured([Chunk(ids=(ids[3], ids[1])), Chunk(ids=(ids[0], ids[4], ids[2]))]) == whole
