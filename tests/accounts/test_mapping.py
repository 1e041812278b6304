import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.columns import profile_columns
from accounts.rules.mapping import TargetField, guess_mapping, name_likeness, words_of
from accounts.rules.sheets import open_sheet
from accounts.rules.usage_shape import usage_shape

DATA = Path(os.environ.get("CSOM_DATA", Path(__file__).parents[3] / "shared" / "data"))
FIELDS = (
    TargetField("source_key", "Account ID", "key", True, ("id", "customer id")),
    TargetField("name", "Name", "text", True, ("account name", "company", "account")),
    TargetField("industry", "Industry", "text", False, ("sector",)),
    TargetField("signed_on", "Customer since", "date", False, ("signup date", "create date")),
    TargetField("seats", "Seats", "integer", False, ("users", "employees")),
    TargetField("arr", "ARR", "money", False, ("annual revenue", "arr amount")),
    TargetField("is_trial", "Trial", "boolean", False, ("is trial",)),
)


def profiles(table: str):
    names, *rows = [line.split(",") for line in table.split()]
    return profile_columns(names, enumerate(rows, 2))


def third_party(file: str):
    sheet = open_sheet(DATA / file)
    return profile_columns(sheet.layout.names, sheet.rows())


@pytest.mark.parametrize(
    "name", ["accountName", "ACCOUNT_NAME", "Account name", "property_account_name", "AccountName"]
)
def test_house_styles_of_names_agree(name):
    assert words_of(name) == ("account", "name")


def test_names_may_have_typing_errors_but_not_other_words():
    assert name_likeness("Industy", "Industry") > 0.8
    assert name_likeness("postal code", "promo code") < 0.5
    assert name_likeness("", "name") == 0


def test_columns_are_mapped_by_name_and_kind():
    mapping = guess_mapping(FIELDS, profiles("id,company,sector,users\n7,Acme,Retail,10\n"))
    assert [mapping.column_of(f) for f in ("source_key", "name", "industry", "seats")] == [
        0, 1, 2, 3
    ]  # fmt: skip
    assert (mapping.unused, mapping.missing) == ((), ())
    assert mapping.matches[0].reason == "“id” is named like “id” and holds whole numbers"


def test_a_column_of_the_wrong_kind_is_not_mapped():
    mapping = guess_mapping(FIELDS, profiles("id,name,seats,arr\n7,Acme,many,soon\n8,Globex,few,x"))
    assert mapping.column_of("seats") is None
    assert mapping.column_of("arr") is None
    assert mapping.unused == (2, 3)


@pytest.mark.case("M5")
def test_two_columns_never_fill_one_field():
    mapping = guess_mapping(FIELDS, profiles("name,account_name,company\na,b,c\n"))
    assert mapping.column_of("name") == 0
    assert mapping.unused == (1, 2)
    assert mapping.missing == ("source_key",)


def test_an_empty_column_may_still_be_mapped_by_its_name():
    assert guess_mapping(FIELDS, profiles("id,name,seats\n7,Acme,\n")).column_of("seats") == 2


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=12))
def test_a_mapping_is_one_to_one_whatever_the_names(names):
    found = profile_columns(names, [(2, ["1"] * len(names))])
    mapping = guess_mapping(FIELDS, found)
    fields = [match.field for match in mapping.matches]
    columns = [match.column for match in mapping.matches]
    assert len(set(fields)) == len(fields)
    assert sorted([*columns, *mapping.unused]) == list(range(len(names)))
    assert all(0.6 <= match.score <= 1 for match in mapping.matches)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "ravenstack-saas/ravenstack_accounts.csv",
            {"source_key": "account_id", "name": "account_name", "industry": "industry",
             "signed_on": "signup_date", "seats": "seats", "is_trial": "is_trial"},
        ),
        (
            "hubspot-objects/company_data.csv",
            {"source_key": "id", "name": "property_name", "industry": "property_industry",
             "signed_on": "property_createdate", "arr": "property_annualrevenue"},
        ),
        ("crm-sales-opportunities/accounts.csv",
            {"name": "account", "industry": "sector", "seats": "employees"}),
        ("telco-churn-ibm/Telco-Customer-Churn.csv", {"source_key": "customerID"}),
    ],
)  # fmt: skip
def test_known_exports_are_mapped(file, expected):
    found = third_party(file)
    matches = guess_mapping(FIELDS, found).matches
    assert {match.field: found[match.column].name for match in matches} == expected


def test_usage_in_wide_form():
    shape = usage_shape(profiles("account_id,week,logins,exports,alerts\nA,2024-01-01,1,2,3\n"))
    assert (shape.form, shape.date, shape.keys, shape.counts) == ("wide", 1, (0,), (2, 3, 4))


def test_usage_in_long_form():
    rows = "".join(f"A{n % 3},2024-01-{n:02d},login,{n}\n" for n in range(1, 20))
    shape = usage_shape(profiles("account,day,feature,count\n" + rows))
    assert (shape.form, shape.date, shape.feature, shape.counts) == ("long", 1, 2, (3,))


@pytest.mark.parametrize(
    "table",
    [
        "account_id,logins,exports,alerts\nA,1,2,3\n",
        "account_id,start,end,seats,mrr,arr\nA,2024-01-01,2024-02-01,1,2,3\n",
        "day,logins,exports,alerts\n2024-01-01,1,2,3\n",
        "account_id,day,logins\nA,2024-01-01,1\n",
    ],
)
def test_other_tables_are_no_usage(table):
    assert usage_shape(profiles(table)) is None


@pytest.mark.data
def test_usage_files_of_third_parties():
    wide = usage_shape(third_party("churnsim-crm6/usage_weekly.csv"))
    assert (wide.form, wide.keys, len(wide.counts)) == ("wide", (0,), 28)
    long = usage_shape(third_party("ravenstack-saas/ravenstack_feature_usage.csv"))
    assert (long.form, long.keys, long.feature, long.counts) == ("long", (1, 0), 3, (4,))
    assert usage_shape(third_party("ravenstack-saas/ravenstack_subscriptions.csv")) is None
