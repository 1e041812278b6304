"""Files through the wizard: nothing silent, nothing twice, every row accounted for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Contract, Import, ImportRow
from bowtie.models import Stay
from charter.actions import install_defaults, publish
from tenants.actor import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard, adds_up
from tests.make import NOW

SignIn = Callable[[Actor], Client]

ACCOUNTS = b"""Company ID,Company Name,Industry,Employees
a1,Globex,Energy,120
a2,Initech,Software,80
a3,Umbrella,Pharma,many
""" + b"".join(b"b%d,Firm %d,Energy,%d\n" % (n, n, n) for n in range(9))


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path


@pytest.fixture
def wizard(acme: Tenant, sign_in: SignIn) -> Wizard:
    return Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)


def names(tenant: Tenant) -> set[str]:
    with act_for(tenant.pk):
        return set(Account.objects.values_list("name", flat=True))


def test_a_file_goes_from_upload_to_result(wizard: Wizard, uploads: Path):
    item = wizard.upload(ACCOUNTS)
    page = wizard.page(item).text
    assert "12 rows of 4 columns" in page and "comma" in page.lower() and "Globex" in page
    item = wizard.columns(item)
    page = wizard.page(item).text
    assert "is named like" in page and "needed" in page
    item = wizard.check(item)
    assert (item.counts["new"], item.counts["refused"]) == (11, 1)
    assert names(wizard.tenant) == set(), "a check changed the tenant's data"
    page = wizard.page(item).text
    assert "“many” is not a number" in page and "Bring 11 rows in" in page
    item = wizard.run(item)
    assert item.state == "done" and adds_up(item)
    assert names(wizard.tenant) >= {"Globex", "Initech"} and len(names(wizard.tenant)) == 11
    assert "Take it back" in wizard.page(item).text
    assert not [path for path in uploads.rglob("*") if path.is_file()], "files are left over"


@pytest.mark.case("M20")
def test_the_same_file_again_changes_nothing_and_says_so(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS)))
    assert (item.counts["unchanged"], item.counts["refused"]) == (11, 1) and adds_up(item)
    assert "Nothing would change" in wizard.page(item).text
    assert wizard.post(item, "run").status_code == 409


def test_a_bad_cell_is_put_right_in_place(wizard: Wizard):
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS)))
    answer = wizard.post(item, "correct", {"cell-4-3": "300", "was-4-3": "many"})
    assert answer.status_code == 302
    wizard.work()
    item = wizard.run(wizard.item(item.pk))
    assert (item.counts["new"], item.counts["refused"]) == (12, 0)


def test_nothing_put_right_is_said(wizard: Wizard):
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS)))
    for wrong in ({}, {"cell-4-99": "1", "was-4-99": ""}, {"cell-999-1": "x"}):
        assert wizard.post(item, "correct", wrong).status_code == 422


def test_refused_rows_can_be_downloaded_with_their_reasons(wizard: Wizard):
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS)))
    answer = wizard.client.get(f"{wizard.at}{item.pk}/refused.csv")
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert '"Umbrella"' in answer.text and "“many” is not a number" in answer.text


@pytest.mark.case("M18")
def test_repeated_keys_with_other_content_are_shown_with_both_rows(wizard: Wizard):
    content = (
        ACCOUNTS.replace(b"many", b"5") + b"a1,Globex Corp,Energy,120\na2,Initech,Software,80\n"
    )
    item = wizard.check(wizard.columns(wizard.upload(content)))
    assert item.counts | {"new": 11, "refused": 2, "repeated": 1} == item.counts and adds_up(item)
    page = wizard.page(item).text
    assert "Globex Corp" in page and "Line 14 has the same key" in page
    with act_for(wizard.tenant.pk):
        kinds = ImportRow.objects.filter(kind="conflict").values_list("line", flat=True)
        assert sorted(kinds) == [2, 14]


@pytest.mark.case("M12")
def test_an_ambiguous_date_is_asked_and_never_guessed(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    content = (
        b"contract id,account id,start date,arr\nc1,a1,01/02/2026,1200\nc2,a2,03/04/2026,900\n"
    )
    item = wizard.columns(wizard.upload(content, "contracts.csv", "contracts"))
    page = wizard.page(item).text
    assert "Every date can be read day first or month first" in page
    assert "minor units" not in page, "amounts in files are not in cents"
    said = wizard.proposed(item)
    assert wizard.post(item, "mapping", said).status_code == 422
    item = wizard.run(wizard.check(item, **{"o-starts_on": "DMY"}))
    with act_for(wizard.tenant.pk):
        found = Contract.objects.order_by("external_id").values_list("starts_on", "arr_minor")
        assert [(str(day), arr) for day, arr in found] == [
            ("2026-02-01", 120000),
            ("2026-04-03", 90000),
        ]


def test_rows_of_unknown_accounts_are_refused_unless_accounts_are_to_be_made(wizard: Wizard):
    content = b"contact id,account id,full name,email\np1,zz,Priya Raman,priya@example.com\n"
    item = wizard.columns(wizard.upload(content, "people.csv", "contacts"))
    item = wizard.check(item)
    assert item.counts["refused"] == 1 and "There is no account" in wizard.page(item).text
    answer = wizard.client.get(f"{wizard.at}{item.pk}/?step=columns")
    said = {f.html_name: f.value() for f in answer.context["form"] if f.value()}
    assert wizard.post(item, "mapping", said | {"makes_accounts": "on"}).status_code == 302
    wizard.work()
    item = wizard.item(item.pk)
    assert item.counts["accounts"] == 1 and "would be created" in wizard.page(item).text
    item = wizard.run(item)
    assert names(wizard.tenant) == {"zz"} and item.counts["new"] == 1


def test_new_accounts_stand_where_the_person_says(wizard: Wizard):
    item = wizard.bring_in(ACCOUNTS, stage="live")
    with act_for(wizard.tenant.pk):
        assert set(Account.objects.values_list("stage", flat=True)) == {"live"}
        assert Stay.objects.filter(is_imported=True, stage="live").count() == 11
    assert wizard.post(item, "undo").status_code == 302
    wizard.work()
    with act_for(wizard.tenant.pk):
        assert not Account.objects.exists() and not Stay.objects.exists()


@pytest.mark.parametrize(
    ("currency", "minor"), [("EUR", 120_050), ("HUF", 120_050), ("KWD", 1_200_500)]
)
def test_money_is_read_in_the_minor_unit_of_the_tenants_currency(
    wizard: Wizard, currency: str, minor: int
):
    wizard.tenant.currency = currency
    wizard.tenant.save()
    wizard.bring_in(ACCOUNTS)
    head = b"Contract ID,Company ID,Start Date,End Date,ARR\n"
    rows = b"c1,a1,2026-01-31,2027-01-31,1200.50\nc2,a2,2026-01-31,2027-01-31,1200.50\n"
    wizard.bring_in(head + rows, name="contracts.csv", target="contracts")
    with act_for(wizard.tenant.pk):
        assert {each.arr_minor for each in Contract.objects.all()} == {minor}


@pytest.mark.case("M14", "M15")
def test_money_is_read_in_the_minor_unit_of_each_rows_currency(wizard: Wizard):
    revops = User.objects.get(memberships__tenant=wizard.tenant)
    known = {"JPY": "0.0061", "KWD": "3.01", "USD": "0.92"}
    with act_for(wizard.tenant.pk):
        install_defaults(author=None, now=NOW)
        rates = [{"year": 2026, "currency": code, "rate": rate} for code, rate in known.items()]
        publish(
            kind="rates", body={"first_month": 1, "rates": rates}, note="", seen_version=1,
            author=revops, now=NOW,
        )  # fmt: skip
    wizard.bring_in(ACCOUNTS)
    content = (
        b"Contract ID,Company ID,Start Date,ARR,Currency\n"
        b"c1,a1,2026-01-31,1200,\nc2,a1,2026-01-31,1200,JPY\nc3,a1,2026-01-31,1200.125,KWD\n"
        b"c4,a2,2026-01-31,$1200.50,usd\nc5,a2,2026-01-31,1200.5,JPY\n"
        b"c6,a2,2026-01-31,$1200,EUR\nc7,a2,2026-01-31,1200,GBP\nc8,a2,2026-01-31,1200.125,\n"
    )
    item = wizard.bring_in(content, name="contracts.csv", target="contracts")
    with act_for(wizard.tenant.pk):
        taken = {each.external_id: each.arr_minor for each in Contract.objects.all()}
        reasons = {row.line: row.problems[0]["reason"] for row in ImportRow.objects.all()}
        paying = Account.objects.filter(arr_minor__gt=0)
        arr = dict(paying.values_list("external_id", "arr_minor"))
    assert taken == {"c1": 1200_00, "c2": 1200, "c3": 1_200_125, "c4": 1200_50}
    assert arr == {"a1": 1200_00 + 7_32 + 3612_38, "a2": 1104_46}
    assert "more than the 0 decimals" in reasons[6] and "is not in EUR" in reasons[7]
    assert "no rate from GBP to EUR for 2026" in reasons[8]
    assert "more than the 2 decimals" in reasons[9]
    assert item.counts["refused"] == 4


def test_words_of_the_file_are_asked_for(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    content = b"deal id,account id,deal name,deal stage\nd1,a1,Big,Closed Won\nd2,a2,Small,lost\n"
    item = wizard.columns(wizard.upload(content, "deals.csv", "opportunities"))
    page = wizard.page(item)
    assert "“Closed Won” means" in page.text
    said = wizard.proposed(item)
    bare = {key: value for key, value in said.items() if not key.startswith("v-")}
    assert wizard.post(item, "mapping", bare).status_code == 422
    item = wizard.run(wizard.check(item, **{"v-stage-0": "won"}))
    assert item.counts["new"] == 2


@pytest.mark.case("M9")
def test_the_layout_can_be_changed(wizard: Wizard):
    item = wizard.upload(b"id;name\n1;a,b\n2;c,d\n", "odd.csv")
    assert wizard.post(item, "layout", {"encoding": "nonsense"}).status_code == 422
    form = wizard.page(item).context["form"]
    said = {f.html_name: f.value() for f in form if f.value() is not False}
    answer = wizard.post(item, "layout", said | {"delimiter": ","})
    assert answer.status_code == 302
    item = wizard.item(item.pk)
    assert item.layout["delimiter"] == ","
    answer = wizard.post(item, "layout", said | {"header_line": "0", "delimiter": ";"})
    assert wizard.item(item.pk).layout["header_line"] == 0


@pytest.mark.case("M4", "M6", "M24")
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"%PDF-1.7 not a table", "report.csv"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "logo.csv"),
        (b"PK\x03\x04" + b"\0" * 50, "book.csv"),
        (b"PK\x03\x04" + b"\0" * 50, "book.xlsx"),
        (b"id,name\n", "header.csv"),
        (b'id,name\n1,"never closed\n', "cut.csv"),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(
    wizard: Wizard, uploads: Path, content: bytes, name: str
):
    sent = {"file": SimpleUploadedFile(name, content), "target": "accounts", "source": "crm"}
    assert wizard.client.post(wizard.at, sent).status_code == 422
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    with act_for(wizard.tenant.pk):
        assert Import.objects.count() == 0


@pytest.mark.case("F9")
def test_a_file_name_never_becomes_a_path(wizard: Wizard, uploads: Path):
    item = wizard.upload(ACCOUNTS, "../../etc/passwd.csv")
    [path] = [path for path in uploads.rglob("*") if path.is_file()]
    assert path.parent == uploads / "imports" / str(wizard.tenant.pk)
    assert path.name == str(item.pk) and path.stat().st_mode & 0o077 == 0


def test_discarding_forgets_the_file(wizard: Wizard, uploads: Path):
    item = wizard.upload(ACCOUNTS)
    assert wizard.post(item, "discard").status_code == 302
    assert "accounts.csv" not in wizard.client.get(wizard.at).text
    assert wizard.post(item, "discard").status_code == 409


STEPS = ["layout", "columns", "mapping", "correct", "run", "undo", "discard"]


def test_another_tenants_import_is_not_found(wizard: Wizard, rival: Tenant, sign_in: SignIn):
    item = wizard.upload(ACCOUNTS)
    stranger = Wizard(sign_in(make.member(rival, Role.ADMIN)), rival)
    assert stranger.page(item).status_code == 404
    assert stranger.client.get(f"{stranger.at}{item.pk}/refused.csv").status_code == 404
    assert stranger.client.get(f"{stranger.at}{item.pk}/progress/").status_code == 404
    for step in STEPS:
        assert stranger.post(item, step).status_code == 404, step


def test_who_may_not_import_is_refused(wizard: Wizard, sign_in: SignIn):
    item = wizard.upload(ACCOUNTS)
    for role in (Role.CSM, Role.MANAGER, Role.SALES, Role.EXECUTIVE):
        other = Wizard(sign_in(make.member(wizard.tenant, role)), wizard.tenant)
        assert other.client.get(other.at).status_code == 403
        assert other.page(item).status_code == 403
        for step in STEPS:
            assert other.post(item, step).status_code == 403, step


def test_reading_never_writes_and_writing_is_posted(wizard: Wizard):
    item = wizard.upload(ACCOUNTS)
    for step in STEPS:
        assert wizard.client.get(f"{wizard.at}{item.pk}/{step}/").status_code == 405
    assert wizard.client.post(f"{wizard.at}{item.pk}/").status_code == 405
    assert wizard.client.post(wizard.at, {"target": "accounts"}).status_code == 422
    assert wizard.client.post(wizard.at, {"target": "nonsense"}).status_code == 422
