"""The account (the customer company) and the people in it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Account(TenantModel):
    """A customer company. ARR, renewal and stage are kept here by the actions that change them."""

    source = models.CharField(max_length=40, default="csom", help_text="system of record")
    external_id = models.CharField(max_length=200, help_text="its key in that system")
    name = models.CharField(max_length=200)
    name_norm = models.CharField(max_length=200, help_text="lower case, for search")
    domain = models.CharField(max_length=200, blank=True)
    parent = Ref("accounts.Account", models.SET_NULL, null=True, blank=True)
    segment = models.CharField(max_length=40, blank=True)
    touch_model = models.CharField(max_length=8, blank=True, help_text="high, mid, low, tech")
    segment_set_at = models.DateTimeField(null=True, help_text="by hand; the rules leave it alone")
    segment_set_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    segment_reason = models.CharField(max_length=300, blank=True)
    segment_by_rule = models.CharField(
        max_length=40, blank=True, help_text="what the rules say of one set by hand"
    )
    is_strategic = models.BooleanField(default=False)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", help_text="CSM")
    seller = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", help_text="AE")
    stage = models.CharField(max_length=20, default="prospect")
    lifecycle = models.PositiveSmallIntegerField(default=1)
    region = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    employees = models.PositiveIntegerField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    arr_minor = models.BigIntegerField(default=0, help_text="reporting currency, minor units")
    currency = models.CharField(max_length=3, default="EUR")
    customer_since = models.DateField(null=True)
    renews_on = models.DateField(null=True)
    sentiment = models.PositiveSmallIntegerField(null=True, help_text="the CSM's, 1 to 5")
    sentiment_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)

    KEPT = (
        *("segment", "touch_model", "owner_id", "tags", "arr_minor", "renews_on", "customer_since"),
        *("sentiment", "sentiment_at", "stage", "lifecycle", "region", "custom", "created_at"),
        "archived_at",
    )
    KEPT_ACCOUNT = "t.id"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="account_external_id"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "name_norm", "id"], name="account_name"),
            models.Index(fields=["tenant", "owner"], name="account_owner"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person at an account."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PASSIVE = "passive"
        DEPARTED = "departed"
        UNKNOWN = "unknown"

    class Stance(models.TextChoices):
        ADVOCATE = "advocate"
        SUPPORTIVE = "supportive"
        NEUTRAL = "neutral"
        CRITICAL = "critical"
        BLOCKER = "blocker"

    account = Ref(Account)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    name_norm = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    title = models.CharField(max_length=120, blank=True)
    roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    influence = models.PositiveSmallIntegerField(null=True, help_text="1 to 5")
    stance = models.CharField(max_length=10, choices=Stance.choices, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    departed_on = models.DateField(null=True)
    sponsor_since = models.DateField(
        null=True, help_text="the day they became a champion or sponsor of what was there before"
    )
    last_two_way_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)

    KEPT = (
        *("account_id", "roles", "status", "departed_on", "sponsor_since", "last_two_way_at"),
        *("created_at", "archived_at"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="contact_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="contact_account")]

    def __str__(self) -> str:
        return self.name


class CustomField(TenantModel):
    """A field the tenant added to its accounts; values stand in `Account.custom` by its key.

    Key and kind stand once it is made. Retired, it is asked for and shown nowhere but keeps its
    values.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        DATE = "date"
        CHOICE = "choice"
        YES_NO = "yes_no"

    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    choices = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="custom_field_key")]

    def __str__(self) -> str:
        return self.label
