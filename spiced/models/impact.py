"""What gets better for an account, and how far it has come."""

from django.db import models

from accounts.models import Account, Contact
from spiced.rules.impact import MEASURE_EVERY_DAYS
from tenants.isolation import Ref, TenantModel


class ImpactGoal(TenantModel):
    """What gets better for the account: measured (rational) or felt by a person (emotional)."""

    class Kind(models.TextChoices):
        RATIONAL = "rational"
        EMOTIONAL = "emotional"

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        AGREED = "agreed"
        ACTIVE = "active"
        ACHIEVED = "achieved"
        MISSED = "missed"
        RETIRED = "retired"

    class Category(models.TextChoices):
        REVENUE = "revenue"
        COST = "cost"
        TIME = "time"
        RISK = "risk"
        QUALITY = "quality"

    account = Ref(Account)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    category = models.CharField(max_length=7, choices=Category.choices, blank=True)
    statement = models.CharField(max_length=500)
    measure = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    baseline = models.FloatField(null=True)
    target = models.FloatField(null=True)
    baseline_on = models.DateField(null=True)
    deadline_on = models.DateField(null=True)
    method = models.CharField(max_length=300, blank=True, help_text="how it is measured")
    measure_every_days = models.PositiveSmallIntegerField(default=MEASURE_EVERY_DAYS)
    unit_value_minor = models.BigIntegerField(null=True, help_text="money per unit and year")
    person = Ref(Contact, models.SET_NULL, null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PROPOSED)
    is_in_note = models.BooleanField(default=False, help_text="the one the SPICED note speaks of")
    created_at = models.DateTimeField(auto_now_add=True)
    recorded_at = models.DateTimeField()

    KEPT = (
        *(
            "account_id",
            "status",
            "baseline",
            "target",
            "baseline_on",
            "deadline_on",
            "recorded_at",
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "kind"],
                condition=models.Q(is_in_note=True),
                name="goal_in_note",
            )
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="goal_account")]

    def __str__(self) -> str:
        return self.statement


class ImpactMeasurement(TenantModel):
    """A goal's value on a day. Counts only once somebody at the account confirmed it."""

    class Channel(models.TextChoices):
        CALL = "call"
        MEETING = "meeting"
        MAIL = "mail", "E-mail"
        REPORT = "report", "Report or system"
        PAGE = "page", "Shared page"

    goal = Ref(ImpactGoal)
    value = models.FloatField()
    measured_on = models.DateField()
    evidence = models.CharField(max_length=500, blank=True)
    confirmed_by = Ref(Contact, models.SET_NULL, null=True)
    confirmed_at = models.DateTimeField(null=True)
    channel = models.CharField(
        max_length=7, choices=Channel.choices, blank=True, help_text="how the account told us"
    )
    doubt = models.CharField(max_length=500, blank=True, help_text="why it is not so yet")
    doubted_by = Ref(Contact, models.SET_NULL, null=True)
    doubted_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    KEPT = ("goal_id", "value", "measured_on", "confirmed_at", "recorded_at")
    KEPT_ACCOUNT = "(SELECT g.account_id FROM spiced_impactgoal g WHERE g.id = t.goal_id)"

    class Meta:
        indexes = [models.Index(fields=["tenant", "goal", "measured_on"], name="measurement_goal")]

    def __str__(self) -> str:
        return f"{self.value}"
