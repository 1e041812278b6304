"""Reviews of calls: who may see which, and what they say of a person over time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from spiced.models import CallReview, Note
from spiced.queries.notes import ASIDE
from spiced.rules.coaching import disagreement, is_certified, weakest
from tenants.actor import Actor
from tenants.models import Membership, User
from tenants.roles import Can, Reach

WINDOW = timedelta(days=365)
RECENT = timedelta(days=30)  # notes of which a call is worth reviewing
OFFERED = 10


@dataclass(frozen=True)
class Call:
    """One call with its reviews, the newest first. score: the mean of what its raters gave."""

    note: Note
    reviews: tuple[CallReview, ...]

    @property
    def score(self) -> float:
        return fmean(each.score for each in self.reviews)

    @property
    def newest(self) -> CallReview:
        return self.reviews[0]


@dataclass(frozen=True)
class Coached:
    """What the reviews of a year say of one person. calls: the newest first."""

    person: User
    calls: tuple[Call, ...] = ()

    @property
    def n(self) -> int:
        return len(self.calls)

    @property
    def mean(self) -> float | None:
        return fmean(each.score for each in self.calls) if self.calls else None

    @property
    def is_certified(self) -> bool:
        return is_certified([each.score for each in self.calls])

    @property
    def reviews(self) -> list[CallReview]:
        return [review for each in self.calls for review in each.reviews]

    @property
    def weakest(self) -> tuple[str, float] | None:
        """The item that scores lowest, and its mean of 0 to 3."""
        return weakest(each.items for each in self.reviews)


@dataclass(frozen=True)
class Agreement:
    """Whether raters agree. n_shared: calls scored by two or more; apart: points, their mean."""

    n: int
    n_shared: int
    apart: float | None


def reviews_in_reach(actor: Actor) -> QuerySet[CallReview]:
    """Every review somebody may see, replaced ones too: of oneself, of the team, or all."""
    return CallReview.objects.filter(_of(actor, Can.READ_REVIEWS, "person"))


def reviewable(actor: Actor) -> QuerySet[Note]:
    """The notes whose call somebody may review: colleagues' of their team, done and not aside."""
    mine = _of(actor, Can.REVIEW_CALLS, "author")
    notes = Note.objects.filter(mine, is_draft=False, account__archived_at=None)
    return notes.exclude(author=actor.user_id).exclude(touchpoint=ASIDE)


def in_force(reviews: QuerySet[CallReview], at: datetime) -> QuerySet[CallReview]:
    """The reviews that held at a moment, of calls of the year before it."""
    held = Q(replaced_at=None) | Q(replaced_at__gt=at)
    return reviews.filter(held, reviewed_at__lte=at, held_on__gt=(at - WINDOW).date())


def coached(actor: Actor, at: datetime) -> list[Coached]:
    """Everybody whose reviews somebody may see, by name, with a year of calls. Three queries."""
    found = calls(in_force(reviews_in_reach(actor), at))
    people = {each.pk: each for each in _people(actor)}
    people |= {of[0].newest.person_id: of[0].newest.person for of in found.values()}
    made = [Coached(person, tuple(found.get(pk, ()))) for pk, person in people.items()]
    return sorted(made, key=lambda each: (each.person.name.casefold(), str(each.person.pk)))


def calls(reviews: QuerySet[CallReview]) -> dict[UUID, list[Call]]:
    """The calls of each person, the newest first. One query."""
    by_note: dict[UUID, list[CallReview]] = defaultdict(list)
    ordered = reviews.select_related("note__account", "person", "reviewer")
    for review in ordered.order_by("-held_on", "-reviewed_at", "-id"):
        by_note[review.note_id].append(review)
    found: dict[UUID, list[Call]] = defaultdict(list)
    for of in by_note.values():
        found[of[0].person_id].append(Call(of[0].note, tuple(of)))
    return found


def agreement(people: Iterable[Coached]) -> Agreement:
    """Whether the raters of the same calls gave like scores."""
    every = [call for each in people for call in each.calls]
    shared, apart = disagreement([review.score for review in call.reviews] for call in every)
    return Agreement(len(every), shared, apart)


def waiting(actor: Actor, now: datetime) -> list[Note]:
    """The newest notes whose call nobody reviewed yet. One query."""
    done = CallReview.objects.filter(note=OuterRef("pk"), replaced_at=None)
    found = reviewable(actor).filter(~Exists(done), saved_at__gt=now - RECENT)
    return list(found.select_related("account", "author").order_by("-saved_at", "-id")[:OFFERED])


def _people(actor: Actor) -> list[User]:
    """The members whose reviews somebody may see: those who write notes. One query."""
    found = Membership.objects.filter(tenant=actor.tenant, ended_at=None)
    mine = found.filter(_of(actor, Can.READ_REVIEWS, "user"))
    return [each.user for each in mine.select_related("user")]


def _of(actor: Actor, can: Can, name: str) -> Q:
    """Rows about oneself, about people of one's team, or about anybody."""
    how_far = actor.reach(can)
    if how_far is Reach.TENANT:
        return Q()
    own = Q(**{f"{name}_id": actor.user_id})
    if how_far is Reach.TEAM and actor.team:
        mates = Membership.objects.filter(tenant=actor.tenant, team=actor.team)
        return own | Q(**{f"{name}__in": mates.values("user")})
    return own if how_far in (Reach.OWN, Reach.TEAM) else Q(pk__in=[])
