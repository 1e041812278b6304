"""Contracts in another currency than the tenant's: taken where there is a rate, else refused."""

from collections.abc import Collection
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.actions.reading import Line
from accounts.models import Contract, ContractChange
from accounts.queries.rates import rates
from accounts.rules.fields import MOST_MONEY
from accounts.rules.rates import Conversion, touched
from accounts.rules.renewal import term_end
from charter.rules.rates import fiscal_year, year_label
from tenants.formats import joined, money
from tenants.models import Tenant
from tenants.scope import current_tenant_id

DATED = ("starts_on", "ends_on", "cancelled_on", "auto_renews", "status")
NEEDED = (*DATED, "currency", "is_trial", "arr_minor")


def refuse_unrated(lines: Collection[Line], *, own: str, now: datetime) -> None:
    """Refuse contracts that lack the rate of a year they have run in. At most five queries.

    own: the tenant's currency. One query where no contract is in another.
    """
    lines = [line for line in lines if not line.refusals]
    named = {line.index for line in lines if line.values.get("currency") not in {own, None}}
    stored = _stored(lines, named, own)
    abroad = [line for line in lines if line.index in named or line.id in stored]
    if not abroad:
        return
    known = rates()
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())
    today = now.astimezone(ZoneInfo(zone)).date()
    _refuse_moved(abroad, stored, own)
    for line in abroad:
        row: dict[str, Any] = dict.fromkeys(NEEDED) | stored.get(line.id or "", {}) | line.values
        conversion = known.of(row["currency"] or own)
        if conversion is None or line.refusals or row["is_trial"] or row["status"] == "pending":
            continue
        end = term_end(SimpleNamespace(**row))
        if years := _missing(conversion, row, touched(row["starts_on"], end, today)):
            reason = (
                f"There is no rate from {conversion.currency} to {own} for {joined(years)}. "
                "Publish it in the charter, under Rates."
            )
            line.refuse("currency", "no_rate", reason)
        elif most := _too_large(conversion, row["arr_minor"]):
            line.refuse("arr_minor", "out_of_range", f"ARR comes to {money(most, own)} a year.")


def _stored(lines: Collection[Line], named: set[int], own: str) -> dict[Any, dict[str, Any]]:
    """Known contracts that are in another currency, or whose line names one. One query at most."""
    known = [line for line in lines if line.is_known]
    if not known:
        return {}
    asked: list[UUID] = [line.id for line in known if line.id and line.index in named]
    rows = Contract.objects.filter(pk__in=[line.id for line in known])
    rows = rows.filter(Q(pk__in=asked) | ~Q(currency=own))
    return {row.pop("pk"): row for row in rows.values("pk", *NEEDED)}


def _refuse_moved(lines: list[Line], stored: dict[Any, dict[str, Any]], own: str) -> None:
    """A contract whose price changed while it ran does not become one in other money."""
    moved = [
        line
        for line in lines
        if line.id in stored and "currency" in line.values
        if (line.values["currency"] or own) != stored[line.id]["currency"]
    ]
    if not moved:
        return
    changed = ContractChange.objects.filter(contract__in=[line.id for line in moved])
    with_changes = set(changed.values_list("contract_id", flat=True))
    for line in moved:
        if line.id in with_changes:
            was = stored[line.id]["currency"]
            reason = f"Its price changed in {was} while it ran. End it, and bring in a new one."
            line.refuse("currency", "other_currency", reason)


def _missing(
    conversion: Conversion, row: dict[str, Any], span: tuple[Any, Any] | None
) -> list[str]:
    """The fiscal years without a rate; what starts later waits, if there is any rate at all."""
    if span:
        return conversion.missing(*span)
    if conversion.by_year:
        return []
    first_month = conversion.first_month
    return [year_label(fiscal_year(row["starts_on"], first_month), first_month)]


def _too_large(conversion: Conversion, arr_minor: int) -> int:
    """The most it ever comes to, where that is more than can be added up; else 0."""
    most = max((int(arr_minor * factor) for factor in conversion.factors.values()), default=0)
    return most if most > MOST_MONEY else 0
