"""Tenants, the people in them, keys for machines, the trail, and work waiting to be done."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models

from tenants.ids import uuid7
from tenants.isolation import Ref, TenantModel
from tenants.roles import PEOPLE


class Tenant(models.Model):
    """One company that uses CSOM."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3, default="EUR")
    time_zone = models.CharField(max_length=64, default="Europe/Berlin")
    is_active = models.BooleanField(default=True)
    has_sample_data = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    nights_due_at = models.DateTimeField(
        null=True, db_index=True, help_text="when the next night begins; null: look now"
    )

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """People sign in by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person who can sign in; may be a member of several tenants."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    uses_single_keys = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()  # type: ignore[misc, assignment]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split()[0]


class Membership(models.Model):
    """A person's place in a tenant. Ended memberships stay, so that names of the past resolve."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=[(role.value, role.label) for role in PEOPLE])
    team = models.CharField(max_length=60, blank=True)
    capacity_minutes = models.PositiveIntegerField(default=360, help_text="free for work, a day")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_of_user")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant}"

    @property
    def is_active(self) -> bool:
        return self.ended_at is None


class Invitation(TenantModel):
    """An e-mail address asked to join in a role. The token itself is never stored."""

    email = models.EmailField()
    role = models.CharField(max_length=12)
    team = models.CharField(max_length=60, blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "email"], name="invitation_email")]

    def __str__(self) -> str:
        return self.email

    def is_open(self, now: datetime) -> bool:
        return not self.accepted_at and not self.withdrawn_at and now < self.expires_at


class InvitationLookup(models.Model):
    """Token hash -> tenant and invitation, read before a tenant is known. Ids only."""

    token_hash = models.CharField(primary_key=True, max_length=64)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    invitation_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.invitation_id)


class ShareLookup(models.Model):
    """Token hash -> tenant and share link, read before a tenant is known. Ids only."""

    token_hash = models.CharField(primary_key=True, max_length=64)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    link_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.link_id)


class ApiKey(TenantModel):
    """A machine's way in: hashed, prefixed, scoped, expiring, shown once."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, help_text="first characters, to recognise it by")
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    calls_left = models.FloatField(default=0, help_text="what its bucket held at calls_at")
    calls_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class ApiKeyLookup(models.Model):
    """Key hash -> tenant and key, read before a tenant is known. Ids only."""

    key_hash = models.CharField(primary_key=True, max_length=64)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    key_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.key_id)


class IdempotencyRecord(TenantModel):
    """What an API call with an Idempotency-Key answered, kept with its effect."""

    key = models.CharField(max_length=255)
    api_key = Ref(ApiKey)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "api_key", "key"], name="idempotency_key")
        ]

    def __str__(self) -> str:
        return self.key


class TrailEntry(TenantModel):
    """One thing that was done: audit log, timeline, and how upper apps hear news.

    Holds ids, not references, since a record outlives what it records.
    """

    verb = models.CharField(max_length=60)
    account_id = models.UUIDField(null=True)
    object_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    key_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    request_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "account_id", "-at", "-id"], name="trail_account"),
            models.Index(fields=["tenant", "-recorded_at", "-id"], name="trail_recorded"),
        ]

    def __str__(self) -> str:
        return self.verb


class Job(TenantModel):
    """Work to do, and what became of it. The truth; Celery only rings."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"
        DROPPED = "dropped"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    cursor = models.JSONField(null=True)
    statistics = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "key"], name="job_key")]
        indexes = [
            models.Index(
                fields=["tenant", "state"],
                name="job_open",
                condition=models.Q(state__in=["waiting", "running", "dead"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class DueJob(models.Model):
    """Which job is due when, read before a tenant is known. Ids only."""

    job_id = models.UUIDField(primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="duejob_due")]

    def __str__(self) -> str:
        return str(self.job_id)


class Tally(models.Model):
    """How often something rare happened, in all. Names and numbers, of no tenant."""

    name = models.CharField(primary_key=True, max_length=40)
    n = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Preference(TenantModel):
    """What one person chose in one tenant: columns, filters, theme of a list."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    value = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user", "key"], name="preference_key")
        ]

    def __str__(self) -> str:
        return self.key
