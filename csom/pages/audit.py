"""The audit log: who did what, when, with before and after; filtered, paged, exported."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Account, Import
from accounts.rules.safe_csv import csv_lines
from journeys.models import Handoff
from plays.models import Task
from tenants.access import TenantRequest, needs
from tenants.formats import day as day_of
from tenants.formats import exact
from tenants.models import ApiKey, TrailEntry
from tenants.queries.people import members, names
from tenants.roles import MEANS, Can
from tenants.timeline import told as told_in_words

PAGE = 50
LATE = timedelta(minutes=1)  # from what happened to its line, beyond which both are told
SCOPES = {str(can): words for can, words in MEANS.items()}
OF_MACHINES = {"is_told_singly"}  # facts that no person asks for
ISO = re.compile(r"\d{4}-\d\d-\d\d")
MOST_EXPORTED = 20_000
COLUMNS = ("at", "who", "what", "account", "account_id", "object_id", "facts", "request_id")


AREAS = [
    ("", "Anything"),
    ("tenants.", "People, keys, company"),
    ("charter.", "Charter"),
    ("accounts.", "Accounts and imports"),
    ("pulse.", "Usage, tickets, contacts"),
    ("spiced.", "SPICED and impact"),
    ("bowtie.", "Stages"),
    ("health.", "Health models and views"),
    ("plays.", "Plays and tasks"),
    ("journeys.", "Handoffs and plans"),
    ("csom.", "Sample data"),
]
PAGES: dict[str, tuple[type[Model], str]] = {
    "accounts.import": (Import, "accounts:import"),
    "journeys.handoff": (Handoff, "journeys:handoff"),
    "plays.task": (Task, "plays:item"),
}  # what a line is about, by how its verb begins, and the page that shows it


class FilterForm(forms.Form):
    """Which lines to show."""

    verb = forms.CharField(
        label="What", max_length=60, required=False, widget=forms.Select(choices=AREAS)
    )
    person = forms.UUIDField(label="Who", required=False)
    account = forms.UUIDField(required=False, widget=forms.HiddenInput)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    after = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Anybody"), *people]
        self.fields["person"].widget = forms.Select(choices=choices)


@needs(Can.READ_AUDIT)
@require_GET
def audit(request: TenantRequest) -> HttpResponse:
    """One page of the trail, the newest first."""
    people = [(str(one.user_id), str(one.user)) for one in members(request.tenant)]
    form = FilterForm(request.GET, people=people)
    asked = form.cleaned_data if form.is_valid() else {}
    found = list(_after(entries(asked, request), asked.get("after", ""))[: PAGE + 1])
    more = cursor(found[PAGE - 1]) if len(found) > PAGE else ""
    shown = {
        "title": "Audit log",
        "form": form,
        "rows": list(told(found[:PAGE], request)),
        "more": more,
        "is_filtered": any(asked.get(name) for name in ("verb", "person", "since", "until")),
    }
    part = "#rows" if request.htmx and asked.get("after") else ""
    status = 422 if form.errors else 200
    return render(request, f"tenants/audit.html{part}", shown, status=status)


@needs(Can.READ_AUDIT)
@require_GET
def audit_csv(request: TenantRequest) -> HttpResponse:
    """The newest lines of the same filters as a file no spreadsheet runs."""
    form = FilterForm(request.GET, people=[])
    if not form.is_valid():
        words = "One of these filters cannot be read, so nothing is exported."
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    asked = form.cleaned_data
    rows = told(entries(asked, request)[:MOST_EXPORTED], request)
    lines = (
        (
            row["entry"].at,
            row["who"],
            row["entry"].verb,
            row["account"],
            str(row["entry"].account_id or ""),
            str(row["entry"].object_id or ""),
            json.dumps(row["entry"].facts, ensure_ascii=False),
            row["entry"].request_id,
        )
        for row in rows
    )
    answer = HttpResponse("".join(csv_lines(COLUMNS, lines)), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{request.tenant.slug}-audit.csv"'
    return answer


def entries(asked: dict[str, Any], request: TenantRequest) -> QuerySet[TrailEntry]:
    """The lines that were asked for, the newest first."""
    rows = TrailEntry.objects.order_by("-recorded_at", "-id")
    if verb := asked.get("verb"):
        rows = rows.filter(verb__contains=verb)
    if person := asked.get("person"):
        rows = rows.filter(actor_id=person)
    if account := asked.get("account"):
        rows = rows.filter(account_id=account)
    zone = ZoneInfo(request.tenant.time_zone)
    if since := asked.get("since"):
        rows = rows.filter(recorded_at__gte=_midnight(since, zone))
    if until := asked.get("until"):
        rows = rows.filter(recorded_at__lt=_midnight(until + timedelta(days=1), zone))
    return rows


def told(rows: Iterable[TrailEntry], request: TenantRequest) -> Iterator[dict[str, Any]]:
    """Lines in words, with names instead of ids. Seven queries for any number of lines."""
    found = list(rows)
    pages = pages_of(found)
    people = names(request.tenant, {row.actor_id for row in found if row.actor_id})
    wanted = {row.account_id for row in found if row.account_id}
    accounts = dict(Account.objects.filter(pk__in=wanted).values_list("pk", "name"))
    keys = dict(
        ApiKey.objects.filter(pk__in={row.key_id for row in found if row.key_id}).values_list(
            "pk", "name"
        )
    )
    for row in found:
        who = people.get(row.actor_id) if row.actor_id else None
        key = keys.get(row.key_id, "API key") if row.key_id else "CSOM"
        name = who or (key if not row.actor_id else "Somebody who left")
        yield {
            "entry": row,
            "is_learned_late": row.recorded_at - row.at > LATE,
            "who": name,
            "said": told_in_words(row.verb, row.facts, name),
            "url": pages.get(row.object_id, ""),
            "account": accounts.get(row.account_id, "") if row.account_id else "",
            "account_url": _account_url(row.account_id) if row.account_id in accounts else "",
            "facts": [
                fact(name, value) for name, value in row.facts.items() if name not in OF_MACHINES
            ],
        }


def pages_of(rows: Iterable[TrailEntry]) -> dict[UUID | None, str]:
    """Where what the lines are about can be seen, as far as it still exists."""
    found: dict[UUID | None, str] = {}
    for beginning, (model, view) in PAGES.items():
        wanted = {row.object_id for row in rows if row.verb.startswith(beginning) and row.object_id}
        if wanted:
            there = model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
            found |= {pk: reverse(view, args=[pk]) for pk in there}
    return found


def fact(name: str, value: Any) -> dict[str, Any]:
    """One fact as words; a pair is a change from the first to the second."""
    words = name.replace("_", " ")
    if isinstance(value, list) and len(value) == 2:
        return {"name": words, "before": _plain(value[0]), "after": _plain(value[1])}
    return {"name": words, "value": _plain(value)}


def cursor(entry: TrailEntry) -> str:
    """After which line to go on."""
    return f"{entry.recorded_at.isoformat()}~{entry.pk}"


def _after(rows: QuerySet[TrailEntry], token: str) -> QuerySet[TrailEntry]:
    """The lines behind a cursor; from the newest where it is none of ours."""
    moment, _, pk = token.partition("~")
    try:
        at, last = datetime.fromisoformat(moment), UUID(pk)
    except ValueError:
        return rows
    if at.tzinfo is None:
        return rows
    return rows.filter(recorded_at__lte=at).filter(Q(recorded_at__lt=at) | Q(pk__lt=last))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(SCOPES.get(each, _plain(each)) for each in value) or "nothing"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _moment(value) if ISO.match(value) else value


def _moment(words: str) -> str:
    """A day, or a moment in the tenant's zone, as people write them."""
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return words
    return exact(timezone.localtime(found)) if found.tzinfo else day_of(found.date())


def _account_url(account_id: UUID | None) -> str:
    try:
        return reverse("account", args=[account_id])
    except NoReverseMatch:
        return ""
