"""The tables of accounts, by noun."""

from accounts.models.accounts import Account, Contact, CustomField
from accounts.models.revenue import ArrMovement, ChurnRecord, Contract, Opportunity, Product

__all__ = [
    "Account",
    "ArrMovement",
    "ChurnRecord",
    "Contact",
    "Contract",
    "CustomField",
    "Opportunity",
    "Product",
]
