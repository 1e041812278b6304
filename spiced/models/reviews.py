"""What a lead says of a colleague's call."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Account
from spiced.models.notes import Note
from spiced.rules.coaching import ITEMS, MOST
from tenants.isolation import Ref, TenantModel
from tenants.models import User


class CallReview(TenantModel):
    """One reading of a call. A later one of the same call by the same lead replaces it.

    Each item is 0 to 3, the score 0 to 100 by `spiced.rules.coaching.total`.
    """

    account = Ref(Account)
    note = Ref(Note)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    held_on = models.DateField(help_text="the day of the call")
    situation = models.PositiveSmallIntegerField()
    pain = models.PositiveSmallIntegerField()
    rational_impact = models.PositiveSmallIntegerField()
    emotional_impact = models.PositiveSmallIntegerField()
    critical_event = models.PositiveSmallIntegerField()
    decision = models.PositiveSmallIntegerField()
    behaviours = ArrayField(models.CharField(max_length=12), default=list)
    score = models.FloatField()
    comment = models.TextField(blank=True, max_length=2000)
    reviewed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "note", "reviewer"],
                condition=models.Q(replaced_at=None),
                name="review_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(*((f"{item}__lte", MOST) for item in ITEMS)), name="review_items"
            ),
            models.CheckConstraint(
                condition=models.Q(score__gte=0, score__lte=100), name="review_score"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "person", "held_on"], name="review_person")]

    @property
    def items(self) -> dict[str, int]:
        """The score of each item, 0 to 3."""
        return {item: getattr(self, item) for item in ITEMS}

    def __str__(self) -> str:
        return f"{self.score:.1f}"
