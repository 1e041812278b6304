"""The account that the body of a call names."""

from uuid import UUID

from rest_framework.exceptions import ValidationError

from accounts.models import Account
from accounts.queries.reach import in_reach
from tenants.actor import Actor
from tenants.roles import Can


def account_named(actor: Actor, can: Can, account_id: UUID) -> Account:
    """An account in reach. Raises ValidationError naming the field where there is none."""
    account = in_reach(actor, can).filter(pk=account_id).first()
    if account is None:
        raise ValidationError({"account_id": ["There is no such account."]})
    return account
