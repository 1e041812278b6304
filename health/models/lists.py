"""The read table of lists, and the views people keep of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from tenants.isolation import Ref, TenantId, TenantModel
from tenants.models import User


class AccountRow(models.Model):
    """The account as lists show it: one narrow row, kept by the night and by writers."""

    pk = models.CompositePrimaryKey("tenant_id", "account_id")
    tenant = TenantId()
    account = Ref(Account)
    name = models.CharField(max_length=200)
    name_norm = models.CharField(max_length=200)
    segment = models.CharField(max_length=40, blank=True)
    segment_by_rule = models.CharField(
        max_length=40, blank=True, default="", help_text="of one set by hand"
    )
    stage = models.CharField(max_length=20)
    owner_id = models.UUIDField(null=True)
    owner_name = models.CharField(max_length=120, blank=True)
    team = models.CharField(max_length=60, blank=True)
    arr_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    renews_on = models.DateField(null=True)
    score = models.FloatField(null=True)
    band = models.CharField(max_length=7, default="unknown")
    band_before = models.CharField(
        max_length=7, blank=True, default="", help_text="a week ago; empty where not known"
    )
    coverage = models.FloatField(default=0)
    change_28 = models.FloatField(null=True, help_text="points since 28 days ago")
    spark = models.CharField(max_length=200, blank=True, help_text="12 weekly scores, by comma")
    reason = models.CharField(max_length=200, blank=True, help_text="the driver that weighs most")
    spiced = models.CharField(max_length=20, blank=True, help_text="a state per element")
    event_on = models.DateField(null=True)
    event_text = models.CharField(max_length=120, blank=True)
    event_class = models.CharField(max_length=20, blank=True)
    next_step = models.CharField(max_length=200, blank=True)
    next_step_at = models.DateTimeField(null=True)
    open_plays = models.PositiveSmallIntegerField(default=0)
    last_touch_on = models.DateField(null=True)
    scored_on = models.DateField(null=True)
    caps = ArrayField(models.CharField(max_length=40), default=list)
    lost_roles = ArrayField(models.CharField(max_length=20), default=list)
    is_archived = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "score", "account"], name="row_score"),
            models.Index(fields=["tenant", "arr_minor", "account"], name="row_arr"),
            models.Index(fields=["tenant", "name_norm", "account"], name="row_name"),
            models.Index(fields=["tenant", "renews_on", "account"], name="row_renews"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedView(TenantModel):
    """A list's filters, sort and columns under a name: the query string is the view."""

    page = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "page", "owner", "name"], name="view_name")
        ]

    def __str__(self) -> str:
        return self.name


class Pin(TenantModel):
    """A saved view that a person keeps at hand: first among the tabs, and in the rail."""

    view = Ref(SavedView)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user", "view"], name="pin_once")]

    def __str__(self) -> str:
        return f"{self.view_id}"
