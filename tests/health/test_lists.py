"""The accounts list: what it finds, in which order, page by page, and what can be done with it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import charter.actions
from accounts.models import Account, CustomField
from health.actions.rows import keep_rows
from health.models import AccountRow, SavedView
from health.queries.rows import BadCursor, page_of
from health.rules.lists import COLUMNS, Asked
from tenants.actor import Actor
from tenants.models import Membership, Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]
URL = "/acme/accounts/"
HX = {"HX-Request": "true"}


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rosa Vega"))


def book(of: Tenant, *names: str, **fields: object) -> list[Account]:
    """Accounts with their rows."""
    with act_for(of.pk):
        made = [make.account(name, **fields) for name in names]
        for account in made:
            make.row(account)
    return made


@pytest.mark.case("H18")
@pytest.mark.parametrize("key", list(COLUMNS))
@pytest.mark.parametrize("sign", ["", "-"])
def test_walking_the_pages_meets_each_row_once_in_order(inside: Tenant, key: str, sign: str):
    today = timezone.now().date()
    for number in range(23):
        known = number % 3
        make.row(
            make.account(f"A{number % 4}"),
            arr_minor=number % 5,
            score=number % 7 * 10.1 if known else None,
            change_28=float(number % 2) if known else None,
            renews_on=today + timedelta(days=number % 6) if known else None,
            event_on=today if known else None,
            last_touch_on=today - timedelta(days=number % 4) if known else None,
            next_step_at=timezone.now() if known else None,
        )
    asked, after, met = Asked(sort=sign + key), "", []
    for _ in range(10):
        page = page_of(AccountRow.objects.all(), asked, after, size=5)
        met += page.rows
        after = page.after
        if not after:
            break
    assert len(met) == len({row.account_id for row in met}) == 23
    values = [getattr(row, COLUMNS[key].sort) for row in met]
    known_values = [value for value in values if value is not None]
    assert values == known_values + [None] * (23 - len(known_values))
    if key not in ("owner", "team", "reason", "stage", "segment", "spiced", "name"):
        assert known_values == sorted(known_values, reverse=bool(sign))


@pytest.mark.case("C20")
@pytest.mark.parametrize("token", ["x", "bnVsbA", "WyItYXJyIiwiYSIsImIiXQ", "é"])
def test_a_cursor_of_no_list_is_refused(inside: Tenant, token: str):
    with pytest.raises(BadCursor):
        page_of(AccountRow.objects.all(), Asked(), token)


def test_the_list_shows_filters_and_finds(revops: Client, acme: Tenant):
    book(acme, "Globex", "Initech", segment="mid", stage="live")
    book(acme, "Umbrella", segment="high")
    everything = revops.get(URL)
    assert everything.status_code == 200
    assert all(name in everything.text for name in ("Globex", "Initech", "Umbrella"))
    assert "Umbrella" not in revops.get(URL + "?segment=mid&stage=live").text
    found = revops.get(URL + "?q=GLOB", headers=HX | {"HX-Target": "list"}).text
    assert "Globex" in found
    assert "Initech" not in found
    assert "<html" not in found
    assert "No account matches" in revops.get(URL + "?q=nobody").text


def test_pages_follow_each_other(revops: Client, acme: Tenant):
    book(acme, *(f"Account {number:03}" for number in range(60)))
    first = revops.get(URL + "?sort=name").text
    assert "Account 049" in first
    assert "Account 050" not in first
    with act_for(acme.pk):
        after = page_of(AccountRow.objects.all(), Asked(sort="name")).after
    second = revops.get(URL + f"?sort=name&after={after}", headers=HX).text
    assert "Account 050" in second
    assert "data-more" not in second


def test_a_csm_sees_their_own_accounts_first(csm: Actor, acme: Tenant, sign_in: SignIn):
    book(acme, "Mine", owner=csm.user)
    book(acme, "Others")
    client = sign_in(csm)
    mine, everything = client.get(URL).text, client.get(URL + "?owner=all").text
    assert "Mine" in mine
    assert "Others" not in mine
    assert "Others" in everything


@pytest.mark.parametrize("query", ["stage=nowhere", "sort=secret", "owner=7", "after=x", "col=no"])
def test_an_address_that_cannot_be_read_says_so_and_shows_the_rest(
    revops: Client, acme: Tenant, query: str
):
    book(acme, "Globex")
    answer = revops.get(URL + "?" + query)
    assert answer.status_code == 422
    assert "Globex" in answer.text


@pytest.mark.case("H18")
def test_the_query_count_does_not_grow_with_rows(revops: Client, acme: Tenant):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            revops.get(URL + "?tag=a")
        return len(caught)

    book(acme, "First", tags=["a"])
    revops.get(URL)
    few = queries()
    book(acme, *(f"Account {number}" for number in range(30)), tags=["a"])
    assert queries() == few


def test_another_tenants_rows_stay_theirs(revops: Client, rival: Tenant, acme: Tenant):
    [theirs] = book(rival, "Hidden")
    assert "Hidden" not in revops.get(URL).text
    assert revops.get(f"{URL}{theirs.pk}/peek/").status_code == 404
    assert revops.get(f"{URL}{theirs.pk}/edit/").status_code == 404


@pytest.mark.parametrize("path", ["", "filters/", "columns/", "export/", "views/new/", "new/"])
def test_pages_open_and_refuse_other_methods(revops: Client, acme: Tenant, path: str):
    assert revops.get(URL + path).status_code == 200
    assert revops.delete(URL + path).status_code == 405


def test_a_peek_shows_the_row(revops: Client, acme: Tenant):
    [account] = book(acme, "Globex")
    assert "Globex" in revops.get(f"{URL}{account.pk}/peek/", headers=HX).text


def test_an_export_holds_what_is_in_reach_and_runs_nothing(
    acme: Tenant, cast: dict[Role, Actor], csm: Actor, sign_in: SignIn
):
    book(acme, "=cmd|' /C calc'!A0", owner=csm.user)
    book(acme, "Others")
    mine = sign_in(csm).get(URL + "export/?owner=all").text
    assert "'=cmd" in mine
    assert "Others" not in mine
    assert "Others" in sign_in(cast[Role.REVOPS]).get(URL + "export/").text
    assert sign_in(cast[Role.SALES]).get(URL + "export/").status_code == 403


def test_a_file_too_long_is_refused(revops: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    book(acme, "Globex", "Initech")
    monkeypatch.setattr("health.views.accounts.MOST_EXPORTED", 1)
    assert revops.get(URL + "export/").status_code == 409


def test_accounts_are_given_within_reach_and_back_again(
    acme: Tenant, cast: dict[Role, Actor], csm: Actor, sign_in: SignIn
):
    far = make.member(acme, Role.CSM, "Far Away", team="APAC")
    one, two = book(acme, "One", "Two", owner=csm.user)
    [beyond] = book(acme, "Beyond", owner=far.user)
    manager = sign_in(cast[Role.MANAGER])
    ids = [str(one.pk), str(two.pk), str(beyond.pk)]
    asked = manager.post(URL + "chosen/", {"do": "assign", "id": ids}, headers=HX)
    assert "Assign 3 accounts" in asked.text
    answer = manager.post(URL + "chosen/assign/", {"owner": far.user_id, "id": ids}, headers=HX)
    assert answer.status_code == 204
    assert "1 left out" in answer["HX-Trigger"]
    with act_for(acme.pk):
        assert set(AccountRow.objects.values_list("owner_name", "team")) == {
            ("Far Away", "APAC"), ("", ""),
        }  # fmt: skip
        told = TrailEntry.objects.filter(verb="accounts.owner_changed")
        assert {entry.facts["owner"][1] for entry in told} == {"Far Away"}
        batch = told[0].object_id
    undo = f"{URL}chosen/assign/{batch}/undo/"
    assert manager.post(undo, headers=HX).status_code == 204
    with act_for(acme.pk):
        assert Account.objects.get(pk=one.pk).owner_id == csm.user_id
    assert manager.post(undo, headers=HX).status_code == 409


def test_all_that_match_are_given(acme: Tenant, revops: Client, csm: Actor):
    book(acme, *(f"Account {number}" for number in range(60)), segment="mid")
    [other] = book(acme, "Other")
    with CaptureQueriesContext(connection) as caught:
        given = {"owner": csm.user_id, "all": "1", "n": "60"}
        revops.post(URL + "chosen/assign/?segment=mid", given, headers=HX)
    assert len(caught) < 40
    with act_for(acme.pk):
        assert Account.objects.filter(owner=csm.user).count() == 60
        assert Account.objects.get(pk=other.pk).owner_id is None


def test_the_day_of_the_next_step_is_that_of_the_tenant(acme: Tenant, revops: Client):
    Tenant.objects.filter(pk=acme.pk).update(time_zone="Pacific/Kiritimati")  # 14 hours ahead
    [account] = book(acme, "One")
    at = timezone.now().replace(hour=20) + timedelta(days=30)
    with act_for(acme.pk):
        AccountRow.objects.filter(account=account).update(next_step="Call", next_step_at=at)
    page = revops.get(URL).text
    assert f"{(at + timedelta(hours=14)).day} {at + timedelta(hours=14):%b}" in page


@pytest.mark.case("H4")
def test_all_is_asked_again_where_the_list_has_changed(acme: Tenant, revops: Client, csm: Actor):
    book(acme, "One", "Two", segment="mid")
    for at, given in (("assign", {"owner": csm.user_id}), ("tag", {"tag": "big"})):
        address = URL + f"chosen/{at}/?segment=mid"
        answer = revops.post(address, given | {"all": "1", "n": "1"}, headers=HX)
        assert answer.status_code == 409 and "it is 2 accounts now" in answer.text
        assert 'name="n" value="2"' in answer.text
    with act_for(acme.pk):
        assert not Account.objects.filter(Q(owner=csm.user) | Q(tags=["big"])).exists()


def test_an_owner_who_left_stays_until_somebody_else_is_chosen(
    acme: Tenant, revops: Client, csm: Actor
):
    [account] = book(acme, "One", owner=csm.user)
    assert csm.membership is not None
    Membership.objects.filter(pk=csm.membership.pk).update(ended_at=timezone.now())
    address = f"{URL}{account.pk}/edit/"
    form = revops.get(address).context["form"]
    sent = {field.html_name: field.value() or "" for field in form} | {"industry": "Rail"}
    assert revops.post(address, sent).status_code == 302
    with act_for(acme.pk):
        account.refresh_from_db()
    assert (account.industry, account.owner_id) == ("Rail", csm.user_id)


def test_only_who_may_assigns(acme: Tenant, csm: Actor, cast: dict[Role, Actor], sign_in: SignIn):
    [account] = book(acme, "One", owner=csm.user)
    given = {"owner": csm.user_id, "id": str(account.pk)}
    assert sign_in(csm).post(URL + "chosen/assign/", given).status_code == 403
    manager = sign_in(cast[Role.MANAGER])
    assert manager.post(URL + "chosen/assign/", {"owner": "x"}).status_code == 422
    assert manager.post(URL + "chosen/assign/", {"owner": ""}).status_code == 422
    asked = manager.post(URL + "chosen/", {"do": "assign"}).text
    assert asked.index("Choose</option>") < asked.index('<option value="none"')
    assert manager.get(URL + "chosen/assign/").status_code == 405
    far = make.member(acme, Role.CSM, "Far Away", team="APAC")
    [beyond] = book(acme, "Beyond", owner=far.user)
    given = {"owner": csm.user_id, "id": str(beyond.pk)}
    assert manager.post(URL + "chosen/assign/", given).status_code == 409


def test_a_tag_goes_on_and_off(acme: Tenant, revops: Client):
    [one, two] = book(acme, "One", "Two")
    ids = [str(one.pk), str(two.pk)]
    assert revops.post(URL + "chosen/tag/", {"tag": "", "id": ids}, headers=HX).status_code == 422
    assert revops.post(URL + "chosen/tag/", {"tag": "eu", "id": ids}, headers=HX).status_code == 204
    assert "One" in revops.get(URL + "?tag=eu").text
    with act_for(acme.pk):
        batch = TrailEntry.objects.filter(verb="accounts.tagged")[0].object_id
    assert revops.post(f"{URL}chosen/tag/{batch}/undo/", headers=HX).status_code == 204
    with act_for(acme.pk):
        assert Account.objects.get(pk=one.pk).tags == []


def test_views_are_private_until_shared(acme: Tenant, revops: Client, csm: Actor, sign_in: SignIn):
    saved = revops.post(URL + "views/new/?on=accounts&band=red&sort=-arr", {"name": "Red ones"})
    assert saved.status_code == 302
    page = revops.get(saved["Location"]).text
    assert "Red ones" in page
    assert "Save view" not in page
    assert "Save view" in revops.get(URL + "?band=green").text
    other = sign_in(csm)
    assert "Red ones" not in other.get(URL).text
    with act_for(acme.pk):
        view = SavedView.objects.get()
    one = f"{URL}views/{view.pk}/"
    assert other.post(one, {"name": "Stolen"}).status_code == 404
    assert other.post(one + "delete/").status_code == 404
    assert revops.post(one, {"name": ""}).status_code == 422
    revops.post(one, {"name": "Burning", "is_shared": "on"})
    assert "Burning" in other.get(URL).text
    assert revops.post(URL + "views/new/?band=red", {"name": "Burning"}).status_code == 409
    revops.post(one + "delete/")
    assert "Burning" not in other.get(URL).text


def test_an_account_is_made_and_edited_by_hand(acme: Tenant, csm: Actor, sign_in: SignIn):
    with act_for(acme.pk):
        CustomField.objects.create(key="tier", label="Tier", kind="number")
    client = sign_in(csm)
    assert client.post(URL + "new/", {"name": ""}).status_code == 422
    made = client.post(URL + "new/", {"name": "Hooli  GmbH", "custom.tier": "2"})
    assert made.status_code == 302
    with act_for(acme.pk):
        account = Account.objects.get()
        assert account.owner_id == csm.user_id
        assert (account.name_norm, account.custom) == ("hooli gmbh", {"tier": 2.0})
        assert AccountRow.objects.get().owner_name == "Maya Okafor"
    edit = f"{URL}{account.pk}/edit/"
    given = {"name": "Hooli", "version": account.version, "custom.tier": "2"}
    assert client.post(edit, given).status_code == 302
    stale = client.post(edit, given | {"name": "Hoolio"})
    assert stale.status_code == 409
    assert "Keep mine" in stale.text
    with act_for(acme.pk):
        assert AccountRow.objects.get().name == "Hooli"


def test_a_segment_set_by_hand_says_why_and_shows_what_the_rules_say(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=NOW)
        account = make.account(owner=csm.user, segment="small", touch_model="low")
    client, edit = sign_in(csm), f"{URL}{account.pk}/edit/"
    given = {"name": "Globex", "segment": "enterprise", "version": 1}
    answer = client.post(edit, given)
    assert answer.status_code == 422 and "Say why this segment" in answer.text
    assert client.post(edit, given | {"segment_reason": "Their group buys"}).status_code == 302
    with act_for(acme.pk):
        Account.objects.update(segment_by_rule="small")
        keep_rows(account_ids=[account.pk], now=NOW)
    page = client.get(f"{URL}{account.pk}/").text
    assert "Segment set by Maya Okafor" in page and "Their group buys" in page
    assert "The charter would say Small business." in page
    assert "Enterprise (rule: Small business)" in client.get(URL + "?columns=segment").text


def test_nobody_edits_beyond_their_reach(acme: Tenant, csm: Actor, cast, sign_in: SignIn):
    [others] = book(acme, "Others")
    assert sign_in(csm).get(f"{URL}{others.pk}/edit/").status_code == 404
    assert sign_in(cast[Role.EXECUTIVE]).get(URL + "new/").status_code == 403


@pytest.mark.case("F6", "F7")
def test_what_people_wrote_is_text_in_every_column(acme: Tenant, revops: Client):
    evil = "<script>alert(1)</script>"
    with act_for(acme.pk):
        texts = ("reason", "event_text", "next_step", "segment", "owner_name", "team")
        of = make.account(evil)
        make.row(of, event_on=timezone.now().date(), **dict.fromkeys(texts, evil))
    page = revops.get(URL + "?" + "&".join(f"col={key}" for key in COLUMNS)).text
    assert evil not in page
    assert page.count("&lt;script&gt;alert(1)") >= len(texts) + 1
