"""Where accounts stand on the bowtie, and since when."""

from django.db import models

from accounts.models import Account, Opportunity
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Stay(TenantModel):
    """An account's time in one stage, with the evidence it entered on. Open while left_at is null.

    is_imported: the account was already there when it came to CSOM; gates were not asked.
    reason: why it went back. revoked_at: the entry was an error; it counts until then, as known.
    """

    account = Ref(Account)
    lifecycle = models.PositiveSmallIntegerField(default=1)
    stage = models.CharField(max_length=20)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    came_from = models.CharField(max_length=20, blank=True)
    evidence = models.JSONField(default=dict)
    moved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    override_reason = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True)
    is_imported = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(left_at=None),
                name="stay_open",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "account", "entered_at"], name="stay_account"),
            models.Index(fields=["tenant", "stage", "entered_at"], name="stay_stage"),
        ]

    def __str__(self) -> str:
        return self.stage


class DealStep(TenantModel):
    """A stage that a new-business opportunity entered: the left half, dated as the right one is.

    entered_on: by the opportunity's own dates where it is first seen, else the day we were told.
    """

    opportunity = Ref(Opportunity)
    stage = models.CharField(max_length=20)
    entered_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "opportunity", "entered_on"], name="deal_step"),
        ]

    def __str__(self) -> str:
        return self.stage


class Overlay(TenantModel):
    """What holds of an account beside its stage, set by a person. Open while ended_at is null."""

    class Kind(models.TextChoices):
        PAUSED = "paused", "Paused"
        ESCALATED = "escalated", "In escalation"

    account = Ref(Account)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    since = models.DateField()
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "kind"],
                condition=models.Q(ended_at=None),
                name="overlay_open",
            )
        ]

    def __str__(self) -> str:
        return self.kind
