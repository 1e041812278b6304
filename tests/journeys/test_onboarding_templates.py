"""Templates of onboardings: drafted, published, retired, one for a touch model."""

import pytest

from journeys.actions.templates import (
    InvalidTemplate,
    NotDraft,
    NotInForce,
    StaleTemplate,
    TouchModelTaken,
    publish,
    retire,
    save_draft,
)
from journeys.models import OnboardingTemplate
from journeys.queries.templates import template_for
from tests.journeys.onboarded import LATER, Begun

pytestmark = pytest.mark.django_db


def test_a_template_is_drafted_published_and_retired_while_open_plans_go_on(begun: Begun):
    old = begun.onboarding.template
    body = old.body | {"tasks": old.body["tasks"][1:]}
    with pytest.raises(InvalidTemplate, match="handoff_accepted"):
        save_draft(key=old.key, name="Low", body=body, author=None, now=LATER)
    for task in body["tasks"]:
        task["after"] = [key for key in task["after"] if key != "handoff_accepted"]
    with pytest.raises(StaleTemplate):
        save_draft(key=old.key, name="Low", body=body, author=None, now=LATER, seen_version=7)
    draft = save_draft(key=old.key, name="Low", body=body, author=None, now=LATER, seen_version=1)
    assert template_for("low") == old
    with pytest.raises(StaleTemplate):
        publish(template=draft, author=None, now=LATER, seen_version=1)
    publish(template=draft, author=None, now=LATER, seen_version=2)
    assert template_for("low") == draft
    with pytest.raises(NotDraft):
        publish(template=draft, author=None, now=LATER)
    assert begun.task("handoff_accepted").state == "done"  # a plan keeps what it began with
    retire(key=old.key, author=None, now=LATER)
    assert template_for("low") is None
    with pytest.raises(NotInForce):
        retire(key=old.key, author=None, now=LATER)


def test_one_template_is_in_force_for_a_touch_model(begun: Begun):
    body = begun.onboarding.template.body
    draft = save_draft(key="other", name="Other", body=body, author=None, now=LATER)
    with pytest.raises(TouchModelTaken, match="low, tech"):
        publish(template=draft, author=None, now=LATER)
    assert OnboardingTemplate.objects.filter(state="published").count() == 3
