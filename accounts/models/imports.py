"""A file on its way in: the file with its answers, its bad rows, and what can be taken back."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from tenants.isolation import Ref, TenantModel
from tenants.models import User


class Import(TenantModel):
    """One uploaded file for one target, from receipt to result.

    layout: what was found, and the person's `choice`. plan: see accounts.rules.plan. fixes:
    line -> column -> cell, put right by hand. counts: rows by what becomes of them.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        READING = "reading"
        READ = "read"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        DISCARDED = "discarded"

    target = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200, help_text="as it was sent")
    stored_as = models.CharField(max_length=120, help_text="below the folder of uploads")
    size = models.BigIntegerField(help_text="bytes")
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVED)
    layout = models.JSONField(default=dict)
    columns = models.JSONField(default=list, help_text="a profile of each column")
    plan = models.JSONField(default=dict)
    fixes = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True, help_text="why reading stopped")
    attempt = models.PositiveIntegerField(default=0, help_text="reads and checks so far")
    job_id = models.UUIDField(null=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-created_at"], name="import_created")]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(TenantModel):
    """A row of the file that is not taken. problems: column, value, reason of each."""

    class Kind(models.TextChoices):
        UNREADABLE = "unreadable", "Cannot be read"
        CONFLICT = "conflict", "Same key, other content"
        COPY = "copy", "Repeated"
        UNFIT = "unfit", "Does not fit what is stored"

    belongs_to = Ref(Import)
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cells = models.JSONField(default=list)
    problems = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["tenant", "belongs_to", "kind", "line"], name="import_row")]

    def __str__(self) -> str:
        return f"line {self.line}"


class ImportChange(TenantModel):
    """A stored row that an import added or changed, kept while that can be taken back.

    before: the former columns, empty for a new row. after: what the import left in them.
    """

    belongs_to = Ref(Import)
    target = models.CharField(max_length=20)
    row_id = models.UUIDField()
    is_new = models.BooleanField()
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    written_at = models.DateTimeField()
    kept_because = models.CharField(max_length=200, blank=True, help_text="why undo left it")

    class Meta:
        indexes = [models.Index(fields=["tenant", "belongs_to", "-id"], name="import_change")]

    def __str__(self) -> str:
        return f"{self.target} {self.row_id}"
