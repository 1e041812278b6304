"""Conditions as people read them; built in, so that no template loads it."""

from typing import Any

from django import template

from health.rules.conditions import BadCondition, parse
from health.rules.sentences import sentence

register = template.Library()


@register.filter
def condition_sentence(condition: Any) -> str:
    """{{ segment.condition|condition_sentence }}: "ARR is at least 100,000"."""
    try:
        return sentence(parse(condition))
    except BadCondition as error:
        return f"Cannot be read: {error}"
