"""The tables of accounts, by noun."""

from accounts.models.accounts import Account, Contact, CustomField
from accounts.models.former import FormerFact
from accounts.models.imports import Import, ImportChange, ImportRow
from accounts.models.revenue import (
    ArrMovement,
    ChurnRecord,
    Contract,
    ContractChange,
    ContractTerms,
    Opportunity,
    Product,
)

__all__ = [
    "Account",
    "ArrMovement",
    "ChurnRecord",
    "Contact",
    "Contract",
    "ContractChange",
    "ContractTerms",
    "CustomField",
    "FormerFact",
    "Import",
    "ImportChange",
    "ImportRow",
    "Opportunity",
    "Product",
]
