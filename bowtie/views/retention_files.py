"""Files behind the retention page: its accounts and its renewals, within one's reach."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.models import Account
from accounts.queries.reach import in_reach
from accounts.rules.safe_csv import Cell, csv_lines
from bowtie.queries.ledger import windows
from bowtie.queries.money import renewals
from bowtie.rules.retention import KINDS
from bowtie.views.retention import asked_retention
from tenants.access import TenantRequest, needs
from tenants.formats import exponent
from tenants.roles import Can, Reach

UNREADABLE = "One of these filters cannot be read, so nothing is exported."


@needs(Can.EXPORT)
@require_GET
def export(request: TenantRequest) -> HttpResponse:
    """Every account of the window, within one's reach: what it had, what moved, what is kept."""
    form, asked = asked_retention(request)
    if form.is_bound and form.errors:
        return HttpResponse(UNREADABLE, status=422, content_type="text/plain; charset=utf-8")
    found = windows(asked.eve, asked.until, asked.as_of, asked.chosen)
    known = _reached(request)
    currency = request.tenant.currency
    header = ("account", "segment", "region", f"start {currency}", *KINDS, "end", "kept", "least")
    lines: list[tuple[Cell, ...]] = [
        (
            each.name,
            *known[each.account_id],
            *(
                Decimal(amount).scaleb(-exponent(currency))
                for amount in (
                    each.start,
                    *(each.movements.get(kind, 0) for kind in KINDS),
                    each.end,
                    each.kept if each.start > 0 else 0,
                    min(each.start, each.kept) if each.start > 0 else 0,
                )
            ),
        )
        for each in found
        if each.account_id in known
    ]
    return _file(request, header, lines, f"retention-{asked.since}-{asked.until}")


@needs(Can.EXPORT)
@require_GET
def export_due(request: TenantRequest) -> HttpResponse:
    """Every renewal of the window, within one's reach; amounts in the reporting currency."""
    form, asked = asked_retention(request)
    if form.is_bound and form.errors:
        return HttpResponse(UNREADABLE, status=422, content_type="text/plain; charset=utf-8")
    found = renewals(asked.eve, asked.until, asked.as_of, asked.today, asked.chosen)
    known = _reached(request)
    currency = request.tenant.currency
    header = ("account", "due_on", "state", "signed_on", "signing", "is_early", "due", "renewed")
    lines: list[Sequence[Cell]] = [
        [
            *(each.name, each.due_on, each.state, each.signed_on, each.signing),
            "yes" if each.is_early else "no",
            *(
                Decimal(amount).scaleb(-exponent(currency))
                for amount in (each.due_minor, each.renewed_minor)
            ),
        ]
        for each in found
        if each.account_id in known
    ]
    return _file(request, header, lines, f"renewals-{asked.since}-{asked.until}")


def _reached(request: TenantRequest) -> dict[Any, list[str]]:
    """Segment and region of the accounts that may be exported; archived ones where all may be."""
    is_whole = request.actor.reach(Can.EXPORT) is Reach.TENANT
    reached = Account.objects.all() if is_whole else in_reach(request.actor, Can.EXPORT)
    return {pk: said for pk, *said in reached.values_list("pk", "segment", "region")}


def _file(
    request: TenantRequest, header: Sequence[str], lines: Iterable[Sequence[Cell]], called: str
) -> HttpResponse:
    file = HttpResponse(
        "".join(csv_lines(header, lines, byte_order_mark=True)),
        content_type="text/csv; charset=utf-8",
    )
    file["Content-Disposition"] = f'attachment; filename="{request.tenant.slug}-{called}.csv"'
    return file
