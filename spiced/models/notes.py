"""SPICED notes in versions, each with its five parts."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account, Contact, Opportunity
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
    questions_ours = models.PositiveSmallIntegerField(
        null=True, help_text="asked by us in the call, counted in its transcript"
    )
    questions_theirs = models.PositiveSmallIntegerField(null=True)
    talk_share = models.FloatField(null=True, help_text="words of ours among all, 0.0 to 1.0")

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
