import csv
import io
import json
import os
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from accounts.rules.layout import Choice
from accounts.rules.sheets import open_sheet
from accounts.rules.unreadable import (
    BadRow,
    BadWorkbook,
    EmptyFile,
    NoRows,
    NotASheet,
    RecordTooLong,
    TooLarge,
    UnclosedQuote,
    Undecodable,
    Unreadable,
)
from accounts.rules.xlsx import cell_text

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))
SPECTRUM = sorted((DATA / "csv-spectrum" / "csvs").glob("*.csv"))
THIRD_PARTY = sorted(
    path for path in DATA.glob("*/*") if path.suffix in (".csv", ".tsv", ".psv", ".ssv")
)
ACCOUNTS = "id,name,seats\nA-1,Acme,10\nA-2,Globex,20\n"


@pytest.fixture
def upload(tmp_path):
    """Write an upload and return its path."""

    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def workbook(tmp_path):
    """Save a workbook of one worksheet and return its path."""

    def save(*rows: list, title: str = "Accounts") -> Path:
        book = Workbook()
        book.active.title = title
        for row in rows:
            book.active.append(row)
        path = tmp_path / "upload.xlsx"
        book.save(path)
        return path

    return save


def as_dicts(path: Path) -> list[dict[str, str]]:
    sheet = open_sheet(path)
    return [dict(zip(sheet.layout.names, cells, strict=True)) for _, cells in sheet.rows()]


@pytest.mark.data
@pytest.mark.parametrize("path", SPECTRUM, ids=lambda path: path.stem)
def test_reference_files_parse_to_their_json(path, upload):
    expected = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text("utf-8"))
    content = path.read_bytes()
    if path.stem == "newlines_crlf":  # this copy lost the line ends its JSON still shows
        content = content.replace(b"\n", b"\r\n")
    rows = as_dicts(upload(content))
    if path.stem == "location_coordinates":  # its JSON is of one row, with the phone made up
        assert rows == [{**expected, "Contact Phone Number": "2095257564"}]
    else:
        assert rows == expected


@pytest.mark.data
@pytest.mark.parametrize("path", THIRD_PARTY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_third_party_files_load_whole_or_say_why_not(path):
    try:
        sheet = open_sheet(path, name=path.name)
    except Unreadable as refusal:
        assert isinstance(refusal, NoRows), refusal.reason
        return
    layout = sheet.layout
    lines = [line for line, _ in sheet.rows()]
    assert len(lines) == layout.row_count
    assert lines == sorted(set(lines))
    assert (lines[0], lines[-1]) == (layout.first_line, layout.last_line)
    assert layout.misfits == 0
    assert all("\ufffd" not in "".join(cells) for _, cells in sheet.rows())


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "rows", "columns", "header", "said"),
    [
        ("csv-horror/begrotingsanalyse-2011.csv", 36, 20, (6, 7), "UTF-8, comma"),
        ("csv-horror/characters.csv", 382, 18, (1,), "Traditional Chinese (Big5), comma"),
        ("csv-horror/complex.csv", 3, 4, (1,), "UTF-8, comma"),
        ("csv-horror/example.tsv", 140, 17, (1,), "UTF-8, tab"),
        ("csv-horror/excel_pasting.csv", 16, 9, (4,), "UTF-8, comma, mixed line ends"),
        ("csv-horror/mixedGLB.csv", 133, 19, (4,), "UTF-8, comma, old Macintosh line ends"),
        ("csv-horror/null.csv", 10, 4, (), "UTF-8, comma"),
        ("csv-horror/simple.psv", 28, 6, (1,), "UTF-8, pipe, mixed line ends"),
        ("csv-horror/simple.ssv", 6, 3, (1,), "UTF-8, semicolon"),
        ("csv-horror/spanish_chars.csv", 114, 8, (1,), "Western European (Windows-1252), comma"),
        ("csv-horror/sparse_with_column_errors.csv", 2200, 4, (1,), "Western European"),
        ("csv-horror/utf-16le_encoded.csv", 327, 19, (1,), "UTF-16 with a byte order mark"),
        ("csv-horror/weird_head_padding.csv", 60, 11, (12,), "UTF-8, semicolon"),
        ("csv-opendata/airedale.csv", 53, 8, (1,), "UTF-8, comma, Windows line ends"),
        ("csv-opendata/imdb.csv", 100, 44, (1,), "UTF-8, comma, backslash escapes"),
        ("csv-opendata/milk.csv", 370, 23, (1,), "UTF-8, tab, Windows line ends"),
        ("telco-churn-ibm/Telco-Customer-Churn.csv", 7043, 21, (1,), "UTF-8, comma"),
        ("ravenstack-saas/ravenstack_feature_usage.csv", 25000, 8, (1,), "UTF-8, comma"),
        ("churnsim-crm6/usage_weekly.csv", 38624, 30, (1,), "UTF-8, comma"),
    ],
)
def test_known_files_are_detected_right(file, rows, columns, header, said):
    layout = open_sheet(DATA / file).layout
    if file.endswith("excel_pasting.csv"):
        rows = 13  # and a row of totals and two notes below
        assert [aside.line for aside in layout.below] == [21, 23, 24]
    assert (layout.row_count, len(layout.names), layout.header_lines) == (rows, columns, header)
    assert any(said in sentence for sentence in layout.words())


