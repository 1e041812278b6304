"""Saved views: a list's address under a name, for oneself or for everybody."""

from datetime import datetime

from django.db import models, transaction

from health.models import Pin, SavedView
from tenants import trail
from tenants.errors import Refused
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe("health.view_saved", "{who} saved the view “{name}”")
describe("health.view_changed", "{who} changed the view “{name}”")
describe("health.view_deleted", "{who} deleted the view “{name}”")
describe("health.view_pinned", "{who} pinned the view “{name}”", icon="pin")
describe("health.view_unpinned", "{who} unpinned the view “{name}”", icon="pin")

MOST = 30
LONGEST = 2000  # characters of an address
MOST_PINNED = 7  # what a rail has room for


class NameTaken(Refused):
    """The person has a view of that name on this list."""


class TooManyViews(Refused):
    """Nobody finds anything among more views than this."""


class ViewTooLong(Refused):
    """The address holds more than a view can keep."""


class TooManyPins(Refused):
    """The rail has no room for more."""


class NotYourView(Refused):
    """Only who saved a view may change it."""


@transaction.atomic
def save_view(
    *, page: str, name: str, query: str, is_shared: bool, actor: User, now: datetime
) -> SavedView:
    """Keep an address under a name. Raises NameTaken, TooManyViews, ViewTooLong."""
    _refuse_long(query)
    hold("views", actor.pk)
    own = SavedView.objects.filter(page=page, owner=actor)
    _refuse_taken(own, name)
    if own.count() >= MOST:
        raise TooManyViews(f"You have {MOST} views here. Delete one first.")
    view = SavedView.objects.create(
        page=page, name=name, query=query, owner=actor, is_shared=is_shared
    )
    _record("health.view_saved", view, actor, now)
    return view


@transaction.atomic
def change_view(
    *,
    view: SavedView,
    actor: User,
    now: datetime,
    name: str,
    is_shared: bool,
    query: str | None = None,
) -> SavedView:
    """Rename a view, share it or not, give it another address.

    Raises NotYourView, NameTaken, ViewTooLong.
    """
    _refuse_others(view, actor)
    _refuse_long(query or "")
    hold("views", actor.pk)
    _refuse_taken(SavedView.objects.filter(page=view.page, owner=actor).exclude(pk=view.pk), name)
    view.name, view.is_shared = name, is_shared
    view.query = view.query if query is None else query
    view.save(update_fields=["name", "is_shared", "query"])
    if not is_shared:
        Pin.objects.filter(view=view).exclude(user=actor).delete()
    _record("health.view_changed", view, actor, now)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, actor: User, now: datetime) -> None:
    """Take a view away from everybody. Raises NotYourView."""
    _refuse_others(view, actor)
    _record("health.view_deleted", view, actor, now)
    view.delete()


@transaction.atomic
def pin_view(*, view: SavedView, actor: User, now: datetime) -> None:
    """Keep a view one may see at hand; pinned before, it stays. Raises TooManyPins, NotYourView."""
    if not view.is_shared:
        _refuse_others(view, actor)
    own = Pin.objects.filter(user=actor)
    if own.filter(view=view).exists():
        return
    if own.count() >= MOST_PINNED:
        raise TooManyPins(f"{MOST_PINNED} views are pinned. Unpin one first.")
    Pin.objects.bulk_create([Pin(view=view, user=actor, pinned_at=now)], ignore_conflicts=True)
    _record("health.view_pinned", view, actor, now)


@transaction.atomic
def unpin_view(*, view: SavedView, actor: User, now: datetime) -> None:
    """Let a view go back among the others; twice is the same as once."""
    if Pin.objects.filter(user=actor, view=view).delete()[0]:
        _record("health.view_unpinned", view, actor, now)


def _refuse_long(query: str) -> None:
    if len(query) > LONGEST:
        raise ViewTooLong("This list has more filters than a view can keep.")


def _refuse_others(view: SavedView, actor: User) -> None:
    if view.owner_id != actor.pk:
        raise NotYourView(f"“{view.name}” belongs to {view.owner}.")


def _refuse_taken(others: models.QuerySet[SavedView], name: str) -> None:
    if others.filter(name=name).exists():
        raise NameTaken(f"You have a view called “{name}” here.")


def _record(verb: str, view: SavedView, actor: User, now: datetime) -> None:
    trail.record(
        verb,
        actor=actor,
        at=now,
        object_id=view.pk,
        page=view.page,
        name=view.name,
        query=view.query,
        is_shared=view.is_shared,
    )
