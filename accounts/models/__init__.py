"""The tables of accounts, by noun."""

from accounts.models.accounts import Account, Contact, CustomField
from accounts.models.revenue import (
    ArrMovement,
    ChurnRecord,
    Contract,
    ContractChange,
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
    "CustomField",
    "Opportunity",
    "Product",
]
