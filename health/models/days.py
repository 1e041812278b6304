"""Stored days of accounts: snapshots, replays, sums by band."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from health.models.scoring import HealthModel
from tenants.isolation import Ref, TenantId


class DayOfAccount(models.Model):
    """What was known of an account at the end of a day, and the score that followed.

    traits: what is said beside measures: team, region, products, overlays, lost_roles, own.
    values: one float per measure, in the slot (from 1) the catalogue gives it; null if not known.
    ages: days since the newest input of each value, where that can be told.
    base is the weighted score, capped what caps leave of it, score what is shown.
    driver: slot of the measure that costs most points.
    """

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "day")
    tenant = TenantId()
    account = Ref(Account)
    day = models.DateField()
    values = ArrayField(models.FloatField(null=True))
    ages = ArrayField(models.SmallIntegerField(null=True), default=list)
    model = Ref(HealthModel, models.PROTECT, null=True)
    base = models.FloatField(null=True)
    capped = models.FloatField(null=True)
    score = models.FloatField(null=True)
    band = models.CharField(max_length=7, help_text="green, yellow, red, unknown")
    coverage = models.FloatField(help_text="share of weight backed by fresh data, 0 to 1")
    caps = ArrayField(models.CharField(max_length=40), default=list)
    change_28 = models.FloatField(null=True, help_text="points since 28 days before")
    driver = models.SmallIntegerField(null=True)
    arr_minor = models.BigIntegerField(default=0)
    stage = models.CharField(max_length=20)
    segment = models.CharField(max_length=40)
    touch_model = models.CharField(max_length=8, default="")
    owner_id = models.UUIDField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list)
    traits = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day}"


class Snapshot(DayOfAccount):
    """A day as it was known then.

    A row recorded before its day ended is of today and follows the news; the night after closes
    it, and from then on it never changes.
    """

    class Meta:
        indexes = [models.Index(fields=["tenant", "day", "account"], name="snapshot_day")]


class Replay(DayOfAccount):
    """A day as it looks from later, by facts that were recorded after it. Stands in nowhere.

    Only the backtest reads it, and says so. Replaying again replaces it.
    """


class BandDay(models.Model):
    """What a band held at the end of a closed day, summed from its snapshots once."""

    pk = models.CompositePrimaryKey("tenant_id", "day", "band")
    tenant = TenantId()
    day = models.DateField()
    band = models.CharField(max_length=7)
    accounts = models.PositiveIntegerField()
    arr_minor = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.band}"
