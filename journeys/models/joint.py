"""Joint plans: steps with an owner on each side, dated backwards, and who agreed to them."""

from django.db import models

from accounts.models import Account, Contact
from journeys.models.onboarding import Side
from plays.models import Task
from spiced.models import CriticalEvent, ImpactGoal
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class JointPlan(TenantModel):
    """What an account and we do by a day that matters to the account.

    terms: counts what was said of it; every change of steps, dates, owners, goals or cadence is
    the next one, and people agree to one. anchor_on stays until somebody moves it. room_word: the
    lack of room that was asked about last, with its task; empty while it fits.
    """

    class Anchor(models.TextChoices):
        EVENT = "event"
        RENEWAL = "renewal"
        DAY = "day"

    class Cadence(models.TextChoices):
        WEEKLY = "weekly", "Every week"
        FORTNIGHTLY = "fortnightly", "Every two weeks"
        MONTHLY = "monthly", "Every month"
        QUARTERLY = "quarterly", "Every quarter"

    class Outcome(models.TextChoices):
        ACHIEVED = "achieved"
        LEFT = "left", "Given up"

    account = Ref(Account)
    anchor = models.CharField(max_length=7, choices=Anchor.choices)
    event = Ref(CriticalEvent, models.SET_NULL, null=True)
    anchor_name = models.CharField(max_length=300)
    anchor_on = models.DateField()
    buffer = models.PositiveSmallIntegerField(help_text="working days kept free before the anchor")
    cadence = models.CharField(
        max_length=11, choices=Cadence.choices, blank=True, help_text="how often both sides meet"
    )
    shortened_from = models.PositiveSmallIntegerField(
        null=True, help_text="working days of the usual steps, where a draft had less room"
    )
    terms = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    room_word = models.CharField(max_length=10, blank=True)
    room_task = Ref(Task, models.SET_NULL, null=True)
    shown_at = models.DateTimeField(null=True, help_text="to the account, on its shared page")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account"],
                condition=models.Q(ended_at=None),
                name="joint_plan_open",
            )
        ]
        indexes = [models.Index(fields=["tenant", "account", "begun_at"], name="joint_plan_acct")]

    def __str__(self) -> str:
        return f"Joint plan of {self.account_id}"


class JointStep(TenantModel):
    """One step of a joint plan. owner: of ours; contact: of theirs; starts_on: at the latest."""

    plan = Ref(JointPlan)
    key = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=160)
    days = models.PositiveSmallIntegerField(help_text="working days it takes")
    after = models.JSONField(default=list, help_text="keys of the steps it comes after")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    contact = Ref(Contact, models.SET_NULL, null=True)
    starts_on = models.DateField()
    due_on = models.DateField()
    begun_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "key"], name="joint_step_key")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def state(self) -> str:
        """open, begun or done."""
        return "done" if self.closed_at else "begun" if self.begun_on else "open"

    @property
    def is_joint(self) -> bool:
        """Whether it has an owner on each side who is still there. owner, contact: loaded."""
        contact = self.contact
        return self.owner is not None and contact is not None and contact.departed_on is None


class JointGoal(TenantModel):
    """A goal of the account that a joint plan is for."""

    plan = Ref(JointPlan)
    goal = Ref(ImpactGoal)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "plan", "goal"], name="joint_goal_once")
        ]

    def __str__(self) -> str:
        return f"{self.goal_id} of {self.plan_id}"


class JointRisk(TenantModel):
    """What may keep a joint plan from its day, and who of ours looks after it."""

    plan = Ref(JointPlan)
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    noted_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="it threatens the day no more")
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["tenant", "plan", "noted_at"], name="joint_risk_plan")]

    def __str__(self) -> str:
        return self.text


class JointAgreement(TenantModel):
    """One side agreed to the terms of a plan, once.

    user: who agreed of ours; contact: who agreed of theirs. recorded_by: who wrote it down, None
    for a key. is_own_word: said on the page shared with them.
    """

    plan = Ref(JointPlan)
    side = models.CharField(max_length=4, choices=Side.choices)
    terms = models.PositiveIntegerField()
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    contact = Ref(Contact, models.SET_NULL, null=True)
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    is_own_word = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "plan", "side", "terms"], name="joint_agreement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} to {self.terms}"
