"""Calls that leads reviewed, and the questions counted in some of them."""

import random
from datetime import datetime, timedelta

from csom.demo import words
from csom.demo.scene import Scene
from spiced.actions.reviews import count_questions, review_call
from spiced.models import Note
from spiced.queries.reviews import reviewable
from spiced.rules.coaching import BEHAVIOURS, ITEMS, MOST
from spiced.rules.transcripts import Heard
from tenants.actor import Actor
from tenants.models import Membership
from tenants.roles import Role

REVIEWED = 6  # calls of each person, at most
SINCE = timedelta(days=300)


def fill_reviews(scene: Scene) -> None:
    """Have each lead review calls of the people in their team: they get better at it."""
    leads = Membership.objects.filter(tenant=scene.tenant, role=Role.MANAGER)
    for lead in leads.select_related("user").order_by("user__email"):
        actor = Actor(scene.tenant, Role.MANAGER, lead.user, lead)
        notes = reviewable(actor).filter(saved_at__gt=scene.now - SINCE, version__gt=1)
        of: dict[object, list[Note]] = {}
        for note in notes.select_related("author").order_by("-saved_at", "id"):
            of.setdefault(note.author_id, []).append(note)
        for _, theirs in sorted(of.items(), key=lambda each: str(each[1][0].author)):
            chosen = sorted(theirs[1 : 2 * REVIEWED : 2], key=lambda note: note.saved_at)
            for turn, note in enumerate(chosen):
                _review(scene, note, actor, turn / REVIEWED)


def _review(scene: Scene, note: Note, lead: Actor, skill: float) -> None:
    """skill: 0.0 to 1.0, how far the person has come."""
    chance = scene.chance
    reviewed_at = note.saved_at + timedelta(days=chance.randint(1, 4))
    if reviewed_at >= scene.now:
        return
    if chance.random() < 0.7:
        _count(chance, note, lead, reviewed_at)
    likely = 0.6 + 0.35 * skill
    items = {key: sum(chance.random() < likely for _ in range(MOST)) for key in ITEMS}
    items["emotional_impact"] = max(0, items["emotional_impact"] - 1)
    review_call(
        note=note,
        actor=lead,
        now=reviewed_at,
        held_on=note.saved_at.date(),
        items=items,
        behaviours=[key for key in BEHAVIOURS if chance.random() < likely],
        comment=chance.choice(words.ADVICE),
    )


def _count(chance: random.Random, note: Note, lead: Actor, at: datetime) -> None:
    ours = chance.randint(1200, 2600)
    heard = Heard(chance.randint(6, 22), chance.randint(2, 9), ours, chance.randint(1300, 2600))
    count_questions(note=note, actor=lead, now=at, heard=heard)
