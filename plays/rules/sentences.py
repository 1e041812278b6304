"""A play in words, as one would tell it to a colleague."""

from dataclasses import dataclass

from health.rules.sentences import phrase
from plays.rules.bodies import KINDS, OWNERS, Body, Step
from tenants.formats import inside, joined, plural

PRIORITIES = {1: "Urgent", 2: "Risk", 3: "Adoption", 4: "Opportunity"}


@dataclass(frozen=True)
class StepWords:
    """A step as it is shown."""

    title: str
    note: str


def sentence(body: Body, names: dict[str, str] | None = None) -> str:
    """When a play starts, for whom, and unless what, in one sentence."""
    words = f"When {phrase(body.when, names)}"
    if body.scope is not None:
        words += f", where {phrase(body.scope, names)}"
    if body.suppress_if is not None:
        words += f", unless {phrase(body.suppress_if, names)}"
    steps = [inside(step.title) for step in body.steps[:2]]
    more = len(body.steps) - len(steps)
    return f"{words}: {joined([*steps, plural(more, 'more step')] if more else steps)}."


def worked(body: Body, names: dict[str, str] | None = None) -> str:
    """When a play has worked, and when it is given up."""
    if body.success is None:
        return f"It has worked when every step is done, within {plural(body.success_days, 'day')}."
    return (
        f"It has worked when {phrase(body.success, names)}, "
        f"within {plural(body.success_days, 'day')}."
    )


def pace(body: Body) -> str:
    """The promised first action and how long the play then rests."""
    rest = (
        f"Not again for {plural(body.cooldown_days, 'day')} after it closes."
        if body.cooldown_days
        else "May start again as soon as it has closed."
    )
    return f"First action within {hours(body.first_action_hours)}. {rest}"


def step_words(step: Step) -> StepWords:
    when = "at once" if not step.due_hours else f"within {hours(step.due_hours)}"
    note = f"{OWNERS[step.owner]} · {KINDS[step.kind]} · {when} · {step.minutes} min"
    return StepWords(step.title, note)


def hours(value: float) -> str:
    return f"{value:g} business hour{'' if value == 1 else 's'}"
