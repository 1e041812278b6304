"""Reviewing a colleague's call, and counting what was asked in it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from spiced.models import CallReview, Note
from spiced.queries.notes import ASIDE
from spiced.rules.coaching import total
from spiced.rules.transcripts import Heard
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

describe(
    "spiced.call_reviewed", "{who} reviewed the call of version {version}", icon="graduation-cap"
)
describe(
    "spiced.questions_counted",
    "{who} counted the questions of version {version}: {ours} asked by us, {theirs} by them",
    icon="message-square-quote",
)


class NoCall(Refused):
    """The note says of no colleague that they led a call."""


class WrongReview(Refused):
    """A score or a day that cannot be."""

    status = 422


class NothingHeard(Refused):
    """None of our speakers says anything in the transcript."""

    status = 422


@transaction.atomic
def review_call(
    *,
    note: Note,
    actor: Actor,
    now: datetime,
    held_on: date,
    items: Mapping[str, int],
    behaviours: Collection[str],
    comment: str = "",
) -> CallReview:
    """Keep what a lead says of a call. What they said of it before stays, as replaced.

    items, behaviours: as `spiced.rules.coaching.total` takes them. The same said again changes
    nothing. Raises NoCall for a note of nobody, of oneself, set aside or still being typed, and
    WrongReview.
    """
    Note.objects.select_for_update().get(pk=note.pk)
    author, reviewer = note.author, actor.user
    if author is None or reviewer is None:
        raise NoCall("Nobody stands as the author of this note, so there is no call of theirs.")
    if why := _why_not(note, reviewer):
        raise NoCall(why)
    try:
        score = total(items, behaviours)
    except ValueError as wrong:
        raise WrongReview(str(wrong)) from None
    if held_on > timezone.localdate(now):
        raise WrongReview("The call is still to come.")
    said = {
        **items,
        "behaviours": sorted(set(behaviours)),
        "comment": comment.strip(),
        "held_on": held_on,
    }
    before = CallReview.objects.filter(note=note, reviewer=reviewer, replaced_at=None).first()
    if before is not None:
        if all(getattr(before, name) == value for name, value in said.items()):
            return before
        CallReview.objects.filter(pk=before.pk).update(replaced_at=now)
    made = CallReview.objects.create(
        account_id=note.account_id,
        note=note,
        person=author,
        reviewer=reviewer,
        score=score,
        reviewed_at=now,
        **said,
    )
    trail.record(
        "spiced.call_reviewed",
        at=now,
        actor=reviewer,
        account_id=note.account_id,
        object_id=made.pk,
        version=note.version,
        is_again=before is not None,
    )
    return made


def _why_not(note: Note, reviewer: User) -> str:
    """Why somebody cannot review the call of a note; empty where they can."""
    if note.author_id == reviewer.pk:
        return "Your own call is reviewed by somebody else."
    if note.touchpoint == ASIDE:
        return "This version was set aside; it is no call."
    if note.is_draft:
        return f"{note.author} is still writing this note."
    return ""


@transaction.atomic
def count_questions(*, note: Note, actor: Actor, now: datetime, heard: Heard) -> Note:
    """Keep how much each side of a call asked and said; the transcript itself is not kept.

    Raises NothingHeard where none of ours speaks.
    """
    if not heard.words_ours:
        raise NothingHeard("None of our speakers says anything in it.")
    note.questions_ours = heard.questions_ours
    note.questions_theirs = heard.questions_theirs
    note.talk_share = heard.talk_share
    note.save(update_fields=["questions_ours", "questions_theirs", "talk_share"])
    trail.record(
        "spiced.questions_counted",
        at=now,
        actor=actor.user,
        account_id=note.account_id,
        object_id=note.pk,
        version=note.version,
        ours=heard.questions_ours,
        theirs=heard.questions_theirs,
    )
    return note
