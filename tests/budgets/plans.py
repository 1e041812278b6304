"""How the server finds the rows of what is asked most, as the application's role."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, reset_queries
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Contact
from accounts.queries.agreements import books
from accounts.queries.references import known_ids
from health.models import AccountRow
from health.queries.news import about_one
from health.queries.rows import page_of, rows_of, standing
from health.queries.scores import latest, weekly
from health.rules.lists import Asked
from plays.models import Task
from plays.queries.runs import loose_tasks, open_runs
from pulse.models import Activity, Ticket, UsageDay
from spiced.queries.notes import current_note
from tenants.models import TrailEntry, User


@dataclass(frozen=True)
class Hot:
    """Something asked all the time, and the columns by which an index finds its rows.

    ask: asks it, of an account that is one of many. index: where the order is an index's too.
    """

    why: str
    ask: Callable[[Account], Any]
    table: str
    by: tuple[str, ...]
    index: str = ""

    def __str__(self) -> str:
        return self.why


def listed(sort: str, **asked: Any) -> Any:
    """A page of the list of accounts."""
    want = Asked(sort=sort, **asked)
    return page_of(rows_of(want, me=None, lists=standing(timezone.localdate())), want)


def behind(sort: str) -> Any:
    """The page after the first, by the cursor it ends with."""
    want = Asked(sort=sort)
    rows = rows_of(want, me=None, lists=standing(timezone.localdate()))
    return page_of(rows, want, page_of(rows, want).after)


def first(rows: QuerySet[Any]) -> list[Any]:
    return list(rows[:50])


def recent(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def somebody() -> User:
    """One of the many people."""
    return User.objects.filter(name__startswith="Person ")[0]


def lines(account: Account) -> QuerySet[TrailEntry]:
    return TrailEntry.objects.filter(account_id=account.pk)


T, A = "tenant_id", "account_id"
HOT = [
    Hot("the account of every page and panel", lambda one: Account.objects.get(pk=one.pk),
        "accounts_account", ("id",)),
    Hot("lines of an upload, and calls by key", lambda _: known_ids(Account, "crm", ["a1"]),
        "accounts_account", (T, "source", "external_id")),
    Hot("the list as it opens, the largest first", lambda _: listed("-arr"),
        "health_accountrow", (T,), "row_arr"),
    Hot("the next page of the list", lambda _: behind("-arr"),
        "health_accountrow", (T, "arr_minor"), "row_arr"),
    Hot("the list by name, further down", lambda _: behind("name"),
        "health_accountrow", (T, "name_norm"), "row_name"),
    Hot("renewals of the next days", lambda _: listed("renews", renews=3),
        "health_accountrow", (T, "renews_on"), "row_renews"),
    Hot("the row of an account", lambda one: AccountRow.objects.get(account=one),
        "health_accountrow", (A,)),
    Hot("the score on every account page", lambda one: latest(one.pk, timezone.localdate()),
        "health_snapshot", (T, A, "day")),
    Hot("the course of the score", lambda one: weekly(one.pk, timezone.localdate()),
        "health_snapshot", (T, A, "day")),
    Hot("asked each second while a score is made",
        lambda one: about_one().filter(account_id=one.pk).order_by("-recorded_at").first(),
        "tenants_trailentry", (T, A)),
    Hot("the timeline", lambda one: first(lines(one).order_by("-at", "-id")),
        "tenants_trailentry", (T, A), "trail_account"),
    Hot("the queue of a person, where the day begins",
        lambda one: first(Task.objects.filter(owner=somebody(), state="open").order_by("due_at")),
        "plays_task", (T, "owner_id", "state"), "task_owner"),
    Hot("tasks on the account page", lambda one: loose_tasks(one), "plays_task", (A,)),
    Hot("plays on the account page", lambda one: open_runs(one), "plays_run", (A,)),
    Hot("people on the account page", lambda one: first(Contact.objects.filter(account=one)),
        "accounts_contact", (A,)),
    Hot("contracts behind every figure of ARR", lambda one: books([one.pk], timezone.localdate()),
        "accounts_contract", (A,)),
    Hot("the SPICED note on every account page", lambda one: current_note(one),
        "spiced_note", (A,)),
    Hot("activities on the timeline", lambda one: first(Activity.objects.filter(account=one)),
        "pulse_activity", (A,)),
    Hot("tickets on the timeline", lambda one: first(Ticket.objects.filter(account=one)),
        "pulse_ticket", (A,)),
    Hot("use of the last weeks",
        lambda one: first(UsageDay.objects.filter(account=one, day__gte=recent(28))),
        "pulse_usageday", (T, A, "day")),
]  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """A table read in a plan. index: none where all of it is read. by, filtered: SQL."""

    table: str
    index: str
    by: str
    filtered: str


def scans(ask: Callable[[], Any]) -> list[Scan]:
    """How each table is read that is asked for rows."""
    reset_queries()  # of the log only so many are kept
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
