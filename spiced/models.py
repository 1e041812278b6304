"""SPICED notes with every version kept, the impact that was promised, and by when it matters."""

from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account, Contact, Opportunity
from spiced.rules.events import Class, class_of, condition_words
from spiced.rules.impact import MEASURE_EVERY_DAYS
from spiced.rules.touchpoints import Touchpoint
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Note(TenantModel):
    """One saved version of what we know of an account. The newest is current."""

    account = Ref(Account)
    opportunity = Ref(Opportunity, models.SET_NULL, null=True)
    version = models.PositiveIntegerField()
    touchpoint = models.CharField(max_length=20, default="call")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    is_draft = models.BooleanField(default=False, help_text="still being typed by its author")
    record = models.PositiveSmallIntegerField(
        default=1, help_text="a new buyer or product opens the next one"
    )
    ask_again_on = models.DateField(
        null=True, help_text="what was heard before is to be asked anew"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account", "version"], name="note_version"),
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(is_current=True),
                name="note_current",
            ),
        ]

    @property
    def touchpoint_label(self) -> str:
        """The occasion as people read it."""
        known = {str(each): each.label for each in Touchpoint}
        return known.get(self.touchpoint, self.touchpoint)

    def __str__(self) -> str:
        return f"version {self.version}"


class Element(TenantModel):
    """One of the five parts of a note: what was said, by whom, when, how sure we are."""

    class Letter(models.TextChoices):
        SITUATION = "S"
        PAIN = "P"
        IMPACT = "I"
        CRITICAL_EVENT = "CE"
        DECISION = "D"

    note = Ref(Note)
    letter = models.CharField(max_length=2, choices=Letter.choices)
    text = models.TextField(blank=True)
    details = models.JSONField(default=dict, help_text="the part's own fields, typed by rules")
    score = models.PositiveSmallIntegerField(default=0, help_text="0 unknown to 3 leveraged")
    heard_from = Ref(Contact, models.SET_NULL, null=True)
    heard_on = models.DateField(null=True)
    evidence = models.CharField(max_length=500, blank=True, help_text="what shows that it is so")
    validated_on = models.DateField(null=True)
    is_confirmed = models.BooleanField(default=False)
    confirmers = ArrayField(
        models.UUIDField(), default=list, help_text="the contacts who said these words are right"
    )
    is_leveraged = models.BooleanField(default=False, help_text="stands in the account's own plan")
    changed_in = models.PositiveIntegerField(default=0, help_text="version of its last change")
    override_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "note", "letter"], name="element_letter")
        ]

    def __str__(self) -> str:
        return self.letter

    @property
    def values(self) -> dict[str, Any]:
        """Text and details as one mapping, as the rules read them."""
        return {"text": self.text} | self.details


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

    class Meta:
        indexes = [models.Index(fields=["tenant", "goal", "measured_on"], name="measurement_goal")]

    def __str__(self) -> str:
        return f"{self.value}"


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
