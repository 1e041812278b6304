"""Pinned views stand first, and an account opened from a list leads on along it."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account, CustomField
from health.actions.saved_views import MOST_PINNED
from health.models import AccountRow, Pin, SavedView
from health.queries.neighbours import place_of
from health.queries.rows import ordered
from health.rules.lists import COLUMNS, Asked
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
URL = "/acme/accounts/"


@pytest.mark.parametrize("key", list(COLUMNS))
@pytest.mark.parametrize("sign", ["", "-"])
def test_walking_on_and_back_meets_each_account_in_the_order_of_the_list(
    inside: Tenant, key: str, sign: str
):
    today = timezone.now().date()
    for number in range(11):
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
    asked, rows = Asked(sort=sign + key), AccountRow.objects.filter(is_archived=False)
    listed = list(ordered(rows, asked))
    for at, row in enumerate(listed):
        place = place_of(rows, asked, row.account_id)
        assert place
        before = listed[at - 1] if at else None
        behind = listed[at + 1] if at + 1 < len(listed) else None
        assert (place.at, place.n) == (at + 1, len(listed))
        for found, expected in ((place.before, before), (place.behind, behind)):
            assert (found and found.account_id) == (expected and expected.account_id)


def test_an_account_that_left_the_list_still_leads_on(inside: Tenant):
    rows = [make.row(make.account(name), band=band) for name, band in
            (("A", "red"), ("B", "green"), ("C", "red"))]  # fmt: skip
    asked = Asked(sort="name", band="red")
    place = place_of(AccountRow.objects.filter(band="red"), asked, rows[1].account_id)
    assert place and place.before and place.behind
    assert (place.before.name, place.behind.name, place.at, place.n) == ("A", "C", None, 2)


@pytest.fixture
def book(acme: Tenant) -> list[Account]:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=make.NOW)
        made = [make.account(name) for name in ("Alder", "Birch", "Cedar", "Dogwood")]
        for at, account in enumerate(made):
            make.row(account, band="green" if at == 2 else "red")
    return made


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rosa Vega"))


def test_the_account_page_leads_along_the_list_it_was_opened_from(
    book: list[Account], revops: Client
):
    listed = revops.get(URL + "?band=red&sort=-name").text
    carried = quote("accounts?band=red&sort=-name", safe="")
    assert f"{URL}{book[1].pk}/?list={carried}" in listed
    page = revops.get(f"{URL}{book[1].pk}/?list={carried}").text
    assert f'href="{URL}{book[3].pk}/?list={carried}" data-key="["' in page
    assert f'href="{URL}{book[0].pk}/?list={carried}" data-key="]"' in page
    assert "2 of 3" in page and f"{URL}?band=red&amp;sort=-name" in page
    assert f"{URL}{book[1].pk}/people/?list={carried}" in page
    people = revops.get(f"{URL}{book[1].pk}/people/?list={carried}").text
    assert f"{URL}{book[0].pk}/people/?list={carried}" in people
    last = revops.get(f"{URL}{book[0].pk}/?list={carried}").text
    assert 'data-key="]"' not in last and "Next account: the list ends here" in last


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nothing?x=1",
        "accounts?sort=up&band=blue&owner=x%00",
        "at_risk",
        "accounts?" + "x" * 2001,
    ],
)
def test_an_address_that_names_no_list_of_ours_still_opens_the_account(
    book: list[Account], revops: Client, given: str
):
    assert revops.get(f"{URL}{book[0].pk}/", {"list": given}).status_code == 200


def test_without_a_list_there_is_nothing_to_walk(book: list[Account], revops: Client):
    assert "Next account" not in revops.get(f"{URL}{book[0].pk}/").text


def view_of(actor: Actor, name: str, **fields: object) -> SavedView:
    return SavedView.objects.create(
        page="accounts", name=name, query="band=red", owner=actor.user, **fields
    )


def labels(page: str) -> list[str]:
    """The tabs of a list, in order."""
    tabs = page.partition('aria-label="Saved views">')[2].partition("</nav>")[0]
    return [part.rpartition(">")[2].strip() for part in tabs.split("</a>")[:-1]]


def test_a_pinned_view_stands_first_and_in_the_rail_of_its_person_alone(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    other = make.member(acme, Role.REVOPS)
    with act_for(acme.pk):
        shared = view_of(other, "Burning", is_shared=True)
        view_of(csm, "Alone")
    client = sign_in(csm)
    assert labels(client.get(URL).text) == ["My book", "All accounts", "Alone", "Burning"]
    assert client.get(f"{URL}views/{shared.pk}/pin/").status_code == 405
    for _ in range(2):
        pinned = client.post(f"{URL}views/{shared.pk}/pin/")
        assert pinned["Location"] == f"{URL}?band=red&view={shared.pk}"
    page = client.get(pinned["Location"]).text
    assert labels(page) == ["Burning", "My book", "All accounts", "Alone"]
    assert "Unpin" in page
    rail = client.get("/acme/today/").text.partition('id="rail"')[2].partition("</aside>")[0]
    assert f"{URL}?band=red&amp;view={shared.pk}" in rail
    assert "Burning" not in sign_in(other).get("/acme/handoffs/").text
    client.post(f"{URL}views/{shared.pk}/unpin/")
    assert labels(client.get(URL).text)[0] == "My book"


def test_nobody_pins_what_they_do_not_see_nor_more_than_fit(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    other, client = make.member(acme, Role.REVOPS), sign_in(csm)
    with act_for(acme.pk):
        private = view_of(other, "Private")
        own = [view_of(csm, f"View {number}") for number in range(MOST_PINNED + 1)]
    assert client.post(f"{URL}views/{private.pk}/pin/").status_code == 404
    codes = [client.post(f"{URL}views/{view.pk}/pin/").status_code for view in own]
    assert codes == [302] * MOST_PINNED + [409]
    with act_for(acme.pk):
        assert Pin.objects.count() == MOST_PINNED


def test_a_view_that_is_no_longer_shared_or_gone_is_pinned_nowhere(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    other = make.member(acme, Role.REVOPS)
    with act_for(acme.pk):
        view = view_of(other, "Burning", is_shared=True)
    for actor in (csm, other):
        sign_in(actor).post(f"{URL}views/{view.pk}/pin/")
    sign_in(other).post(f"{URL}views/{view.pk}/", {"name": "Burning"})
    with act_for(acme.pk):
        assert [pin.user_id for pin in Pin.objects.all()] == [other.user_id]
    sign_in(other).post(f"{URL}views/{view.pk}/delete/")
    with act_for(acme.pk):
        assert not Pin.objects.exists()


def test_a_list_sorted_by_a_field_of_ones_own_is_walked_alike(acme: Tenant, revops: Client):
    with act_for(acme.pk):
        CustomField.objects.create(key="tier", label="Tier", kind="number")
        made = [make.account(f"A{at}", custom={"tier": tier} if tier else {}) for at, tier in
                enumerate((9, None, 10, 2))]  # fmt: skip
        for account in made:
            make.row(account)
    carried = quote("accounts?sort=custom.tier", safe="")
    walked, page = [], f"{URL}{made[3].pk}/?list={carried}"
    while page:
        text = revops.get(page).text
        walked.append(text.partition("<h1>")[2].partition("<")[0])
        page = text.partition('data-key="]"')[0].rpartition('href="')[2].partition('"')[0]
        page = page if 'data-key="]"' in text else ""
    assert walked == ["A3", "A0", "A2", "A1"]
