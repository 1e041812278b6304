"""How accounts are scored: models, measures of a tenant's own, what was learned, overrides."""

from django.db import models

from accounts.models import Account
from tenants.isolation import Ref, TenantModel
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
