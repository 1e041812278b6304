"""An import can be taken back for a day, but nothing that somebody changed since."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from accounts.actions.import_undo import tidy
from accounts.actions.segments import set_segment
from accounts.models import Account, ArrMovement, Contact, Contract, Import, ImportChange, ImportRow
from plays.models import Held, Run, Task
from pulse.models import Usage, UsageDay
from spiced.models import Element
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.plays.conftest import put_in_force

ACCOUNTS = b"id,name,segment,employees\na1,Globex,ent,10\na2,Initech,smb,20\na3,Umbrella,smb,30\n"
CHANGED = ACCOUNTS.replace(b"Initech,smb", b"Initech,ent").replace(b"30", b"31")
CONTRACTS = b"contract id,account id,start date,arr\nc1,a1,2026-02-01,1200\nc2,a2,2026-03-01,900\n"


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def wizard(acme: Tenant, sign_in: Any) -> Wizard:
    return Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)


def undo(wizard: Wizard, item: Import) -> Import:
    assert wizard.post(item, "undo").status_code == 302
    wizard.work()
    return wizard.item(item.pk)


def test_new_rows_go(wizard: Wizard):
    item = undo(wizard, wizard.bring_in(ACCOUNTS))
    assert (item.state, item.counts["taken_back"], item.counts["kept"]) == ("undone", 3, 0)
    with act_for(wizard.tenant.pk):
        assert not Account.objects.exists() and not ImportChange.objects.exists()
    assert "3 rows taken back" in wizard.page(item).text
    assert wizard.post(item, "undo").status_code == 409


@pytest.mark.case("M21")
def test_changed_rows_get_their_former_values(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    item = wizard.bring_in(CHANGED)
    assert (item.counts["changed"], item.counts["unchanged"]) == (2, 1)
    undo(wizard, item)
    with act_for(wizard.tenant.pk):
        found = Account.objects.order_by("external_id").values_list("segment", "employees")
        assert list(found) == [("ent", 10), ("smb", 20), ("smb", 30)]


@pytest.mark.case("M21")
def test_what_was_changed_or_used_since_stays_and_is_told(wizard: Wizard):
    item = wizard.bring_in(ACCOUNTS)
    with act_for(wizard.tenant.pk):
        Account.objects.filter(external_id="a1").update(segment="mid")
        make.contact(Account.objects.get(external_id="a2"))
    item = undo(wizard, item)
    assert (item.counts["taken_back"], item.counts["kept"]) == (1, 2)
    page = wizard.page(item).text
    assert "It was changed after the import." in page and "It has contacts by now." in page
    with act_for(wizard.tenant.pk):
        assert set(Account.objects.values_list("name", flat=True)) == {"Globex", "Initech"}
        assert Contact.objects.count() == 1


def test_a_segment_that_somebody_holds_by_hand_since_stays(wizard: Wizard, csm: Actor):
    wizard.bring_in(ACCOUNTS)
    item = wizard.bring_in(CHANGED)
    with act_for(wizard.tenant.pk):
        account = Account.objects.get(external_id="a2")
        set_segment(account=account, segment="ent", reason="So sold", actor=csm, now=make.NOW)
    item = undo(wizard, item)
    assert (item.counts["taken_back"], item.counts["kept"]) == (1, 1)
    with act_for(wizard.tenant.pk):
        account.refresh_from_db()
        assert (account.segment, account.segment_reason) == ("ent", "So sold")


@pytest.mark.case("E14")
def test_what_plays_began_by_themselves_goes_along_and_what_a_person_did_stays(wizard: Wizard):
    item = wizard.bring_in(ACCOUNTS)
    with act_for(wizard.tenant.pk):
        play = put_in_force()
        given = {"play": play, "play_key": play.key, "episode_on": make.TODAY, "evidence": {}}
        given |= {"started_at": make.NOW, "first_action_due_at": make.NOW}
        for account in Account.objects.exclude(external_id="a3"):
            run = Run.objects.create(account=account, **given)
            Task.objects.create(account=account, run=run, title="Call", created_at=make.NOW)
            Held.objects.create(
                account=account, play_key="x", day=make.TODAY, cause="cooldown",
                recorded_at=make.NOW,
            )  # fmt: skip
        Task.objects.filter(account__external_id="a2").update(version=2)
    item = undo(wizard, item)
    assert (item.counts["taken_back"], item.counts["kept"]) == (2, 1)
    assert "It has tasks by now." in wizard.page(item).text
    with act_for(wizard.tenant.pk):
        assert Account.objects.get().external_id == "a2"
        assert (Run.objects.count(), Held.objects.count()) == (1, 1)


def test_the_ledger_follows(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    item = wizard.bring_in(CONTRACTS, name="c.csv", target="contracts")
    with act_for(wizard.tenant.pk):
        assert Account.objects.get(external_id="a1").arr_minor == 120000
    undo(wizard, item)
    with act_for(wizard.tenant.pk):
        assert not Contract.objects.exists()
        assert Account.objects.get(external_id="a1").arr_minor == 0
        moves = ArrMovement.objects.filter(account__external_id="a1")
        assert sum(move.amount_minor for move in moves) == 0


def test_accounts_that_were_made_go_with_their_rows(wizard: Wizard):
    content = b"contact id,account id,full name\np1,zz,Priya Raman\n"
    item = wizard.bring_in(content, name="p.csv", target="contacts", makes_accounts="on")
    item = undo(wizard, item)
    assert item.counts["kept"] == 0
    with act_for(wizard.tenant.pk):
        assert not Contact.objects.exists() and not Account.objects.exists()


def usage(tenant: Tenant) -> tuple[list[Any], list[Any]]:
    with act_for(tenant.pk):
        values = Usage.objects.order_by("day", "feature").values_list("feature", "n")
        return list(values), list(
            UsageDay.objects.order_by("day").values_list("actions", flat=True)
        )


def test_usage_gets_its_former_values_but_for_those_written_since(wizard: Wizard):
    wizard.bring_in(ACCOUNTS)
    head = b"account id,day,feature,count\n"
    first = head + b"a1,2026-11-02,search,5\na1,2026-11-02,export,2\na2,2026-11-03,search,9\n"
    how = {"name": "u.csv", "target": "usage", "f-feature": "2", "f-n": "3"}
    wizard.bring_in(first, **how)
    before = usage(wizard.tenant)
    second = head + b"a1,2026-11-02,search,50\na1,2026-11-04,search,7\na2,2026-11-03,search,9\n"
    item = wizard.bring_in(second, **how)
    assert (item.counts["new"], item.counts["changed"], item.counts["unchanged"]) == (1, 1, 1)
    item = undo(wizard, item)
    assert (item.counts["taken_back"], item.counts["kept"]) == (2, 0)
    assert usage(wizard.tenant) == before
    item = wizard.bring_in(second, **how)
    with act_for(wizard.tenant.pk):
        Usage.objects.filter(n=7).update(n=8)
    item = undo(wizard, item)
    assert item.counts["kept"] == 1
    assert "1 of 2 values were changed after the import." in wizard.page(item).text
    with act_for(wizard.tenant.pk):
        assert sorted(Usage.objects.values_list("n", flat=True)) == [2, 5, 8, 9]


def test_after_a_day_it_is_too_late(wizard: Wizard):
    item = wizard.bring_in(ACCOUNTS)
    with act_for(wizard.tenant.pk):
        Import.objects.update(undo_until=timezone.now() - timedelta(minutes=1))
    assert "Take it back" not in wizard.page(item).text
    assert wizard.post(item, "undo").status_code == 409


def test_what_is_left_lying_is_forgotten(wizard: Wizard, settings: Any):
    bad = ACCOUNTS + b"a4,,smb,1\n"
    done, waiting = wizard.bring_in(bad), wizard.upload(ACCOUNTS)
    later_on = timezone.now() + timedelta(days=31)
    with act_for(wizard.tenant.pk), TestCase.captureOnCommitCallbacks(execute=True):
        assert ImportRow.objects.exists() and ImportChange.objects.exists()
        tidy(Work(wizard.tenant.pk, make.some_id(), None, later_on), day="2026-12-31")
        assert not ImportRow.objects.exists() and not ImportChange.objects.exists()
    assert wizard.item(waiting.pk).state == "discarded"
    assert wizard.item(done.pk).state == "done"
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_two_runs_of_one_import_are_one(wizard: Wizard):
    item = wizard.check(wizard.columns(wizard.upload(ACCOUNTS)))
    assert wizard.post(item, "run").status_code == 302
    assert wizard.post(item, "run").status_code == 409
    wizard.work()
    item = wizard.item(item.pk)
    assert item.counts["new"] == 3
    with act_for(wizard.tenant.pk):
        assert Account.objects.count() == 3
        assert Job.objects.filter(kind="accounts.import_run").count() == 1


def test_what_notes_say_of_people_goes_with_them(wizard: Wizard, csm: Actor):
    wizard.bring_in(ACCOUNTS)
    item = wizard.bring_in(b"contact id,account id,name\np1,a1,Priya\n", target="contacts")
    with act_for(wizard.tenant.pk):
        globex = Account.objects.get(external_id="a1")
        stays, goes = make.contact(globex, "Tom Berg"), Contact.objects.get(external_id="p1")
        pains = [{"text": "Late", "who": str(each.pk)} for each in (goes, stays)]
        people = [{"contact": str(each.pk), "stance": "blocker"} for each in (goes, stays)]
        for n in range(2):  # in the version before as well
            make.note(globex, csm, P={"pains": pains}, D={"people": people, "paper": str(n)})
            make.note(globex, csm, I={"text": "Discounts", "person": str(goes.pk)})
    assert undo(wizard, item).counts["taken_back"] == 1
    with act_for(wizard.tenant.pk):
        assert not Contact.objects.filter(pk=goes.pk).exists()
        parts = list(Element.objects.exclude(details={}).order_by("note__version"))
        assert len(parts) == 8 and not [part for part in parts if str(goes.pk) in str(part.details)]
        for part in parts:
            if part.letter == "P":
                assert [pain.get("who") for pain in part.details["pains"]] == [None, str(stays.pk)]
            if part.letter == "D":
                assert [each["contact"] for each in part.details["people"]] == [str(stays.pk)]
