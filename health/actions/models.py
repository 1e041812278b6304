"""Writes of health models: start with the defaults, draft, preview, publish from a date."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from health.models import HealthModel
from health.queries.models import published
from health.queries.today import today_of_tenant
from health.rules.models import BadModel, clash, read
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
    "health.model_published",
    "{who} published the health model {name}, version {version}",
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


class NotPreviewed(Refused):
    """Nobody has looked at what the draft would change."""


class ModelsClash(Refused):
    """An account would be scored by two models, or by none."""


class TooEarly(Refused):
    """A model cannot take effect in the past: closed days keep their score."""

    status = 422


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


def _clashes(draft: HealthModel, effective_on: date) -> str:
    """Why the draft cannot stand beside what is in force that day, or takes effect later."""
    versions = published()
    coming = {
        each.effective_on
        for of_key in versions.by_key.values()
        for each in of_key
        if each.effective_on and each.effective_on > effective_on
    }
    for day in sorted({effective_on, *coming}):
        together = {version.key: read(version.body) for version in versions.on(day)}
        later = [each.effective_on for each in versions.by_key.get(draft.key, ())]
        if not any(each and effective_on < each <= day for each in later):
            together[draft.key] = read(draft.body)
        if problem := clash(together):
            return problem if day == effective_on else f"From {day:%-d %B %Y} on: {problem}"
    return ""


@transaction.atomic
def publish(
    *,
    draft: HealthModel,
    effective_on: date,
    author: User,
    now: datetime,
    seen_version: int | None = None,
) -> HealthModel:
    """Let a draft score from a day on.

    Raises StaleModel, NotPreviewed, TooEarly, ModelsClash.
    """
    draft = HealthModel.objects.select_for_update().get(pk=draft.pk)
    if draft.state != HealthModel.State.DRAFT:
        raise StaleModel("This version is published already.")
    if seen_version not in (None, draft.version):
        raise StaleModel("Somebody changed this draft meanwhile. Look at its preview first.")
    if PREVIEW not in draft.body:
        raise NotPreviewed("Look at the preview of this version before you publish it.")
    if effective_on < today_of_tenant(now):
        raise TooEarly("A model takes effect today or later; past scores stay as they were.")
    if problem := _clashes(draft, effective_on):
        raise ModelsClash(problem)
    if effective_on <= today_of_tenant(now):
        HealthModel.objects.filter(key=draft.key, state=HealthModel.State.PUBLISHED).update(
            state=HealthModel.State.RETIRED
        )
    draft.state = HealthModel.State.PUBLISHED
    draft.effective_on = effective_on
    draft.author = author
    draft.saved_at = now
    draft.save()
    trail.record(
        "health.model_published",
        actor=author,
        at=now,
        object_id=draft.pk,
        name=draft.name,
        version=draft.version,
        effective_on=effective_on.isoformat(),
    )
    return draft


@transaction.atomic
def drop_draft(*, draft: HealthModel, author: User, now: datetime) -> None:
    """Throw a draft away."""
    if draft.state != HealthModel.State.DRAFT:
        raise StaleModel("This version is published already.")
    facts: dict[str, Any] = {"name": draft.name, "version": draft.version}
    trail.record("health.draft_dropped", actor=author, at=now, object_id=draft.pk, **facts)
    draft.delete()
