"""Handoffs, with mandatory fields, an answer and a clock; and what is shared with accounts."""

from datetime import datetime

from django.db import models

from accounts.models import Account, Contact
from journeys.rules.kinds import WITHIN
from plays.models import Task
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Handoff(TenantModel):
    """An account changing hands. Accepted, or returned with the gaps named."""

    class Kind(models.TextChoices):
        SALES_TO_CS = "sales_to_cs", "Sales to CS"
        ONBOARDING_TO_CS = "onboarding_to_cs", "Onboarding to CS"
        CSM_TO_CSM = "csm_to_csm", "CSM to CSM"
        CS_TO_SALES = "cs_to_sales", "CS to Sales"
        CS_TO_SUPPORT = "cs_to_support", "CS to Support"
        CS_TO_FINANCE = "cs_to_finance", "CS to Finance"
        CS_TO_MARKETING = "cs_to_marketing", "CS to Marketing"

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        RETURNED = "returned"
        ACCEPTED = "accepted"
        COMPLETED = "completed"

    account = Ref(Account)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.SALES_TO_CS)
    sender = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    receiver = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    fields = models.JSONField(default=dict)
    gaps = models.JSONField(default=list, help_text="named by the receiver on return")
    signed_at = models.DateTimeField(help_text="the clock's start")
    is_urgent = models.BooleanField(default=False, help_text="handed over in the shorter time")
    returns = models.PositiveSmallIntegerField(
        default=0, help_text="how often a person returned it"
    )
    due_at = models.DateTimeField(null=True, help_text="the step in hand")
    breached_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    completeness = models.PositiveSmallIntegerField(null=True, help_text="1 to 5")
    ratings = models.JSONField(default=dict)
    steps = models.JSONField(default=dict, help_text="when each step after acceptance was done")
    waived_item = models.CharField(max_length=20, blank=True)
    waiver_reason = models.CharField(max_length=300, blank=True)
    waiver_until = models.DateTimeField(null=True)
    repair_task = Ref(Task, models.SET_NULL, null=True)
    minima_version = models.PositiveIntegerField(
        null=True, help_text="of the charter's touch models, at acceptance"
    )
    items_version = models.PositiveIntegerField(
        null=True, help_text="of the charter's mandatory items, at acceptance"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "kind"],
                condition=models.Q(kind__in=WITHIN) & ~models.Q(state="completed"),
                name="handoff_open",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "due_at"], name="handoff_state"),
            models.Index(fields=["tenant", "account", "kind"], name="handoff_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"


class ShareLink(TenantModel):
    """A link by which one contact sees what is shared with the account. Its token is not stored."""

    account = Ref(Account)
    contact = Ref(Contact)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    asks_code = models.BooleanField(default=False, help_text="sent to the contact by e-mail")
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["tenant", "account", "-made_at"], name="share_account")]

    def __str__(self) -> str:
        return f"link of {self.contact_id}"

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
