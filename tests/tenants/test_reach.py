"""Own, team, tenant: what each role reaches of its own company, cell by cell of the roles' table.

The crawl asserts who may open which address at all. Here every address that names a row is called
for rows within a caller's reach and for rows beyond it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import DateField, JSONField
from django.test import Client

from charter.actions import install_defaults
from charter.models import Document
from tenants.actor import Actor
from tenants.models import Membership, Tenant, TrailEntry
from tenants.roles import PEOPLE, Can, Reach, Role, reach
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import INSIDE, Route, send
from tests.tenants.world import World, digest, fill

pytestmark = pytest.mark.django_db

WORD = "qvxacme"
WORDS = {"letter": "S", "kind": "rational", "key": "first_contact"}
NEEDS_MORE = {
    # refused within reach as well, until more is so than a row of everything
    "/accounts/<uuid:account_id>/spiced/<str:letter>/resolve/": "two who wrote at once",
    "/notes/<uuid:note_id>/review/": "a colleague's note: nobody reviews their own call",
    "/handoffs/<uuid:handoff_id>/waive/": "more than one's own: a waiver is a manager's word",
}
LIMITED = [
    (role, can) for can in Can for role in PEOPLE if reach(role, can) in (Reach.OWN, Reach.TEAM)
]


@dataclass
class Book:
    """acme with a row of everything, all of it one CSM's of the team EMEA."""

    acme: Tenant
    owner: Actor
    world: World


@pytest.fixture
def book(acme: Tenant, rival: Tenant) -> Book:
    owner = make.member(acme, Role.CSM, team="EMEA")
    assert owner.user is not None
    with act_for(acme.pk):
        rows = fill(owner.user, WORD)
        for model, row in rows.items():
            begun = {
                field.name: field.get_default()
                for field in model._meta.local_fields
                if (field.null or field.has_default()) and isinstance(field, DateField | JSONField)
            }
            if begun and model is not TrailEntry:
                model._default_manager.filter(pk=row.pk).update(**begun)
        Document.objects.all().delete()  # the charter says what handoffs and pages ask for
        install_defaults(author=owner.user, now=make.NOW)
    ids = {
        model.__name__.lower(): row.pk for model, row in rows.items() if isinstance(row.pk, UUID)
    }
    ids["user"] = owner.user.pk
    return Book(acme, owner, World(acme, rival, owner, owner, ids, WORDS))


def signed_in(book: Book, role: Role, *, is_owner: bool = False, team: str = "APAC") -> Client:
    """The owner in a role, or somebody else of a team."""
    client = Client()
    user = book.owner.user if is_owner else make.member(book.acme, role, team=team).user
    assert user is not None
    if is_owner:
        Membership.objects.filter(user=user).update(role=str(role))
    client.force_login(user)
    return client


def calls(book: Book, can: Can) -> Iterator[tuple[Route, str, str]]:
    """Every address that names a row of acme and needs the capability."""
    for route in INSIDE:
        names = {name for name, kind in route.parameters if kind == "uuid"} - {"batch"}
        if names and route.need("POST") is can:
            for address in book.world.addresses(route, "/acme"):
                yield from ((route, method, address) for method in ("GET", "POST"))


def held(book: Book) -> list[tuple[str, object]]:
    connection.check_constraints()
    return digest(book.acme.pk)


@pytest.mark.parametrize(("role", "can"), LIMITED)
def test_rows_beyond_ones_reach_are_as_if_they_did_not_exist(book: Book, role: Role, can: Can):
    client, before = signed_in(book, role), held(book)
    wrong = [
        f"{method} {route} {answer.status_code}"
        for route, method, address in calls(book, can)
        if (answer := send(client, method, address, book.world.body)).status_code not in (404, 405)
    ]
    assert sorted(set(wrong)) == []
    assert held(book) == before


@pytest.mark.parametrize(("role", "can"), LIMITED)
def test_rows_within_ones_reach_are_not_refused(book: Book, role: Role, can: Can):
    how_far = reach(role, can)
    callers = [signed_in(book, role, is_owner=True)]
    if how_far is Reach.TEAM:
        callers.append(signed_in(book, role, team="EMEA"))
    wrong = []
    for client in callers:
        for route, method, address in calls(book, can):
            with transaction.atomic():
                everybodys = "?who=team" if how_far is Reach.TEAM else ""
                answer = send(client, method, address + everybodys, {})
                transaction.set_rollback(True)
            is_refused = answer.status_code in (403, 404) and str(route) not in NEEDS_MORE
            if is_refused or answer.status_code >= 500:
                wrong.append(f"{method} {route} {answer.status_code}")
    assert sorted(set(wrong)) == []
