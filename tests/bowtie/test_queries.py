"""The board and the ledger, from rows to figures."""

from datetime import UTC, date, datetime

from accounts.models import ArrMovement, Opportunity
from bowtie.models import Stay
from bowtie.queries.board import deals, journeys, standing, steps
from bowtie.queries.ledger import movements, windows
from bowtie.rules.retention import retention
from tenants.models import Tenant
from tests import make
from tests.make import NOW

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


def moment(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


def stay(account, stage: str, at: datetime, **more) -> None:
    Stay.objects.create(
        account=account, stage=stage, entered_at=at, left_at=at, recorded_at=NOW, **more
    )


def test_the_left_half_counts_deals_and_the_right_half_accounts(inside: Tenant):
    for number, (stage, opened, closed) in enumerate(
        [
            ("prospect", date(2026, 3, 1), None),
            ("sal", date(2026, 3, 1), None),
            ("lost", date(2026, 3, 1), date(2026, 4, 1)),
            ("won", date(2026, 3, 1), date(2026, 3, 31)),
            ("won", date(2025, 3, 1), date(2025, 3, 31)),
        ]
    ):
        Opportunity.objects.create(
            name=str(number), external_id=str(number), stage=stage, opened_on=opened,
            closed_on=closed,
        )  # fmt: skip
    quick, skipper, old = make.account("Quick"), make.account("Skipper"), make.account("Old")
    stay(quick, "committed", moment(2, 1))
    stay(quick, "live", moment(3, 3))
    stay(skipper, "committed", moment(2, 1))
    stay(skipper, "first_impact", moment(5, 1))
    stay(old, "committed", moment(2, 1), is_imported=True)
    found = steps(deals(SINCE, UNTIL), journeys(moment(1, 1), datetime(2027, 1, 1, tzinfo=UTC)))
    assert [(each.key, each.volume, each.reached) for each in found] == [
        ("awareness", 4, 3),
        ("education", 3, 3),
        ("selection", 3, 1),
        ("commit", 2, 2),
        ("onboarding", 2, 1),
        ("adoption", 1, 0),
        ("expansion", 0, 0),
    ]
    assert found[2].median_days == 30
    assert found[3].median_days == (30 + 89) / 2


def test_standing_counts_every_stage(inside: Tenant):
    make.account(stage="live", arr_minor=500)
    rows = {row["stage"]: (row["n"], row["arr_minor"]) for row in standing()}
    assert rows["live"] == (1, 500)
    assert rows["churned"] == (0, 0)


def test_the_ledger_reconciles_for_any_window(inside: Tenant):
    account = make.account()
    for kind, amount, on in [
        ("new", 100_00, date(2025, 6, 1)),
        ("expansion", 30_01, date(2026, 2, 1)),
        ("contraction", -10_02, date(2026, 3, 1)),
        ("churn", -119_99, date(2026, 9, 1)),
    ]:
        ArrMovement.objects.create(
            account=account, kind=kind, amount_minor=amount, effective_on=on, recorded_at=NOW
        )
    for since, until in [(SINCE, UNTIL), (date(2025, 1, 1), date(2026, 2, 1)), (UNTIL, UNTIL)]:
        [window] = windows(since, until)
        assert window.start + sum(window.movements.values()) == window.end
    result = retention(windows(SINCE, UNTIL))
    assert (result.opening, result.closing, result.nrr, result.logo) == (100_00, 0, 0, 0)
    assert [each.amount_minor for each in movements(SINCE, UNTIL, "churn")] == [-119_99]
