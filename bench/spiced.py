"""A SPICED note saved, beside one row inserted in a transaction through the same stack."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import count

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from accounts.models import Account, Contact
from bench.measure import Case
from bench.pages import empty  # noqa: F401 - the address of the floor of the account page
from csom import urls_inside
from csom.provision import provision
from spiced.actions.notes import save_note
from spiced.models import CriticalEvent
from tenants.access import needs
from tenants.actor import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Can, Role
from tenants.scope import act_for

TIMES = 20  # requests in one measurement, so that ticks of the clock do not matter
VERSIONS = 30
_turn = count()


@needs(Can.EDIT_SPICED)
def one_row(request: HttpRequest) -> HttpResponse:
    """Insert one row and answer with nothing."""
    account = Account.objects.only("pk").get(pk=request.POST["account"])
    CriticalEvent.objects.create(
        account=account, statement=request.POST["text"], recorded_at=timezone.now()
    )
    return HttpResponse(status=302, headers={"Location": "../"})


urls_inside.urlpatterns.append(path("one-row/", one_row))


def cases(quick: bool) -> Iterator[Case]:
    n = 3 if quick else VERSIONS
    ready: Callable[[], tuple[Client, str]] = cache(lambda: _ready(n))

    def save() -> None:
        client, account = ready()
        for _ in range(TIMES):
            sent = {"version": "9999999", "text": f"Entities: {next(_turn)}", "tools": "Excel"}
            _post(client, f"accounts/{account}/spiced/S/save/", sent)

    def insert() -> None:
        client, account = ready()
        for _ in range(TIMES):
            _post(client, "one-row/", {"account": account, "text": f"Event {next(_turn)}"})

    def page(address: str) -> Callable[[], None]:
        def ask() -> None:
            client, account = ready()
            for _ in range(TIMES):
                answer = client.get(f"/bench-spiced/{address.format(account=account)}")
                if answer.status_code != 200:
                    raise SystemExit(f"{address} answers {answer.status_code}")

        return ask

    yield Case("spiced_save", 3, "one row inserted", n, save, insert, ready)
    least = page("empty/")
    floor = "an empty signed-in page"
    yield Case("account_page", 8, floor, n, page("accounts/{account}/"), least, ready)


def _post(client: Client, address: str, sent: dict[str, str]) -> None:
    answer = client.post(f"/bench-spiced/{address}", sent)
    if answer.status_code != 302:
        raise SystemExit(f"{address} answers {answer.status_code}")


def _ready(n: int) -> tuple[Client, str]:
    """A CSM's browser, and an account with n versions of a note, a goal and an event."""
    now = timezone.now()
    tenant = Tenant.objects.create(slug="bench-spiced", name="Bench", time_zone="UTC")
    person = User.objects.create_user(email="spiced@example.com", name="Maya Okafor")
    member = Membership.objects.create(tenant=tenant, user=person, role=str(Role.CSM))
    provision(tenant, person, now)
    actor = Actor(tenant, Role.CSM, person, member)
    with act_for(tenant.pk):
        account = Account.objects.create(
            name="Globex", name_norm="globex", external_id="1", owner=person, stage="live"
        )
        who = str(Contact.objects.create(account=account, name="Priya", name_norm="priya").pk)
        for version in range(n):
            given = {
                "S": {"text": f"Entities: {version}", "tools": "Excel", "team": "Nine"},
                "P": {"text": "Late", "who": who, "frequency": "weekly", "annual_cost": 100},
                "I": {
                    **{"text": "Discounts", "measure": "Discounts", "unit": "k", "baseline": 18},
                    **{"target": 78, "by": "2099-03-31", "words": "I sleep", "person": who},
                },
                "CE": {"text": "Audit", "on": "2099-12-15", "consequence": "The board hears"},
                "D": {"text": "Renew", "people": [who], "process": "CFO", "criteria": "Trail"},
            }
            save_note(account=account, actor=actor, now=now, seen_version=version, given=given)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    for address in ("empty/", f"accounts/{account.pk}/"):
        client.get(f"/bench-spiced/{address}")
    connection.close()
    return client, str(account.pk)
