"""Plays, their runs, and the tasks people do."""

from django.db import models

from accounts.models import Account
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Play(TenantModel):
    """One version of a trigger play: when, for whom, which steps, by when."""

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
            models.UniqueConstraint(fields=["tenant", "key", "version"], name="play_version")
        ]

    def __str__(self) -> str:
        return self.name


class Run(TenantModel):
    """A play at work on an account: one per entry into its condition, evidence frozen."""

    class State(models.TextChoices):
        TRIGGERED = "triggered"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        DISMISSED = "dismissed"
        EXPIRED = "expired"

    play = Ref(Play, models.PROTECT)
    play_key = models.SlugField(max_length=40)
    account = Ref(Account)
    episode_on = models.DateField(help_text="the day the account entered the condition")
    state = models.CharField(max_length=11, choices=State.choices, default=State.TRIGGERED)
    evidence = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    first_action_due_at = models.DateTimeField()
    first_action_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, help_text="success, no_effect, harm")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "play_key", "account", "episode_on"], name="run_episode"
            ),
            models.UniqueConstraint(
                fields=["tenant", "play_key", "account"],
                condition=models.Q(closed_at=None),
                name="run_open",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="run_account")]

    def __str__(self) -> str:
        return self.play_key


class Held(TenantModel):
    """A run that would have started, and why it did not."""

    play_key = models.SlugField(max_length=40)
    account = Ref(Account)
    day = models.DateField()
    cause = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "play_key", "account", "day"], name="held_day"
            )
        ]

    def __str__(self) -> str:
        return self.cause


class Task(TenantModel):
    """Something a person does for an account, on its own or as a step of a run."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        DROPPED = "dropped"

    account = Ref(Account, null=True)
    run = Ref(Run, null=True)
    step = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, default="task")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 to 4")
    minutes = models.PositiveSmallIntegerField(default=20)
    is_proactive = models.BooleanField(default=True)
    planned_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    has_clock = models.BooleanField(default=False, help_text="a promised time to somebody else")
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "owner", "state", "due_at"], name="task_owner"),
            models.Index(fields=["tenant", "account", "state"], name="task_account"),
        ]

    def __str__(self) -> str:
        return self.title
