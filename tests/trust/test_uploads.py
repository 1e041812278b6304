"""Files and bodies that are not what they say: refused by what they are, and nothing is kept."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, Import
from accounts.rules.safe_csv import restored
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard, adds_up
from tests.trust.corpus import naughty, sendable

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def wizard(acme: Tenant, uploads: Path) -> Wizard:
    client = Client(raise_request_exception=False)
    user = make.member(acme, Role.ADMIN).user
    assert user is not None
    client.force_login(user)
    return Wizard(client, acme)


def nothing_is_kept(wizard: Wizard, uploads: Path) -> bool:
    with act_for(wizard.tenant.pk):
        is_clean = not Import.objects.exists() and not Account.objects.exists()
    return is_clean and not [path for path in uploads.rglob("*") if path.is_file()]


# -- bodies that break off --

HEAD = b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FILE = (
    b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\nid,name\nA1,Globex\nA2,Initech\n"
)
WHOLE = HEAD % (b"target", b"accounts") + HEAD % (b"source", b"crm") + FILE + b"\r\n--cut--\r\n"


def post_raw(client: Client, address: str, sent: bytes, said: int, kind: str) -> Any:
    """Post bytes under a length that may be another one."""
    more: dict[str, Any] = {"wsgi.input": io.BytesIO(sent), "CONTENT_LENGTH": str(said)}
    more["CONTENT_TYPE"] = kind
    return client.generic("POST", address, b"", **more)


def test_a_whole_body_is_taken(wizard: Wizard):
    kind = "multipart/form-data; boundary=cut"
    assert post_raw(wizard.client, wizard.at, WHOLE, len(WHOLE), kind).status_code == 302


@pytest.mark.case("M22")
@pytest.mark.parametrize("cut", [1, 5, 12, 20, 200])
@pytest.mark.parametrize("is_length_right", [True, False])
def test_an_upload_that_breaks_off_is_refused(
    wizard: Wizard, uploads: Path, cut: int, is_length_right: bool
):
    sent = WHOLE[: -cut - 2]
    said = len(sent) if is_length_right else len(WHOLE)
    answer = post_raw(wizard.client, wizard.at, sent, said, "multipart/form-data; boundary=cut")
    assert answer.status_code == 400, cut
    assert nothing_is_kept(wizard, uploads)


@pytest.mark.case("M22")
def test_a_form_that_breaks_off_is_not_half_stored(wizard: Wizard, uploads: Path):
    kind = "application/x-www-form-urlencoded"
    sent = b"name=Globex+and+a+longer+na"
    answer = post_raw(wizard.client, "/acme/accounts/new/", sent, len(sent) + 9, kind)
    assert answer.status_code == 400
    assert nothing_is_kept(wizard, uploads)


@pytest.mark.case("M22")
def test_a_call_that_breaks_off_is_told_so(acme: Tenant):
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = post_raw(client, "/api/v1/tasks/", b'{"title": "Call"}', 18, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["detail"] == "What was sent broke off before its end."


# -- things that are no tables --


def zipped(name: str = "a.csv", content: bytes = b"id,name\n1,x\n") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


TABLE = b"id,name\n1,Globex\n2,Initech\n"
IMPOSTERS = {
    "archive.csv": zipped(),
    "inside.xlsx": zipped(),
    "deep.xlsx": zipped("xl/workbook.xml", zipped()),
    "climbing.xlsx": zipped("../../../outside.csv"),
    "packed.csv": gzip.compress(TABLE),
    "picture.csv": b"GIF89a" + TABLE,
    "photo.csv": b"\xff\xd8\xff\xe0" + TABLE,
    "paper.csv": b"%PDF-1.7\n" + TABLE,
    "page.csv": b"<!doctype html><html><body><table><tr><td>1</td></tr></table></body></html>",
    "program.csv": b"\x7fELF" + b"\0" * 64 + TABLE,
    "database.csv": b"SQLite format 3\0" + b"\0" * 84,
    "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
    "noise.csv": bytes(range(256)) * 8,
    "zeros.csv": b"\0" * 4096,
    "mixed.csv": b"id,name\n1,caf\xc3\xa9\n2,na\xc3\xafve\n3,caf\xe9\n",
    "cut.csv": b'id,name\n1,"never closed\n' + b"2,x\n" * 400_000,
    "wide.csv": b"id,name\n1,\"" + b"x" * 10_000_000 + b'"\n',
    "blank.csv": b" \n \n\n",
    "head.csv": b"id,name\n",
}  # fmt: skip


@pytest.mark.case("M3", "M4", "M6", "M7", "M24")
@pytest.mark.parametrize("name", IMPOSTERS)
def test_what_is_no_table_is_refused_in_words_and_not_kept(
    wizard: Wizard, uploads: Path, name: str
):
    sent = {"file": SimpleUploadedFile(name, IMPOSTERS[name]), "target": "accounts"}
    answer = wizard.client.post(wizard.at, sent | {"source": "crm"})
    assert answer.status_code == 422, name
    [words] = answer.context["form"].errors["file"]
    assert len(words) > 15 and " " in words, words
    assert nothing_is_kept(wizard, uploads)


@pytest.mark.case("M7", "M8")
def test_cells_that_cannot_be_kept_refuse_their_rows_alone(wizard: Wizard):
    rows = [b"A1,Globex", b"A2," + b"x" * 40_000, b"A3,nul\0here", b"A4,bell\x07", b"A5,Hooli"]
    item = wizard.bring_in(b"id,name\n" + b"\n".join(rows) + b"\n")
    assert adds_up(item) and (item.counts["new"], item.counts["refused"]) == (2, 3), item.counts
    with act_for(wizard.tenant.pk):
        assert set(Account.objects.values_list("external_id", flat=True)) == {"A1", "A5"}
    told = b"".join(wizard.client.get(f"{wizard.at}{item.pk}/refused.csv")).decode()
    assert all(f'"{line}"' in told or f"{line}," in told for line in (3, 4, 5)), told[:600]


@pytest.mark.case("F1", "F2", "M23")
def test_hostile_strings_of_a_file_are_kept_or_refused_row_by_row(wizard: Wizard):
    texts = [text for text in sendable(naughty()) if "\x00" not in text]
    cells = ['"' + text.replace('"', '""') + '"' for text in texts]
    lines = [f"N{n:04},{cell}" for n, cell in enumerate(cells)]
    item = wizard.bring_in(("id,name\r\n" + "\r\n".join(lines) + "\r\n").encode())
    assert adds_up(item), item.counts
    with act_for(wizard.tenant.pk):
        held = dict(Account.objects.values_list("external_id", "name"))
    assert len(held) == item.counts["new"] > 500 or len(held) > len(texts) * 0.7
    for number, text in enumerate(texts):
        if (kept := held.get(f"N{number:04}")) is not None:
            whole = restored(text)  # a mark that our own export would have put there
            same = {whole.strip(), whole.replace("\r\n", "\n").replace("\r", "\n").strip()}
            assert kept in same, (text, kept)
    page = wizard.client.get("/acme/accounts/").content.decode()
    assert "<script>window" not in page and "onerror=csomHit()>" not in page
    taken_out = b"".join(wizard.client.get("/acme/accounts/export/")).decode()
    assert not [line for line in taken_out.splitlines() if line.startswith(('"=', '"+', '"@'))]
