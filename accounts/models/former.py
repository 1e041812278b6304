"""What facts said before they were changed in place."""

from django.db import models

from accounts.models.accounts import Account
from tenants.isolation import Ref, TenantModel


class FormerFact(TenantModel):
    """A row of another table as it stood until a moment. Never changed.

    Holds the columns that measures read (`KEPT` of its model) and those of its key; people are
    ids here, never names. A row that was deleted has its last words here too.
    """

    account = Ref(Account, null=True)
    kind = models.CharField(max_length=40, help_text="the table")
    said = models.JSONField()
    until = models.DateTimeField(help_text="when we learned otherwise")
    kept_at = models.DateTimeField(help_text="by the clock: the order within one action")

    class Meta:
        indexes = [models.Index(fields=["tenant", "until", "kind"], name="former_until")]

    def __str__(self) -> str:
        return f"{self.kind} until {self.until}"
