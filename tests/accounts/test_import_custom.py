"""The tenant's own fields in files: guessed, checked by type, brought in, unchanged, taken back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.actions.custom import retire_field
from accounts.models import Account, CustomField, ImportRow
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard, adds_up, column

SignIn = Callable[[Actor], Client]

FILE = b"""id,name,Contract tier,go_live,Seats sold,Is partner,Comment of ours
a1,Globex,gold,2026-11-19,1200,yes,First
a2,Initech,Very High,2026-11-20,12.5,no,
a3,Umbrella,Gold,2026-11-21,many,yes,Third
a4,Hooli,,,,,
""" + b"".join(b"b%d,Firm %d,,,%d,,\n" % (n, n, n) for n in range(9))


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path


@pytest.fixture
def wizard(acme: Tenant, sign_in: SignIn) -> Wizard:
    return Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)


@pytest.fixture(autouse=True)
def defined(acme: Tenant) -> None:
    with act_for(acme.pk):
        for position, (key, label, kind, choices) in enumerate(
            [
                ("contract_tier", "Tier of the contract", "choice", ["Gold", "Very high"]),
                ("go_live", "First day", "date", []),
                ("n_seats", "Seats sold", "number", []),
                ("partner", "Is partner", "yes_no", []),
                ("note", "Comment of ours", "text", []),
            ]
        ):
            CustomField.objects.create(
                key=key, label=label, kind=kind, choices=choices, position=position
            )


def values(tenant: Tenant) -> dict[str, Any]:
    with act_for(tenant.pk):
        return dict(Account.objects.values_list("external_id", "custom"))


def test_fields_of_the_tenants_own_go_through_the_whole_wizard(wizard: Wizard, acme: Tenant):
    item = wizard.columns(wizard.upload(FILE))
    said = wizard.proposed(item)
    for key, name in [
        ("contract_tier", "Contract tier"),
        ("go_live", "go_live"),
        ("n_seats", "Seats sold"),
        ("partner", "Is partner"),
        ("note", "Comment of ours"),
    ]:
        assert str(said[f"f-custom.{key}"]) == column(item, name), "guessed by label or by key"
    assert "A field of your own: Gold, Very high." in wizard.page(item).text
    item = wizard.check(item)
    assert (item.counts["new"], item.counts["refused"]) == (12, 1) and adds_up(item)
    page = wizard.page(item).text
    assert "“many” is not a number" in page
    with act_for(acme.pk):
        [row] = ImportRow.objects.filter(belongs_to=item)
    assert row.line == 4
    assert [problem["name"] for problem in row.problems] == ["Seats sold"]
    item = wizard.run(item)
    held = {key: custom for key, custom in values(acme).items() if key[0] == "a"}
    assert held == {
        "a1": {"contract_tier": "Gold", "go_live": "2026-11-19", "n_seats": 1200, "partner": True,
               "note": "First"},
        "a2": {"contract_tier": "Very high", "go_live": "2026-11-20", "n_seats": 12.5,
               "partner": False},
        "a4": {},
    }  # fmt: skip


def test_a_value_the_field_does_not_take_names_line_column_value_and_reason(
    wizard: Wizard, acme: Tenant
):
    content = b"id,name,Contract tier\na1,Globex,Gold\na2,Initech,Tin\n"
    item = wizard.columns(wizard.upload(content))
    item = wizard.check(item, **{"v-custom.contract_tier-1": ""})
    assert (item.counts["new"], item.counts["refused"]) == (1, 1)
    with act_for(acme.pk):
        [row] = ImportRow.objects.filter(belongs_to=item)
    [problem] = row.problems
    assert (row.line, problem["name"], problem["value"]) == (3, "Contract tier", "Tin")
    assert "“Tin” is not known; one of: Gold, Very high." in problem["reason"]
    assert wizard.post(item, "correct", {"cell-3-2": "gold", "was-3-2": "Tin"}).status_code == 302
    wizard.work()
    assert wizard.item(item.pk).counts["new"] == 2


def test_words_of_the_file_can_mean_choices(wizard: Wizard, acme: Tenant):
    content = b"id,name,Contract tier\na1,Globex,AU\na2,Initech,Gold\n"
    item = wizard.columns(wizard.upload(content))
    item = wizard.check(item, **{"v-custom.contract_tier-0": "Gold"})
    wizard.run(item)
    assert values(acme) == {"a1": {"contract_tier": "Gold"}, "a2": {"contract_tier": "Gold"}}


def test_the_same_file_again_changes_nothing_and_one_cell_changes_one_row(
    wizard: Wizard, acme: Tenant
):
    sound = FILE.replace(b"many", b"7")
    wizard.bring_in(sound)
    item = wizard.check(wizard.columns(wizard.upload(sound)))
    assert item.counts["unchanged"] == 13 and adds_up(item)
    item = wizard.check(wizard.columns(wizard.upload(sound.replace(b"12.5", b"13"))))
    assert (item.counts["unchanged"], item.counts["changed"]) == (12, 1)


def test_taking_an_import_back_restores_what_stood_there(wizard: Wizard, acme: Tenant):
    wizard.bring_in(b"id,name,Seats sold\na1,Globex,5\n")
    with act_for(acme.pk):
        Account.objects.filter(external_id="a1").update(
            custom={"n_seats": 5, "note": "by hand", "gone": "older than its field"}
        )
    before = values(acme)
    item = wizard.bring_in(b"id,name,Seats sold,Contract tier\na1,Globex,8,Gold\na2,New,1,Gold\n")
    assert values(acme)["a1"] == before["a1"] | {"n_seats": 8, "contract_tier": "Gold"}
    assert wizard.post(item, "undo").status_code == 302
    wizard.work()
    assert values(acme) == before


def test_a_column_that_is_not_mapped_leaves_its_field_alone_and_an_empty_cell_clears(
    wizard: Wizard, acme: Tenant
):
    wizard.bring_in(b"id,name,Seats sold,Comment of ours\na1,Globex,5,Hello\n")
    wizard.bring_in(b"id,name,Seats sold\na1,Globex,\n")
    assert values(acme) == {"a1": {"note": "Hello"}}


def test_one_value_can_stand_for_every_row(wizard: Wizard, acme: Tenant):
    item = wizard.columns(wizard.upload(b"id,name\na1,Globex\na2,Initech\n"))
    item = wizard.check(item, **{"f-custom.partner": "=", "x-custom.partner": "yes"})
    wizard.run(item)
    assert values(acme) == {"a1": {"partner": True}, "a2": {"partner": True}}


def test_a_field_retired_on_the_way_is_said_and_nothing_is_dropped(wizard: Wizard, acme: Tenant):
    item = wizard.columns(wizard.upload(b"id,name,Seats sold\na1,Globex,x\n"))
    item = wizard.check(item, **{"f-custom.n_seats": "2"})
    assert item.counts["refused"] == 1
    with act_for(acme.pk):
        field = CustomField.objects.get(key="n_seats")
        user = wizard.item(item.pk).created_by
        assert user is not None
        retire_field(field=field, actor=user, now=make.NOW)
    wizard.post(item, "correct", {"cell-2-2": "5", "was-2-2": "x"})
    wizard.work()
    item = wizard.item(item.pk)
    assert item.state == "read"
    page = wizard.page(item).text
    assert "No longer in use: custom.n_seats" in page
    assert 'name="f-custom.n_seats"' not in page
    assert wizard.run(wizard.check(item)).state == "done"
    assert values(acme) == {"a1": {}}


def test_other_targets_have_no_fields_of_the_tenants_own(wizard: Wizard):
    item = wizard.columns(wizard.upload(b"id,account,name\nc1,a1,Priya\n", target="contacts"))
    assert "custom." not in wizard.page(item).text