@pytest.mark.data
def test_legacy_characters_come_out_right():
    spanish = open_sheet(DATA / "csv-horror/spanish_chars.csv")
    assert spanish.layout.names[7] == "Descripción"
    assert any("check accents" in doubt for doubt in spanish.layout.doubts)
    chinese = open_sheet(DATA / "csv-horror/characters.csv")
    assert chinese.layout.names[2] == "景點中文名稱"
    film = dict(open_sheet(DATA / "csv-opendata/imdb.csv").rows())[66]
    assert film[2] == "Dr. Seltsam, oder wie ich lernte, die Bombe zu lieben (1964)"
    header = open_sheet(DATA / "csv-horror/begrotingsanalyse-2011.csv").layout.names
    assert header[:3] == ("NR.", "Cluster", "Groningen")


@pytest.mark.data
def test_naughty_strings_survive_in_quoted_cells(upload):
    strings = json.loads((DATA / "naughty-strings" / "blns.json").read_text("utf-8"))
    out = io.StringIO(newline="")
    rows = [[f"N-{number}", text, "1"] for number, text in enumerate(strings)]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["id", "note", "count"], *rows])
    sheet = open_sheet(upload(out.getvalue().encode("utf-8", "surrogatepass")))
    assert [cells for _, cells in sheet.rows()] == rows


def test_lines_are_physical_lines_of_the_file(upload):
    text = 'id,note,seats\nA,"one\ntwo\nthree",1\n\nB,x,2\r\nC,y,3\rD,z,4'
    sheet = open_sheet(upload(text))
    assert [(line, cells[0]) for line, cells in sheet.rows()] == [
        (2, "A"), (6, "B"), (7, "C"), (8, "D")
    ]  # fmt: skip


@pytest.mark.case("M2", "M3")
@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_recognised(upload, encoding, codec):
    text = "id,city,seats\r\n" + "".join(f"A-{n},München – Zürich,{n}\r\n" for n in range(50))
    sheet = open_sheet(upload(text, encoding))
    assert sheet.layout.encoding == codec
    assert sheet.layout.names == ("id", "city", "seats")
    assert next(sheet.rows()) == (2, ["A-0", "München – Zürich", "0"])


def test_cyrillic_is_not_taken_for_western(upload):
    text = "Компания,Город,Места\n" + "Ромашка,Санкт-Петербург,12\nЗвезда,Москва,7\n" * 20
    assert open_sheet(upload(text, "cp1251")).layout.names[0] == "Компания"


