"""Writes of health models: start with the defaults, draft, preview, publish from a date."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from health.models import HealthModel
from health.queries.today import today_of_tenant
from health.rules.models import BadModel, read
from tenants import trail
from tenants.errors import Refused
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe(
    "health.models_installed", "The health models began with their defaults", icon="heart-pulse"
)
describe(
    "health.model_drafted",
    "{who} drafted the health model {name}, version {version}",
    icon="heart-pulse",
)
describe(
    "health.draft_dropped", "{who} dropped the draft of the health model {name}", icon="heart-pulse"
)

DEFAULTS = Path(__file__).parents[1] / "defaults"
KEYS = ("core", "scale", "onboarding")
PREVIEW = "preview"  # in the body of a draft: when it was last previewed, and by whom


class InvalidModel(Refused):
    """The model contradicts itself or lacks a part."""

    status = 422


class StaleModel(Refused):
    """Somebody changed or published the model first."""


@transaction.atomic
def install_defaults(*, author: User | None, now: datetime) -> list[HealthModel]:
    """Publish the default models the tenant does not have yet."""
    known = set(HealthModel.objects.values_list("key", flat=True))
    made = []
    for key in KEYS:
        if key in known:
            continue
        body = json.loads((DEFAULTS / f"{key}.json").read_text())
        made.append(
            HealthModel.objects.create(
                key=key,
                version=1,
                name=body["name"],
                state=HealthModel.State.PUBLISHED,
                body=body,
                author=author,
                saved_at=now,
                effective_on=today_of_tenant(now),
            )
        )
    if made:
        keys = [model.key for model in made]
        trail.record("health.models_installed", actor=author, at=now, keys=keys)
    return made


@transaction.atomic
def save_draft(
    *, key: str, body: dict[str, Any], seen_version: int, author: User, now: datetime
) -> HealthModel:
    """Keep a changed model as the draft after `seen_version`. Saving again changes the draft.

    Raises InvalidModel, StaleModel where `seen_version` is not the newest the author can know.
    """
    body = {part: value for part, value in body.items() if part != PREVIEW}
    try:
        model = read(body)
    except BadModel as error:
        raise InvalidModel(str(error)) from error
    hold("model", key)
    newest = HealthModel.objects.select_for_update().filter(key=key).order_by("-version").first()
    if newest is None or newest.version != seen_version:
        raise StaleModel("Somebody changed this model meanwhile. Look at theirs first.")
    if newest.state == HealthModel.State.DRAFT:
        draft = newest
        draft.body, draft.name, draft.author, draft.saved_at = body, model.name, author, now
        draft.version += 1  # each save has a number of its own, so that none is overwritten unseen
        draft.save()
    else:
        draft = HealthModel.objects.create(
            key=key,
            version=newest.version + 1,
            name=model.name,
            state=HealthModel.State.DRAFT,
            body=body,
            author=author,
            saved_at=now,
        )
    trail.record(
        "health.model_drafted",
        actor=author,
        at=now,
        object_id=draft.pk,
        name=draft.name,
        version=draft.version,
    )
    return draft


@transaction.atomic
def note_preview(
    *, draft: HealthModel, author: User, now: datetime, seen_version: int | None = None
) -> HealthModel:
    """Remember that somebody looked at what a draft would change. Raises StaleModel."""
    draft = HealthModel.objects.select_for_update().get(pk=draft.pk)
    if draft.state != HealthModel.State.DRAFT or seen_version not in (None, draft.version):
        raise StaleModel("Somebody changed this draft meanwhile. Look at its preview again.")
    draft.body = draft.body | {PREVIEW: {"at": now.isoformat(), "by": str(author.pk)}}
    draft.save(update_fields=["body"])
    return draft


@transaction.atomic
def draft_for_segment(
    *, model: HealthModel, segment: str, label: str, author: User, now: datetime
) -> HealthModel:
    """Draft a model like another for one segment, and the other without it; they begin together.

    label: what people call the segment. Raises InvalidModel, StaleModel.
    """
    found = read(model.body)
    if not found.is_for(segment):
        raise InvalidModel(f"{model.name} is not for {label}.")
    if not found.is_all_but and len(found.segments) == 1:
        raise InvalidModel(f"{model.name} is for {label} alone already.")
    rest = [each for each in found.segments if each != segment]
    scope = {key: model.body["scope"][key] for key in ("touch_models", "stages")}
    others = {"but_segments": [*rest, segment]} if found.is_all_but else {"segments": rest}
    save_draft(
        key=model.key,
        body=model.body | {"scope": scope | others},
        seen_version=model.version,
        author=author,
        now=now,
    )
    key = _free_key(f"{model.key}-{segment or 'none'}")
    body = model.body | {
        "name": f"{model.name}, {label}"[:80],
        "scope": scope | {"segments": [segment]},
    }
    body.pop(PREVIEW, None)
    made = HealthModel.objects.create(
        key=key, version=1, name=body["name"], state=HealthModel.State.DRAFT, body=body,
        author=author, saved_at=now,
    )  # fmt: skip
    trail.record(
        "health.model_drafted", actor=author, at=now, object_id=made.pk, name=made.name, version=1
    )
    return made


def _free_key(wish: str) -> str:
    wish = wish.replace("_", "-")[:36]
    known = set(HealthModel.objects.values_list("key", flat=True))
    tries = [wish, *(f"{wish}-{n}" for n in range(2, 100))]
    return next(each for each in tries if each not in known)


@transaction.atomic
def drop_draft(*, draft: HealthModel, author: User, now: datetime) -> None:
    """Throw a draft away."""
    if draft.state != HealthModel.State.DRAFT:
        raise StaleModel("This version is published already.")
    facts: dict[str, Any] = {"name": draft.name, "version": draft.version}
    trail.record("health.draft_dropped", actor=author, at=now, object_id=draft.pk, **facts)
    draft.delete()
