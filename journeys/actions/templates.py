"""Writes of onboarding templates: defaults, a draft, publish, out of force."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from journeys.models import OnboardingTemplate
from journeys.rules.templates import BadTemplate, read
from tenants import trail
from tenants.errors import Refused
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

State = OnboardingTemplate.State
DEFAULTS = Path(__file__).parents[1] / "defaults"
ICON = "sprout"

describe("journeys.templates_installed", "Onboarding began with its default templates", icon=ICON)
describe(
    "journeys.template_drafted",
    "{who} drafted the onboarding template {name}, version {version}",
    icon=ICON,
)
describe(
    "journeys.template_published",
    "{who} published the onboarding template {name}, version {version}",
    icon=ICON,
)
describe("journeys.template_retired", "{who} took {name} out of force", icon="pause")


class InvalidTemplate(Refused):
    """The body cannot be read; says where."""

    status = 422


class StaleTemplate(Refused):
    """Somebody saved a newer version first."""


class NotDraft(Refused):
    """Only a draft can be published."""


class NotInForce(Refused):
    """The template is out of force already."""


class TouchModelTaken(Refused):
    """Another template in force is for the same touch model."""


@transaction.atomic
def install_defaults(*, author: User | None, now: datetime) -> list[OnboardingTemplate]:
    """Publish every default template the tenant has no version of."""
    known = set(OnboardingTemplate.objects.values_list("key", flat=True))
    made = []
    for path in sorted(DEFAULTS.glob("*.json")):
        if path.stem in known:
            continue
        body = json.loads(path.read_text())
        name = body.pop("name")
        made.append(
            OnboardingTemplate(
                key=path.stem,
                version=1,
                name=name,
                state=State.PUBLISHED,
                body=read(body).as_json,
                author=author,
                saved_at=now,
            )
        )
    OnboardingTemplate.objects.bulk_create(made)
    if made:
        keys = [each.key for each in made]
        trail.record("journeys.templates_installed", at=now, actor=author, keys=keys)
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
) -> OnboardingTemplate:
    """Keep a body as the draft of a template, under the next number.

    seen_version: the newest version the author saw, 0 where there was none. Raises
    InvalidTemplate, StaleTemplate.
    """
    try:
        whole = read(body).as_json
    except BadTemplate as error:
        raise InvalidTemplate(str(error)) from error
    hold("onboarding template", key)
    newest = (
        OnboardingTemplate.objects.select_for_update().filter(key=key).order_by("-version").first()
    )
    if seen_version is not None and (newest.version if newest else 0) != seen_version:
        raise StaleTemplate("Somebody saved this template meanwhile. Look at their version first.")
    if newest is not None and newest.state == State.DRAFT:
        draft = newest
        draft.name, draft.body, draft.author, draft.saved_at = name, whole, author, now
        draft.version += 1
        draft.save(update_fields=["name", "body", "author", "saved_at", "version"])
    else:
        draft = OnboardingTemplate.objects.create(
            key=key,
            version=(newest.version if newest else 0) + 1,
            name=name,
            state=State.DRAFT,
            body=whole,
            author=author,
            saved_at=now,
        )
    _tell("journeys.template_drafted", draft, author, now)
    return draft


@transaction.atomic
def publish(
    *,
    template: OnboardingTemplate,
    author: User | None,
    now: datetime,
    seen_version: int | None = None,
) -> OnboardingTemplate:
    """Put a draft in force; the version before is kept as retired. Open plans go on by theirs.

    Raises NotDraft, StaleTemplate, TouchModelTaken.
    """
    hold("onboarding templates", "in force")
    locked = OnboardingTemplate.objects.select_for_update().get(pk=template.pk)
    if locked.state != State.DRAFT:
        raise NotDraft(f"Version {locked.version} of {locked.name} is not a draft.")
    if seen_version not in (None, locked.version):
        raise StaleTemplate("Somebody saved this draft meanwhile. Look at it before it is on.")
    published = OnboardingTemplate.objects.filter(state=State.PUBLISHED)
    mine = set(read(locked.body).touch_models)
    for other in published.exclude(key=locked.key):
        if taken := sorted(mine & set(read(other.body).touch_models)):
            raise TouchModelTaken(f"{other.name} is in force for {', '.join(taken)} touch already.")
    published.filter(key=locked.key).update(state=State.RETIRED)
    locked.state, locked.saved_at, locked.author = State.PUBLISHED, now, author
    locked.save(update_fields=["state", "saved_at", "author"])
    _tell("journeys.template_published", locked, author, now)
    return locked


@transaction.atomic
def retire(*, key: str, author: User | None, now: datetime) -> OnboardingTemplate:
    """Take a template out of force: no new plan begins by it. Raises NotInForce."""
    held = OnboardingTemplate.objects.select_for_update()
    found = held.filter(key=key, state=State.PUBLISHED).first()
    if found is None:
        raise NotInForce("This template is out of force already.")
    found.state = State.RETIRED
    found.save(update_fields=["state"])
    _tell("journeys.template_retired", found, author, now)
    return found


def _tell(verb: str, template: OnboardingTemplate, author: User | None, now: datetime) -> None:
    trail.record(
        verb,
        at=now,
        actor=author,
        object_id=template.pk,
        key=template.key,
        name=template.name,
        version=template.version,
    )