@pytest.mark.case("M3")
def test_mixed_encodings_are_refused_with_the_line(upload):
    lines = [f"A-{n},Zürich,{n}\n".encode() for n in range(30)]
    lines[17] = "A-17,Zürich,17\n".encode("cp1252")
    with pytest.raises(Undecodable, match="mixed encodings") as refusal:
        open_sheet(upload(b"id,city,seats\n" + b"".join(lines)))
    assert refusal.value.line == 19


def test_a_wrongly_chosen_encoding_is_refused_with_the_line(upload):
    path = upload("id,city,seats\nA,Köln,1\nB,Zürich,2\n", "cp1252")
    with pytest.raises(Undecodable) as refusal:
        open_sheet(path, Choice(encoding="utf-8"))
    assert refusal.value.line == 2
    assert next(open_sheet(path, Choice(encoding="cp1252")).rows())[1][1] == "Köln"


@pytest.mark.parametrize("length", [1 << 20, (1 << 20) - 1, (1 << 20) + 1])
def test_bad_bytes_are_located_across_chunks(upload, length):
    start = b"id,seats\r\n"
    filler = b"A,1\r\n" * ((length - len(start)) // 5)
    content = start + filler + b"B,\xff\xfe\xff\xc3\r\n"
    with pytest.raises(Undecodable) as refusal:
        open_sheet(upload(content), Choice(encoding="utf-8"))
    assert refusal.value.line == content.count(b"\n")


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", EmptyFile, "empty"),
        (b" \r\n\r\n ", EmptyFile, "empty"),
        (b",,\n,,\n", EmptyFile, "no filled cell"),
        (b"id,name\n", NoRows, "header (id, name) and no row"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, NotASheet, "a PNG image"),
        (b"%PDF-1.7\n", NotASheet, "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, NotASheet, "old or protected Office"),
        (b"<!DOCTYPE html><table>", NotASheet, "web page"),
        (b'[{"id": 1}]', NotASheet, "JSON"),
        (bytes(range(256)) * 20, NotASheet, "binary"),
    ],
)
def test_other_things_are_refused_by_name(upload, content, error, said):
    with pytest.raises(error) as refusal:
        open_sheet(upload(content))
    assert said in refusal.value.reason


@pytest.mark.case("M6")
def test_an_unclosed_quote_is_refused_with_its_line(upload):
    text = ACCOUNTS + 'A-3,"Initech,30\n' + "A-4,Hooli,40\n" * 500
    with pytest.raises(UnclosedQuote) as refusal:
        open_sheet(upload(text))
    assert refusal.value.line == 4


@pytest.mark.case("M6")
def test_an_unclosed_quote_does_not_swallow_a_large_file(upload):
    text = ACCOUNTS + 'A-3,"Initech,30\n' + "A-4,Hooli,40\n" * 100_000
    with pytest.raises(RecordTooLong) as refusal:
        open_sheet(upload(text))
    assert refusal.value.line == 4


@pytest.mark.case("M7")
def test_a_long_cell_within_the_limit_is_kept(upload):
    note = "x" * 200_000
    sheet = open_sheet(upload(ACCOUNTS + f"A-3,{note},3\n"))
    assert list(sheet.rows())[-1] == (4, ["A-3", note, "3"])


@pytest.mark.case("M8")
def test_a_stray_nul_is_left_to_its_row(upload):
    assert list(open_sheet(upload(ACCOUNTS + "A-3,No\0pe,3\n")).rows())[-1][1][1] == "No\0pe"


def test_title_notes_and_totals_are_left_out_and_told(upload):
    text = (
        "Accounts by seats,,\nas of 1 May 2024,,\n,,\nname,owner,seats\n"
        "Acme,Maya,10\nTotal Energies,Maya,20\nTotal,,30\n,,\nSource: CRM,,\n"
    )
    sheet = open_sheet(upload(text))
    layout = sheet.layout
    assert [cells[0] for _, cells in sheet.rows()] == ["Acme", "Total Energies"]
    assert [aside.line for aside in layout.above] == [1, 2]
    assert [(aside.line, aside.text) for aside in layout.below] == [
        (7, "Total 30"), (9, "Source: CRM")
    ]  # fmt: skip
    assert "Lines 7 and 9 below the table left out." in layout.words()
    kept = open_sheet(sheet.path, Choice(keep_below=True))
    assert kept.layout.row_count == 4


