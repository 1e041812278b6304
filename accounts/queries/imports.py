"""Imports as the wizard shows them, and the keys that their rows use."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from accounts.models import Contract, Import, ImportChange, ImportRow
from tenants.models import Job

SHOWN = 50


@dataclass(frozen=True)
class Freshness:
    """When rows of one target last came from one source, by file."""

    source: str
    target: str
    files: int
    last: datetime


def recent() -> QuerySet[Import]:
    """The newest imports, those discarded left out."""
    found = Import.objects.exclude(state=Import.State.DISCARDED).select_related("created_by")
    return found.order_by("-created_at")[:SHOWN]


def freshness() -> list[Freshness]:
    """Each source and target that a file was brought in for. One query."""
    done = Import.objects.filter(state=Import.State.DONE).values("source", "target")
    rows = done.annotate(files=Count("id"), last=Max("finished_at")).order_by("source", "target")
    return [Freshness(**row) for row in rows]


def job_of(item: Import) -> Job | None:
    """The work an import waits for."""
    return Job.objects.filter(pk=item.job_id).first() if item.job_id else None


def rows_of(item: Import, *kinds: str) -> QuerySet[ImportRow]:
    """The rows of the file that are not taken, in its order."""
    return ImportRow.objects.filter(belongs_to=item, kind__in=kinds).order_by("line", "id")


def kept_after_undo(item: Import) -> QuerySet[ImportChange]:
    """What could not be taken back, with the reason."""
    return ImportChange.objects.filter(belongs_to=item).exclude(kept_because="").order_by("id")


def accounts_of_contracts(keys: Collection[str], source: str) -> dict[str, str | None]:
    """contract key -> its account's key; None where several contracts have that key. One query."""
    found: dict[str, str | None] = {}
    own: set[str] = set()
    rows = Contract.objects.filter(external_id__in=list(keys)).values_list(
        "external_id", "source", "account__external_id"
    )
    for key, contract_source, account_key in rows:
        if contract_source == source:
            own.add(key)
            found[key] = account_key
        elif key not in own:
            found[key] = None if key in found else account_key
    return found
