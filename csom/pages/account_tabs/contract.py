"""What the account bought and pays: contracts, the ledger that adds up to its ARR, invoices."""

from itertools import accumulate
from typing import Any

from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from accounts.rules.churn import cause_label
from pulse.models import Invoice
from spiced.views.editor import today_of
from tenants.access import TenantRequest

MOST_INVOICES = 24


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
    return {
        "contracts": list(
            Contract.objects.filter(account=account)
            .select_related("product")
            .order_by("-starts_on", "-id")
        ),
        "ledger": ledger[::-1],
        "in_force": in_force,
        "is_off": in_force != account.arr_minor,
        "coming": sum(move.effective_on > today for move in moves),
        "churn": [(row, cause_label(row.cause)) for row in left],
        "invoices": list(invoices[:MOST_INVOICES]),
        "n_invoices": invoices.count(),
    }
