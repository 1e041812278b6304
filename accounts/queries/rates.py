"""The rates of the charter, as the arithmetic of ARR takes them."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Min

from accounts.models import Contract
from accounts.rules.rates import Rates, shown, touched
from accounts.rules.renewal import term_end
from charter.models import Document
from charter.queries import body_at, default_body
from charter.rules.rates import by_place
from tenants.models import Tenant
from tenants.scope import current_tenant_id


def rates(as_of: datetime | None = None) -> Rates:
    """The rates in force, or those known at a moment. Two queries."""
    kind = Document.Kind.RATES
    own = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
    if as_of is not None:
        body = body_at(kind, as_of)[1]
    else:
        found = Document.objects.filter(kind=kind, state=Document.State.PUBLISHED).first()
        body = found.body if found else default_body(kind)
    by_currency: dict[str, dict[int, Decimal]] = {}
    for (currency, year), rate in by_place(body).items():
        by_currency.setdefault(currency, {})[year] = rate
    return Rates(own, body["first_month"], by_currency)


def awaited(today: date) -> dict[tuple[str, str], int]:
    """(currency, fiscal year) without a rate -> how many accounts are held until there is one.

    Three queries, one more where there are such accounts.
    """
    known = rates()
    counted = Contract.objects.filter(is_trial=False, starts_on__lte=today)
    counted = counted.exclude(status=Contract.Status.PENDING).exclude(currency=known.to)
    begun = counted.values_list("currency").annotate(Min("starts_on"))
    lacking = [
        currency
        for currency, first in begun
        if (conversion := known.of(currency)) and conversion.missing(first, today)
    ]
    held: defaultdict[tuple[str, str], set[UUID]] = defaultdict(set)
    for row in counted.filter(currency__in=lacking) if lacking else ():
        conversion, span = known.of(row.currency), touched(row.starts_on, term_end(row), today)
        for year in conversion.missing(*span) if conversion and span else ():
            held[row.currency, year].add(row.account_id)
    return {place: len(accounts) for place, accounts in sorted(held.items())}


def in_ours(row: Contract, known: Rates, today: date) -> int | None:
    """A contract's ARR in the tenant's currency: at the rate of today, its last day, or its first.

    Minor units. None without a rate.
    """
    conversion, end = known.of(row.currency), term_end(row)
    if conversion is None:
        return row.arr_minor
    last = today if end is None else min(today, end - timedelta(days=1))
    return shown(conversion, row.arr_minor, max(row.starts_on, last))
