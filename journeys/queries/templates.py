"""Reads of onboarding templates: what is in force, and versions."""

from django.db.models import QuerySet

from journeys.models import OnboardingTemplate
from journeys.rules.templates import TemplateBody, read

State = OnboardingTemplate.State


def in_force() -> QuerySet[OnboardingTemplate]:
    """The published templates by name."""
    return OnboardingTemplate.objects.filter(state=State.PUBLISHED).order_by("name", "pk")


def lacking() -> str:
    """What keeps every onboarding from beginning: “any” template, one “in force”, or nothing.

    At most two queries.
    """
    if in_force().exists():
        return ""
    return "in force" if OnboardingTemplate.objects.exists() else "any"


def template_for(touch_model: str) -> OnboardingTemplate | None:
    """The published template of a touch model; None where none is. One query."""
    fits = [each for each in in_force() if touch_model in read(each.body).touch_models]
    return fits[0] if fits else None


def latest() -> list[OnboardingTemplate]:
    """One version of each template: the published one, else the newest. One query."""
    chosen: dict[str, OnboardingTemplate] = {}
    for each in OnboardingTemplate.objects.order_by("key", "-version"):
        held = chosen.get(each.key)
        if held is None or (each.state == State.PUBLISHED and held.state != each.state):
            chosen[each.key] = each
    return list(chosen.values())


def versions(key: str) -> list[OnboardingTemplate]:
    """All versions of a template, newest first. One query."""
    found = OnboardingTemplate.objects.filter(key=key).select_related("author")
    return list(found.order_by("-version"))


def body_of(template: OnboardingTemplate) -> TemplateBody:
    return read(template.body)
