"""Writes of the playbook: save a draft, publish it, switch a play off, start with the defaults."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from health.queries.definitions import in_force
from health.rules.definitions import faults
from plays.models import Play
from plays.rules.bodies import BadPlay, read
from tenants import trail
from tenants.errors import Refused
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe("plays.defaults_installed", "The plays began with their defaults", icon="play")
describe("plays.draft_saved", "{who} drafted the play {key}, version {version}", icon="play")

DEFAULTS = Path(__file__).parents[1] / "defaults"

describe("plays.play_published", "{who} published the play {name}, version {version}", icon="play")
describe("plays.play_retired", "{who} switched off the play {name}", icon="pause")


class InvalidPlay(Refused):
    """The body cannot be read; says where."""

    status = 422


class StalePlay(Refused):
    """Somebody saved a newer version first."""


class NotDraft(Refused):
    """Only a draft can be published."""


class NotInForce(Refused):
    """The play is off already."""


@transaction.atomic
def install_defaults(*, author: User | None, now: datetime) -> list[Play]:
    """Publish every default play the tenant has no version of."""
    known = set(Play.objects.values_list("key", flat=True))
    made = []
    for path in sorted(DEFAULTS.glob("*.json")):
        if path.stem in known:
            continue
        body = json.loads(path.read_text())
        name = body.pop("name")
        read(body)
        made.append(
            Play(
                key=path.stem,
                version=1,
                name=name,
                state=Play.State.PUBLISHED,
                body=body,
                author=author,
                saved_at=now,
            )
        )
    Play.objects.bulk_create(made)
    if made:
        trail.record(
            "plays.defaults_installed", at=now, actor=author, keys=[play.key for play in made]
        )
    return made


@transaction.atomic
def save_draft(
    *,
    key: str,
    name: str,
    body: dict[str, Any],
    author: User | None,
    now: datetime,
    seen_version: int | None = None,
) -> Play:
    """Keep a body as the draft of a play, under the next number: each save has one of its own.

    seen_version: the newest version the author saw. Raises InvalidPlay, StalePlay.
    """
    try:
        asked = read(body).conditions
    except BadPlay as error:
        raise InvalidPlay(str(error)) from error
    for place, condition in asked.items():
        if wrong := faults(condition, in_force().conditions):
            raise InvalidPlay(f"{place}: {wrong[0]}.")
    hold("play", key)
    versions = Play.objects.select_for_update().filter(key=key).order_by("-version")
    newest = versions.first()
    if seen_version is not None and (newest.version if newest else 0) != seen_version:
        raise StalePlay("Somebody saved this play meanwhile. Look at their version first.")
    if newest is not None and newest.state == Play.State.DRAFT:
        newest.name, newest.body, newest.author, newest.saved_at = name, body, author, now
        newest.version += 1
        newest.save(update_fields=["name", "body", "author", "saved_at", "version"])
        draft = newest
    else:
        draft = Play.objects.create(
            key=key,
            version=(newest.version if newest else 0) + 1,
            name=name,
            state=Play.State.DRAFT,
            body=body,
            author=author,
            saved_at=now,
        )
    trail.record(
        "plays.draft_saved",
        at=now,
        actor=author,
        object_id=draft.pk,
        key=key,
        version=draft.version,
    )
    return draft


@transaction.atomic
def publish(
    *, play: Play, author: User | None, now: datetime, seen_version: int | None = None
) -> Play:
    """Put a draft in force; the version before is kept as retired. Raises NotDraft, StalePlay.

    Runs that are open go on by the version they started with.
    """
    locked = Play.objects.select_for_update().get(pk=play.pk)
    if locked.state != Play.State.DRAFT:
        raise NotDraft(f"Version {locked.version} of {locked.name} is not a draft.")
    if seen_version not in (None, locked.version):
        raise StalePlay("Somebody saved this draft meanwhile. Look at it before it is on.")
    newest = Play.objects.filter(key=locked.key).aggregate(n=Max("version"))["n"]
    Play.objects.filter(key=locked.key, state=Play.State.PUBLISHED).update(state=Play.State.RETIRED)
    locked.state, locked.saved_at, locked.author = Play.State.PUBLISHED, now, author
    locked.save(update_fields=["state", "saved_at", "author"])
    trail.record(
        "plays.play_published",
        at=now,
        actor=author,
        object_id=locked.pk,
        key=locked.key,
        name=locked.name,
        version=newest,
    )
    return locked


@transaction.atomic
def retire(*, key: str, author: User | None, now: datetime) -> Play:
    """Switch a play off: nothing new starts, open runs go on. Raises NotInForce."""
    play = Play.objects.select_for_update().filter(key=key, state=Play.State.PUBLISHED).first()
    if play is None:
        raise NotInForce("This play is off already.")
    play.state = Play.State.RETIRED
    play.save(update_fields=["state"])
    trail.record(
        "plays.play_retired", at=now, actor=author, object_id=play.pk, key=key, name=play.name
    )
    return play
