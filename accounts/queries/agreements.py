"""Contracts and the ledger as the arithmetic of ARR takes them, in the tenant's currency."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Sum

from accounts.models import ArrMovement, Contract, ContractChange
from accounts.queries.rates import rates
from accounts.rules.ledger import Agreement, Term
from accounts.rules.rates import touched
from accounts.rules.renewal import next_end, term_end


@dataclass
class Book:
    """An account's contracts, what its ledger says by (day, kind), and manual adjustments.

    missing: (currency, fiscal year) without a rate that its contracts have run in: until there is
    one nothing of them can be said.
    """

    agreements: list[Agreement] = field(default_factory=list)
    recorded: dict[tuple[date, str], int] = field(default_factory=dict)
    adjusted_minor: int = 0
    missing: set[tuple[str, str]] = field(default_factory=set)

    @property
    def terms(self) -> list[Term]:
        return [agreement.term for agreement in self.agreements]


def books(account_ids: Collection[UUID], today: date) -> dict[UUID, Book]:
    """The book of each account. Six queries.

    Trials and what is not signed yet do not count.
    """
    found = {account_id: Book() for account_id in account_ids}
    changes: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for contract_id, day, amount in ContractChange.objects.filter(
        contract__account_id__in=account_ids
    ).values_list("contract_id", "effective_on", "amount_minor"):
        changes[contract_id].append((day, amount))
    contracts = Contract.objects.filter(account_id__in=account_ids, is_trial=False)
    known = rates()
    for row in contracts.exclude(status=Contract.Status.PENDING):
        end, conversion = term_end(row), known.of(row.currency)
        term = Term(
            *(row.pk, row.starts_on, end, row.arr_minor, tuple(sorted(changes[row.pk]))), conversion
        )
        if conversion and (span := touched(row.starts_on, end, today)):
            years = conversion.missing(*span)
            found[row.account_id].missing |= {(row.currency, year) for year in years}
        agreement = Agreement(term, row.product_id, next_end(row, today))
        found[row.account_id].agreements.append(agreement)
    moves = ArrMovement.objects.filter(account_id__in=account_ids)
    for account_id, day, kind, amount in (
        moves.exclude(kind=ArrMovement.Kind.ADJUSTMENT)
        .values_list("account_id", "effective_on", "kind")
        .annotate(Sum("amount_minor"))
    ):
        found[account_id].recorded[day, kind] = amount
    for account_id, amount in (
        moves.filter(kind=ArrMovement.Kind.ADJUSTMENT, effective_on__lte=today)
        .values_list("account_id")
        .annotate(Sum("amount_minor"))
    ):
        found[account_id].adjusted_minor = amount
    return found
