"""The charter: versioned documents of how the team has agreed to work."""

from django.db import models

from tenants.isolation import TenantModel
from tenants.models import User


class Document(TenantModel):
    """One version of one chapter of the charter. The newest published version is in force."""

    class Kind(models.TextChoices):
        SEGMENTS = "segments"
        CALENDAR = "calendar"
        PROMISES = "promises"
        DEFINITIONS = "definitions"
        OWNERS = "owners"
        BOWTIE = "bowtie"
        HANDOFFS = "handoffs"
        SPICED = "spiced"
        RATES = "rates"
        CAUSES = "causes"

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices)
    body = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "version"], name="document_version")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
