"""What can be brought in, and every field of it: API, wizard and docs are made from this.

`pulse` registers its own targets here; this app knows nothing of them.
"""

from accounts.targets.customers import ACCOUNTS, CONTACTS
from accounts.targets.registry import TARGETS, Target, register
from accounts.targets.revenue import CHURN, CONTRACTS, OPPORTUNITIES

__all__ = [
    "ACCOUNTS",
    "CHURN",
    "CONTACTS",
    "CONTRACTS",
    "OPPORTUNITIES",
    "TARGETS",
    "Target",
    "register",
]
