"""Snapshots of every account on every day, the models that score them, and the read table."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from tenants.isolation import Ref, TenantId, TenantModel
from tenants.models import User


class HealthModel(TenantModel):
    """One version of one way to score: dimensions, measures, anchors, weights, caps, bands."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=9, choices=State.choices)
    body = models.JSONField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    effective_on = models.DateField(null=True)
    ends = models.BooleanField(default=False, help_text="from its day on the model scores nobody")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key", "version"], name="model_version")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


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


class ChurnModel(TenantModel):
    """What a regression learned of decisions, how it did on trial, and how long accounts stay.

    regression: null where there was too little, else what `Regression.stored` gives, learned from
    all decisions; trial: what `Trial.stored` gives, of one learned before the last year alone.
    """

    until = models.DateField()
    learned_at = models.DateTimeField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    regression = models.JSONField(null=True)
    trial = models.JSONField()
    separates = models.BooleanField()
    survival = models.JSONField(help_text="groups, and their hazards beside one another")
    accounts = models.PositiveIntegerField()
    of = models.PositiveIntegerField(help_text="accounts with an entry in the ledger")

    class Meta:
        indexes = [models.Index(fields=["tenant", "-learned_at"], name="churn_model_newest")]

    def __str__(self) -> str:
        return f"{self.until}"


class OwnMeasure(TenantModel):
    """A measure a tenant made of what it brings in. What it measures stands once it is made.

    kind and reads: uses of a feature by its key, values of a series by its name, or a custom field
    by its key. take: what is made of them in the last `days`. per: nothing, seats, people, or uses
    of the feature `per_feature`.
    """

    class Kind(models.TextChoices):
        USAGE = "usage"
        SERIES = "series"
        FIELD = "field"

    key = models.SlugField(max_length=50)
    slot = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    reads = models.CharField(max_length=80)
    take = models.CharField(max_length=10)
    days = models.PositiveSmallIntegerField(default=28)
    per = models.CharField(max_length=8, blank=True)
    per_feature = models.CharField(max_length=80, blank=True)
    direction = models.CharField(max_length=4, help_text="up, down, none")
    stale_after_days = models.PositiveSmallIntegerField(null=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="own_measure_key"),
            models.UniqueConstraint(fields=["tenant", "slot"], name="own_measure_slot"),
        ]

    def __str__(self) -> str:
        return self.name


class Override(TenantModel):
    """A person's own score for an account, with a reason and an end."""

    account = Ref(Account)
    score = models.FloatField()
    reason = models.CharField(max_length=300)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "account"], name="override_account")]

    def __str__(self) -> str:
        return self.reason


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
