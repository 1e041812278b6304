"""At risk as an overlay of the bowtie: what the charter defines over scores and renewals."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from bowtie.queries.overlays import Found, Mark, derived
from health.models import AccountRow, Snapshot
from health.queries.listed import definition


@derived
def risk(account_ids: Collection[UUID], now: datetime) -> Found:
    """Accounts at risk. since: how long they have been in their band, by closed days."""
    at_risk = definition("at_risk", timezone.localdate(now))
    held = dict(
        AccountRow.objects.filter(at_risk.where, account__in=account_ids).values_list(
            "account_id", "band"
        )
    )
    since = _since(held)
    why = f"{at_risk.sentence} Charter, version {at_risk.version}."
    return {pk: Mark("at_risk", "At risk", since.get(pk), why) for pk in held}


def _since(held: dict[UUID, str]) -> dict[UUID, date]:
    """The day after the last one with another band. One query."""
    others = (
        Snapshot.objects.filter(account__in=held)
        .values_list("account_id", "band")
        .annotate(last=Max("day"))
    )
    found: dict[UUID, date] = {}
    for pk, band, last in others:
        if band != held[pk]:
            found[pk] = max(last + timedelta(days=1), found.get(pk, date.min))
    return found
