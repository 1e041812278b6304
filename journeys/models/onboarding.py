"""Onboardings: a published template made into a plan of two sides, and whose turn it was when."""

from django.db import models

from accounts.models import Account, Contact
from journeys.models.handoff import Handoff
from plays.models import Task
from spiced.models import ImpactMeasurement
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Side(models.TextChoices):
    """Who has to act: we, or the account."""

    US = "us"
    THEM = "them"


class OnboardingTemplate(TenantModel):
    """One version of a way to onboard: phases and tasks, as rules.templates reads them."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=State.choices)
    body = models.JSONField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "key", "version"], name="onboarding_template_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Onboarding(TenantModel):
    """An account on its way to First Impact. It ends on evidence, never on finished tasks.

    anchor_on: the day its plan counts from, the day of commit where a handoff began it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        REACHED = "reached", "First Impact"
        LEFT = "left", "Ended without"

    account = Ref(Account)
    handoff = Ref(Handoff, models.SET_NULL, null=True)
    template = Ref(OnboardingTemplate, models.PROTECT)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    anchor_on = models.DateField()
    planned_on = models.DateField(help_text="First Impact, as the plan began")
    agreed_on = models.DateField(help_text="First Impact, as agreed with the account")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    evidence = Ref(ImpactMeasurement, models.SET_NULL, null=True)
    asked = models.JSONField(
        default=dict, help_text="what it asked for: by key, the reason and the task"
    )
    evidence_words = models.CharField(max_length=500, blank=True)
    reschedules = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True, help_text="where it ended without")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(ended_at=None),
                name="onboarding_open",
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "begun_at"], name="onboarding_acct")]

    def __str__(self) -> str:
        return f"Onboarding of {self.account_id}"


class PlanTask(TenantModel):
    """One task of a plan, with one owner on one side.

    waiting_on: whom it waits for, since waiting_since; empty where it only has to be done.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"

    onboarding = Ref(Onboarding)
    key = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField()
    phase = models.SlugField(max_length=20)
    label = models.CharField(max_length=160)
    note = models.CharField(max_length=400, blank=True, help_text="when it counts as done")
    side = models.CharField(max_length=4, choices=Side.choices)
    role = models.CharField(max_length=20)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    contact = Ref(Contact, models.SET_NULL, null=True)
    offset = models.PositiveSmallIntegerField(default=0, help_text="working days from the anchor")
    days = models.PositiveSmallIntegerField(default=0, help_text="working days it takes")
    after = models.JSONField(default=list, help_text="keys of the tasks it comes after")
    weight = models.PositiveSmallIntegerField(default=1)
    is_visible = models.BooleanField(default=False, help_text="to the account")
    is_gate = models.BooleanField(default=False)
    is_custom = models.BooleanField(default=False, help_text="not of the template")
    starts_on = models.DateField()
    due_on = models.DateField()
    first_due_on = models.DateField(help_text="as the plan began")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    waiting_on = models.CharField(max_length=4, choices=Side.choices, blank=True)
    waiting_since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    task = Ref(Task, models.SET_NULL, null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "onboarding", "key"], name="plan_task_key")
        ]
        indexes = [models.Index(fields=["tenant", "task"], name="plan_task_task")]

    def __str__(self) -> str:
        return self.label


class Turn(TenantModel):
    """A span of an onboarding in which one side had to act. One is open while it runs."""

    onboarding = Ref(Onboarding)
    side = models.CharField(max_length=4, choices=Side.choices)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "onboarding"],
                condition=models.Q(ended_at=None),
                name="turn_open",
            )
        ]
        indexes = [models.Index(fields=["tenant", "onboarding"], name="turn_onboarding")]

    def __str__(self) -> str:
        return self.side