def test_a_last_row_with_only_a_name_is_no_note(upload):
    text = "name,owner,seats,city\nAcme,Maya,10,Rome\nGlobex,Maya,1,Oslo\nHooli,,,\n"
    sheet = open_sheet(upload(text))
    assert [cells[0] for _, cells in sheet.rows()] == ["Acme", "Globex", "Hooli"]


@pytest.mark.case("M6")
def test_ragged_rows_are_counted_and_refused_by_row(upload):
    sheet = open_sheet(upload(ACCOUNTS + "A-3,Initech\nA-4,Hooli,4,,\nA-5,Stark,5,more\n"))
    layout = sheet.layout
    assert (layout.misfits, layout.misfit_lines) == (2, (4, 6))
    rows = dict(sheet.rows())
    assert layout.fit(rows[5]) == ["A-4", "Hooli", "4"]
    with pytest.raises(BadRow, match="has 2 cells, the header has 3"):
        layout.fit(rows[4])
    with pytest.raises(BadRow, match="has 4 cells, the header has 3"):
        layout.fit(rows[6])


@pytest.mark.case("M5")
def test_blank_and_repeated_names_become_distinct(upload):
    layout = open_sheet(upload("name,,name,seats,\nAcme,1,2,3,\n")).layout
    assert layout.names == ("name", "Column 2", "name (2)", "seats", "Column 5")
    assert "Several columns have the same name: name" in layout.doubts


def test_the_person_may_overrule_the_detection(upload):
    path = upload("a|b;c\n1|2;3\n4|5;6\n")
    assert open_sheet(path, Choice(delimiter="|")).layout.names == ("a", "b;c")
    assert open_sheet(path, Choice(delimiter=";")).layout.names == ("a|b", "c")
    assert open_sheet(path, Choice(header_line=0)).layout.row_count == 3
    assert open_sheet(path, Choice(header_line=2)).layout.row_count == 1
    with pytest.raises(NoRows):
        open_sheet(path, Choice(header_line=9))


@pytest.mark.case("M9")
def test_the_declared_delimiter_of_a_spreadsheet_is_believed(upload):
    sheet = open_sheet(upload("sep=;\nid;price\nA;1,5\nB;2,5\n"))
    assert sheet.layout.names == ("id", "price")
    assert list(sheet.rows()) == [(3, ["A", "1,5"]), (4, ["B", "2,5"])]


def test_decimal_commas_and_prose_do_not_hide_the_semicolon(upload):
    text = "name;address;price\n" + "Acme;1 Main St, Rome, Italy;1,5\nHooli;2 Elm, Oslo;22,75\n" * 5
    assert open_sheet(upload(text)).layout.dialect.delimiter == ";"


def test_too_many_columns_are_refused(upload):
    with pytest.raises(TooLarge, match="2,001 columns"):
        open_sheet(upload("a," * 2000 + "b\n" + "1," * 2000 + "2\n"))


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from(',;|\t"\n\r'),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, st.integers(0, 999)), min_size=3, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_quoted_table_reads_back(upload, rows, delimiter, encoding):
    assume(not any("\\" in cell for row in rows for cell in row[:2]))
    table = [[f"K{n}", *map(str, row)] for n, row in enumerate(rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["key", "first", "second", "count"], *table])
    sheet = open_sheet(upload(out.getvalue(), encoding))
    assert sheet.layout.names == ("key", "first", "second", "count")
    assert [cells for _, cells in sheet.rows()] == table


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(upload, content):
    try:
        list(open_sheet(upload(content)).rows())
    except Unreadable as refusal:
        assert refusal.reason


