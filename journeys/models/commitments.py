"""Promises made to an account beyond its contract: open until they are kept or withdrawn."""

from django.db import models

from accounts.models import Account
from journeys.models.handoff import Handoff
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Commitment(TenantModel):
    """One promise made to an account, as the handoff said it in which it came up.

    heard: "" with a moment is as promised.
    """

    class State(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        WITHDRAWN = "withdrawn"

    account = Ref(Account)
    handoff = Ref(Handoff, models.SET_NULL, null=True)
    text = models.CharField(max_length=400)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    heard = models.CharField(
        max_length=400, blank=True, help_text="what the account expects, where it is other"
    )
    heard_at = models.DateTimeField(null=True, help_text="when the account was asked about it")
    heard_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True, help_text="where it was withdrawn")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["tenant", "account", "state"], name="commitment_account")]

    def __str__(self) -> str:
        return self.text
