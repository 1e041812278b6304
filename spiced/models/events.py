"""Dates and conditions that matter to an account."""

from datetime import date

from django.db import models

from accounts.models import Account, Contact
from spiced.rules.events import Class, class_of, condition_words
from tenants.isolation import Ref, TenantModel


class CriticalEvent(TenantModel):
    """A date that matters. Without a consequence it is only compelling."""

    class Status(models.TextChoices):
        OPEN = "open"
        MET = "met"
        MISSED = "missed"
        MOVED = "moved"
        INVALID = "invalid"

    account = Ref(Account)
    statement = models.CharField(max_length=300)
    on = models.DateField(null=True)
    condition = models.CharField(max_length=200, blank=True)
    operator = models.CharField(max_length=2, blank=True)
    value = models.FloatField(null=True, help_text="what the condition reaches")
    expected_on = models.DateField(null=True, help_text="by when the condition is reached")
    consequence = models.CharField(max_length=500, blank=True)
    consequence_kind = models.CharField(max_length=12, blank=True)
    amount_minor = models.BigIntegerField(null=True, help_text="what the consequence costs")
    sufferer = Ref(Contact, models.SET_NULL, null=True)
    confirmed_by = Ref(Contact, models.SET_NULL, null=True)
    confirmed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.OPEN)
    times_moved = models.PositiveSmallIntegerField(default=0)
    is_in_note = models.BooleanField(default=False, help_text="the one the SPICED note speaks of")
    is_renewal = models.BooleanField(default=False, help_text="entered from the contract")
    recorded_at = models.DateTimeField()

    KEPT = (
        *("account_id", "on", "expected_on", "condition", "consequence", "confirmed_at", "status"),
        *("times_moved", "recorded_at"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(is_renewal=True, status="open"),
                name="event_renewal",
            ),
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(is_in_note=True),
                name="event_in_note",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "account", "on"], name="event_account")]

    @property
    def happens_on(self) -> date | None:
        """The date, or the one by which the condition is expected."""
        return self.on or self.expected_on

    @property
    def condition_words(self) -> str:
        """The condition in words: "Users ≥ 1,000,000"."""
        return condition_words(self.condition, self.operator, self.value)

    @property
    def level(self) -> Class:
        """Critical, or only compelling."""
        return class_of(
            on=self.on,
            condition=self.condition,
            consequence=self.consequence,
            is_confirmed=self.confirmed_at is not None,
            times_moved=self.times_moved,
        )

    def __str__(self) -> str:
        return self.statement
