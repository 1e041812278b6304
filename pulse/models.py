"""Inbound facts: each keyed by its source, so that sending it twice is the same as once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account, Contact
from tenants.isolation import Ref, TenantId, TenantModel
from tenants.models import User


class Feature(TenantModel):
    """Something people can do in the tenant's product. Core features count as use."""

    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    is_core = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="feature_key")]

    def __str__(self) -> str:
        return self.name


class Usage(models.Model):
    """How often a feature was used, by account and day, and by person where the source knows.

    feature and person are '' where the source does not tell them apart. `span_days` is 7 for
    sources that count whole weeks; `day` is then the week's Monday.
    """

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "day", "feature", "person")
    tenant = TenantId()
    account = Ref(Account)
    day = models.DateField()
    feature = models.CharField(max_length=80, default="")
    person = models.CharField(max_length=80, default="", help_text="hashed in the source")
    n = models.BigIntegerField()
    span_days = models.PositiveSmallIntegerField(default=1)
    recorded_at = models.DateTimeField()

    KEPT = ("n", "span_days", "recorded_at")

    class Meta:
        indexes = [models.Index(fields=["tenant", "day", "account"], name="usage_day")]

    def __str__(self) -> str:
        return f"{self.feature} {self.day}"


class UsageDay(models.Model):
    """The day of an account in one row, kept by the writers of `Usage`.

    actions: uses of core features. active_users: distinct people, or the source's own figure;
    null where neither is known.
    """

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "day")
    tenant = TenantId()
    account = Ref(Account)
    day = models.DateField()
    actions = models.BigIntegerField(default=0)
    active_users = models.IntegerField(null=True)
    features = models.IntegerField(null=True, help_text="distinct core features used")
    span_days = models.PositiveSmallIntegerField(default=1)
    recorded_at = models.DateTimeField()

    KEPT = ("actions", "active_users", "span_days", "recorded_at")

    class Meta:
        indexes = [models.Index(fields=["tenant", "day", "account"], name="usageday_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class HabitNorm(TenantModel):
    """How much use of the core features a week an account and we agreed to call a habit.

    weekly: uses a week; null where none holds any more. The newest by day is in force from it on.
    """

    account = Ref(Account)
    weekly = models.PositiveIntegerField(null=True)
    agreed_on = models.DateField()
    agreed_by = Ref(Contact, models.SET_NULL, null=True)
    noted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["tenant", "account", "-agreed_on", "-recorded_at"], name="habit_norm"
            )
        ]

    def __str__(self) -> str:
        return f"{self.weekly} a week since {self.agreed_on}"


class Series(TenantModel):
    """A number of each account that a source reports over time: licences in use, a satisfaction."""

    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="series_key")]

    def __str__(self) -> str:
        return self.name


class SeriesValue(models.Model):
    """What a series said of an account on a day. Never changed: a correction is a row of its own.

    The value recorded last counts; null takes back what was said of the day.
    """

    pk = models.CompositePrimaryKey("tenant_id", "account_id", "series", "day", "recorded_at")
    tenant = TenantId()
    account = Ref(Account)
    series = models.CharField(max_length=80)
    day = models.DateField()
    value = models.FloatField(null=True)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.series} {self.day}"


class Sourced(TenantModel):
    """A fact with a key in the system it came from."""

    account = Ref(Account)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class Ticket(Sourced):
    """A support case. Priority 1 is the most urgent."""

    subject = models.CharField(max_length=300, blank=True)
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 to 4")
    status = models.CharField(max_length=20, default="open", help_text="open, waiting, resolved")
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    csat = models.PositiveSmallIntegerField(null=True, help_text="1 to 5")
    is_escalated = models.BooleanField(default=False)

    KEPT = (
        *("account_id", "priority", "status", "opened_at", "resolved_at", "csat", "recorded_at"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="ticket_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "opened_at"], name="ticket_account")]

    def __str__(self) -> str:
        return self.subject or self.external_id


class SurveyAnswer(TenantModel):
    """One answer to a survey. Anonymous answers have no account."""

    class Kind(models.TextChoices):
        NPS = "nps"
        CSAT = "csat"
        CES = "ces"

    account = Ref(Account, null=True)
    contact = Ref(Contact, models.SET_NULL, null=True)
    source = models.CharField(max_length=40, default="csom")
    external_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    wave = models.CharField(max_length=80, blank=True)
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    loop_closed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    KEPT = ("account_id", "contact_id", "kind", "score", "answered_at", "recorded_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="answer_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "answered_at"], name="answer_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"


class Invoice(Sourced):
    """A bill and whether it was paid."""

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        FAILED = "failed"
        DISPUTED = "disputed"
        WRITTEN_OFF = "written_off"

    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="EUR")
    issued_on = models.DateField(null=True)
    due_on = models.DateField()
    paid_on = models.DateField(null=True)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.OPEN)

    KEPT = ("account_id", "due_on", "paid_on", "status", "recorded_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="invoice_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "due_on"], name="invoice_account")]

    def __str__(self) -> str:
        return self.external_id


class Activity(Sourced):
    """A contact with the account, with its purpose and what the account got out of it."""

    class Initiator(models.TextChoices):
        PROACTIVE = "us_proactive"
        REACTIVE = "us_reactive"
        CUSTOMER = "customer"

    kind = models.CharField(max_length=20, help_text="call, meeting, email, review, note")
    direction = models.CharField(max_length=8, default="outbound")
    initiator = models.CharField(
        max_length=12, choices=Initiator.choices, default=Initiator.PROACTIVE
    )
    is_two_way = models.BooleanField(default=True, help_text="the account answered or took part")
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True)
    purpose = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=500, blank=True, help_text="for the account")
    notes = models.TextField(blank=True)
    contact_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    KEPT = ("account_id", "kind", "is_two_way", "at", "contact_ids", "recorded_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "source", "external_id"], name="activity_external_id"
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "-at"], name="activity_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
