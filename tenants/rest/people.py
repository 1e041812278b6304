"""People of a tenant, as calls name them: by e-mail address."""

from rest_framework.exceptions import ValidationError

from tenants.actor import Actor
from tenants.models import Membership, User


def member(actor: Actor, email: str | None, field: str = "owner") -> User | None:
    """The active member of the caller's tenant with an address; None without one.

    Raises ValidationError naming the field.
    """
    if email is None:
        return None
    found = Membership.objects.filter(
        tenant=actor.tenant, ended_at=None, user__email=email.lower()
    ).select_related("user")
    membership = found.first()
    if membership is None:
        raise ValidationError({field: ["No member has this address."]})
    return membership.user
