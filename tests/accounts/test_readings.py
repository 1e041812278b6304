import os
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.rules.columns import profile_columns
from accounts.rules.keys import find_repeats
from accounts.rules.mapping import TargetField
from accounts.rules.readings import Reading, proposed_reading
from accounts.rules.sheets import open_sheet
from accounts.rules.values import BadValue, FarFuture

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize(
    ("reading", "cell", "value"),
    [
        (Reading("text"), "'=1+1", "=1+1"),
        (Reading("text"), "  ", None),
        (Reading("key"), " A-1 ", "A-1"),
        (Reading("integer"), "-3", -3),
        (Reading("decimal", decimal_mark=","), "1.234,5", Decimal("1234.5")),
        (Reading("money", exponent=0, currency="JPY"), "¥1500", 1500),
        (Reading("share", percent=True), "40", Decimal("0.4")),
        (Reading("date", date_order="DMY"), "03/04/2026", date(2026, 4, 3)),
        (Reading("date", date_order="YMD", drop_time=True), "2026-04-03 9:00", date(2026, 4, 3)),
        (Reading("date", date_order="YMD", skip_far_future=True), "9999-12-31", None),
        (Reading("datetime", date_order="YMD"), "2026-04-03", datetime(2026, 4, 3, tzinfo=UTC)),
        (Reading("boolean"), "Yes", True),
        (Reading("email"), "a@B.org", "a@b.org"),
        (Reading("integer", skip_missing_words=True), "n/a", None),
    ],
)
def test_cells_become_values(reading, cell, value):
    assert reading.read(cell) == value


def test_what_was_not_chosen_is_not_guessed():
    with pytest.raises(BadValue, match="Choose the order"):
        Reading("date").read("03/04/2026")
    with pytest.raises(BadValue, match="choose the decimal mark"):
        Reading("money").read("1.234")
    with pytest.raises(BadValue):
        Reading("integer").read("n/a")
    with pytest.raises(FarFuture):
        Reading("date", date_order="YMD").read("9999-12-31")


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "column", "kind", "bad"),
    [
        ("csv-opendata/airedale.csv", "Payment Date", "date", 0),
        ("csv-opendata/airedale.csv", "Amount", "money", 0),
        ("ravenstack-saas/ravenstack_support_tickets.csv", "closed_at", "datetime", 0),
        ("ravenstack-saas/ravenstack_subscriptions.csv", "mrr_amount", "money", 0),
        ("telco-churn-ibm/Telco-Customer-Churn.csv", "TotalCharges", "money", 0),
        ("hubspot-objects/deal_stage_data.csv", "_fivetran_end", "datetime", 0),
        ("hubspot-objects/ticket_property_history_data.csv", "_fivetran_end", "datetime", 13),
        ("csv-horror/mixedGLB.csv", "Dec", "integer", 1),
    ],
)
def test_a_proposed_reading_reads_whole_columns(file, column, kind, bad):
    sheet = open_sheet(DATA / file)
    profiles = profile_columns(sheet.layout.names, sheet.rows())
    (profile,) = [p for p in profiles if p.name == column]
    reading = proposed_reading(TargetField("x", "X", kind), profile)
    refused = 0
    for _, cells in sheet.rows():
        try:
            reading.read(sheet.layout.fit(cells)[profile.index])
        except BadValue:
            refused += 1
    assert refused == bad


def test_a_long_file_takes_little_memory(tmp_path):
    path = tmp_path / "upload.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("id,name,signed,mrr\n")
        for n in range(20_000):
            out.write(f"A-{n},Company {n},2024-01-{n % 28 + 1:02d},{n}.50\n")
    tracemalloc.start()
    sheet = open_sheet(path)
    profiles = profile_columns(sheet.layout.names, sheet.rows())
    repeats = find_repeats(sheet.rows, [0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (sheet.layout.row_count, profiles[0].rows, repeats.conflicts) == (20_000, 20_000, 0)
    assert peak < 12_000_000
