"""How the server finds the rows of what is asked most, as the application's role."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Contact
from accounts.queries.agreements import books
from accounts.queries.references import known_ids
from health.models import AccountRow
from health.queries.news import awaited
from health.queries.rows import page_of, rows_of
from health.queries.scores import latest, weekly
from health.rules.lists import Asked
from plays.models import Task
from plays.queries.queue import open_now, whose
from plays.queries.runs import open_runs
from pulse.models import Activity, Ticket, UsageDay
from spiced.queries.notes import current_note
from tenants.actor import Actor
from tenants.models import Membership, TrailEntry
from tenants.roles import Role


@dataclass(frozen=True)
class Hot:
    """Something asked all the time, and how its rows are found: by columns of an index.

    ask: asks it, of the account that holds most.
    """

    why: str
    ask: Callable[[UUID], Any]
    table: str
    index: str
    by: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table} by {self.index}"


def listed(sort: str, **asked: Any) -> Any:
    """A page of the list of accounts."""
    want = Asked(sort=sort, **asked)
    return page_of(rows_of(want, me=None, today=timezone.localdate(), of_kind={}), want)


def behind(sort: str) -> Any:
    """The page after the first, by the cursor it ends with."""
    want = Asked(sort=sort)
    rows = rows_of(want, me=None, today=timezone.localdate(), of_kind={})
    return page_of(rows, want, page_of(rows, want).after)


def first(rows: QuerySet[Any]) -> list[Any]:
    return list(rows[:50])


def recent(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


T, A = "tenant_id", "account_id"
HOT = [
    Hot("the account of every page and panel", lambda pk: Account.objects.get(pk=pk),
        "accounts_account", "accounts_account_pkey", ("id",)),
    Hot("each line of an upload and each API call by key", lambda _: known_ids(Account, "crm", ["a1"]),
        "accounts_account", "account_external_id", (T, "source", "external_id")),
    Hot("the list as it opens, the largest first", lambda _: listed("-arr"),
        "health_accountrow", "row_arr", (T,)),
    Hot("the next page of the list", lambda _: behind("-arr"),
        "health_accountrow", "row_arr", (T, "arr_minor")),
    Hot("the list by name, as people look for one", lambda _: behind("name"),
        "health_accountrow", "row_name", (T, "name_norm")),
    Hot("renewals of the next weeks", lambda _: listed("renews", renews=3),
        "health_accountrow", "row_renews", (T, "renews_on")),
    Hot("the row of an account: peeks, and each change", lambda pk: AccountRow.objects.get(account=pk),
        "health_accountrow", "health_accountrow_pkey", (T, A)),
    Hot("the score on every account page", lambda pk: latest(pk, timezone.localdate()),
        "health_snapshot", "health_snapshot_pkey", (T, A, "day")),
    Hot("the course of the score", lambda pk: weekly(pk, timezone.localdate()),
        "health_snapshot", "health_snapshot_pkey", (T, A, "day")),
    Hot("asked each second while a score is made", lambda pk: awaited(pk, None, timezone.now()),
        "tenants_trailentry", "trail_account", (T, A)),
    Hot("the timeline", lambda pk: first(TrailEntry.objects.filter(account_id=pk).order_by("-at", "-id")),
        "tenants_trailentry", "trail_account", (T, A)),
    Hot("the queue of a person, where the day begins",
        lambda pk: first(open_now(whose(actor(pk), ""), timezone.now())),
        "plays_task", "task_owner", (T, "owner_id", "state")),
    Hot("tasks on the account page", lambda pk: first(Task.objects.filter(account=pk, state="open")),
        "plays_task", "task_account", (T, A, "state")),
    Hot("plays on the account page", lambda pk: open_runs(Account(pk=pk)),
        "plays_run", "run_open", (T, A)),
    Hot("people on the account page", lambda pk: first(Contact.objects.filter(account=pk)),
        "accounts_contact", "contact_account", (T, A)),
    Hot("contracts behind every figure of ARR", lambda pk: books([pk], timezone.localdate()),
        "accounts_contract", "contract_account", (T, A)),
    Hot("the SPICED note on every account page", lambda pk: current_note(Account(pk=pk)),
        "spiced_note", "note_current", (T, A)),
    Hot("activities on the timeline", lambda pk: first(Activity.objects.filter(account=pk).order_by("-at")),
        "pulse_activity", "activity_account", (T, A)),
    Hot("tickets on the timeline", lambda pk: first(Ticket.objects.filter(account=pk).order_by("-opened_at")),
        "pulse_ticket", "ticket_account", (T, A)),
    Hot("use of the last weeks", lambda pk: first(UsageDay.objects.filter(account=pk, day__gte=recent(28))),
        "pulse_usageday", "pulse_usageday_pkey", (T, A, "day")),
]  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """A table read in a plan. index: none where all of it is read. by, filtered: SQL."""

    table: str
    index: str
    by: str
    filtered: str


def actor(account_id: UUID) -> Actor:
    """Who looks after an account."""
    owner = Account.objects.get(pk=account_id).owner
    membership = Membership.objects.select_related("tenant").get(user=owner)
    return Actor(membership.tenant, Role(membership.role), owner, membership)


def scans(ask: Callable[[], Any]) -> list[Scan]:
    """How each table is read that is asked for rows."""
    with CaptureQueriesContext(connection) as caught:
        ask()
    asked = [query["sql"] for query in caught]
    return [scan for sql in asked if sql.startswith("SELECT") for scan in _scans(plan(sql))]


def plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        [[found]] = cursor.fetchall()
    return dict((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def _scans(node: dict[str, Any], table: str = "") -> Iterator[Scan]:
    table = node.get("Relation Name", table)
    kind = node["Node Type"]
    if kind == "Seq Scan" or "Index Name" in node:
        yield Scan(
            table, node.get("Index Name", ""), node.get("Index Cond", ""), node.get("Filter", "")
        )
    for inner in node.get("Plans", []):
        yield from _scans(inner, table)