def test_a_workbook_gives_text_in_one_form(workbook):
    path = workbook(
        ["name", "start", "seen", "mrr", "seats", "open", "code"],
        ["Acme", date(2024, 1, 31), datetime(2024, 1, 31, 8, 30), 1234.5, 10, True, "007"],
        [None, None, None, None, None, None, None],
        ["1+1", date(2024, 2, 1), datetime(2024, 2, 1), 0.1 + 0.2, 3.0, False, "x"],
    )
    sheet = open_sheet(path)
    layout = sheet.layout
    assert (layout.format, layout.worksheet, layout.row_count) == ("workbook", "Accounts", 2)
    first, last = sheet.rows()
    moment = "2024-01-31 08:30:00"
    assert first == (2, ["Acme", "2024-01-31", moment, "1234.5", "10", "TRUE", "007"])
    assert last == (4, ["1+1", "2024-02-01", "2024-02-01", "0.3", "3", "FALSE", "x"])


def test_a_spooled_workbook_gives_the_same_rows(workbook, tmp_path):
    path = workbook(["name", "seats"], ["two\nlines", 1], [None, None], ['"quoted"', 2.5])
    plain, spooled = open_sheet(path), open_sheet(path, spool=tmp_path / "rows")
    assert list(spooled.rows()) == list(plain.rows())
    assert spooled.layout == plain.layout
    path.unlink()
    assert [line for line, _ in spooled.rows()] == [2, 4]


def test_typed_cells_never_show_an_exponent():
    assert [cell_text(value) for value in (1e21, 1e-7, 12.0, -0.5)] == [
        "1" + "0" * 21, "0.0000001", "12", "-0.5"
    ]  # fmt: skip
    assert cell_text(time(8, 30)) == "08:30:00"


def test_the_worksheet_can_be_chosen(tmp_path):
    book = Workbook()
    book.active.title = "Cover"
    for title in ("Accounts", "Contacts"):
        sheet = book.create_sheet(title)
        sheet.append(["id", "count"])
        sheet.append([title, 1])
    book.create_sheet("Secret").sheet_state = "hidden"
    path = tmp_path / "upload.xlsx"
    book.save(path)
    assert open_sheet(path).layout.worksheet == "Accounts"
    assert open_sheet(path).layout.worksheets == ("Cover", "Accounts", "Contacts")
    chosen = open_sheet(path, Choice(worksheet="Contacts"))
    assert list(chosen.rows()) == [(2, ["Contacts", "1"])]
    with pytest.raises(BadWorkbook, match="no worksheet named"):
        open_sheet(path, Choice(worksheet="Secret"))


def test_a_formula_without_result_is_refused_by_its_cell(workbook):
    path = workbook(["name", "seats"], ["Acme", "=1+1"])
    with pytest.raises(BadWorkbook, match="Cell B2 has a formula without a stored result"):
        open_sheet(path)


@pytest.mark.case("M24")
def test_a_workbook_may_not_pass_for_a_text_file(workbook):
    with pytest.raises(NotASheet, match="its name says"):
        open_sheet(workbook(["a"], [1]), name="accounts.csv")


@pytest.mark.case("M24")
def test_other_archives_are_no_workbooks(tmp_path):
    path = tmp_path / "upload.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(NotASheet):
        open_sheet(path)


@pytest.mark.case("M24")
def test_a_zip_bomb_is_refused_before_it_unpacks(workbook):
    path = workbook(["a"], [1])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * (40 << 20))
    with pytest.raises(TooLarge, match="packed far tighter"):
        open_sheet(path)


def test_entities_in_a_workbook_are_refused(workbook):
    path = workbook(["a"], [1])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/extra.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(BadWorkbook, match="entities"):
        open_sheet(path)


@pytest.mark.parametrize("cut", [30, 200, 1500])
def test_a_cut_off_workbook_is_refused(workbook, cut):
    path = workbook(["a", "b"], [1, 2])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadWorkbook):
        open_sheet(path)
