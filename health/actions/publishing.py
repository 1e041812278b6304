"""Publish health models from a day on: drafts that were looked at, together where they must be."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from health.actions.models import PREVIEW, StaleModel
from health.models import HealthModel
from health.queries.models import published
from health.queries.today import today_of_tenant
from health.rules.models import clash, read
from tenants import trail
from tenants.errors import Refused
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe(
    "health.model_published",
    "{who} published the health model {name}, version {version}",
    icon="heart-pulse",
)


class NotPreviewed(Refused):
    """Nobody has looked at what the draft would change."""


class ModelsClash(Refused):
    """An account would be scored by two models, or by none."""


class TooEarly(Refused):
    """A model cannot take effect in the past: closed days keep their score."""

    status = 422


def _clashes(changed: Sequence[HealthModel], effective_on: date) -> str:
    """Why versions cannot stand beside what is in force from a day on, or takes effect later."""
    versions = published()
    coming = {
        each.effective_on
        for of_key in versions.by_key.values()
        for each in of_key
        if each.effective_on and each.effective_on > effective_on
    }
    for day in sorted({effective_on, *coming}):
        together = {version.key: read(version.body) for version in versions.on(day)}
        for each in changed:
            later = [one.effective_on for one in versions.by_key.get(each.key, ())]
            if any(one and effective_on < one <= day for one in later):
                continue
            together.pop(each.key, None)
            if not each.ends:
                together[each.key] = read(each.body)
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
    together: Mapping[str, int] | None = None,
    ending: Collection[str] = (),
) -> HealthModel:
    """Let a draft score from a day on.

    together: other drafts that begin on the same day, by key, and which saving of each was seen.
    ending: keys of models that score nobody from then on. So accounts move from model to model at
    once, with none of them scored by two or by none in between.

    Raises StaleModel, NotPreviewed, TooEarly, ModelsClash.
    """
    hold("publish models")
    seen = {draft.key: seen_version} | dict(together or {})
    drafts_by_key = {
        each.key: each
        for each in HealthModel.objects.select_for_update().filter(
            state=HealthModel.State.DRAFT, key__in=seen
        )
    }
    for key, version in seen.items():
        _may_begin(drafts_by_key.get(key), version)
    if effective_on < today_of_tenant(now):
        raise TooEarly("A model takes effect today or later; past scores stay as they were.")
    ended = [_ended(key, author, now) for key in ending]
    changed = [*drafts_by_key.values(), *ended]
    if problem := _clashes(changed, effective_on):
        raise ModelsClash(problem)
    for each in changed:
        _begin(each, effective_on, author, now)
    return drafts_by_key[draft.key]


def _may_begin(draft: HealthModel | None, seen_version: int | None) -> None:
    if draft is None:
        raise StaleModel("This version is published already.")
    if seen_version not in (None, draft.version):
        raise StaleModel("Somebody changed this draft meanwhile. Look at its preview first.")
    if PREVIEW not in draft.body:
        raise NotPreviewed(f"Look at the preview of {draft.name} before you publish it.")


def _ended(key: str, author: User, now: datetime) -> HealthModel:
    """The version of a model with which it ends, not saved yet. Raises StaleModel."""
    newest = HealthModel.objects.filter(key=key).order_by("-version").first()
    if newest is None or newest.ends or newest.state == HealthModel.State.DRAFT:
        raise StaleModel(
            "A model that is to end has a draft, or is gone already. Look at it first."
        )
    return HealthModel(
        key=key, version=newest.version + 1, name=newest.name, body=newest.body, author=author,
        saved_at=now, ends=True,
    )  # fmt: skip


def _begin(version: HealthModel, effective_on: date, author: User, now: datetime) -> None:
    """Publish one version, and say so."""
    if effective_on <= today_of_tenant(now):
        HealthModel.objects.filter(key=version.key, state=HealthModel.State.PUBLISHED).update(
            state=HealthModel.State.RETIRED
        )
    version.state = HealthModel.State.PUBLISHED
    version.effective_on, version.author, version.saved_at = effective_on, author, now
    version.save()
    trail.record(
        "health.model_published",
        actor=author,
        at=now,
        object_id=version.pk,
        name=version.name,
        version=version.version,
        effective_on=effective_on.isoformat(),
        ends=version.ends,
    )
