"""What the account bought and pays: contracts, the ledger that adds up to its ARR, invoices."""

from datetime import date
from itertools import accumulate
from typing import Any

from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from accounts.queries.agreements import books
from accounts.queries.rates import in_ours, rates
from accounts.rules.rates import Rates
from charter.queries import causes
from pulse.models import Invoice
from spiced.views.editor import today_of
from tenants.access import TenantRequest
from tenants.formats import money

MOST_INVOICES = 24
NO_RATE = "no rate yet"


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """Contracts, every movement with the ARR after it, churn and the newest invoices."""
    today = today_of(request)
    moves = list(
        ArrMovement.objects.filter(account=account)
        .select_related("contract")
        .order_by("effective_on", "recorded_at", "id")
    )
    totals = list(accumulate(move.amount_minor for move in moves))
    ledger = list(zip(moves, totals, strict=True))
    in_force = sum(move.amount_minor for move in moves if move.effective_on <= today)
    left = ChurnRecord.objects.filter(account=account).select_related("postmortem_by")
    left = left.order_by("-ended_on", "-id")
    invoices = Invoice.objects.filter(account=account).order_by("-due_on", "-id")
    contracts = Contract.objects.filter(account=account).select_related("product")
    known, words = rates(), causes()
    return {
        "contracts": [
            (row, _in_ours(row, known, today)) for row in contracts.order_by("-starts_on", "-id")
        ],
        "missing": sorted(books([account.pk], today)[account.pk].missing),
        "ledger": ledger[::-1],
        "in_force": in_force,
        "is_off": in_force != account.arr_minor,
        "coming": sum(move.effective_on > today for move in moves),
        "churn": [(row, words.label(row.cause)) for row in left],
        "invoices": list(invoices[:MOST_INVOICES]),
        "n_invoices": invoices.count(),
    }


def _in_ours(row: Contract, known: Rates, today: date) -> str:
    """A contract's ARR in the tenant's currency, in words; empty where it is in that currency."""
    if known.of(row.currency) is None:
        return ""
    amount = in_ours(row, known, today)
    return NO_RATE if amount is None else money(amount, known.to)
