"""A play as a whole: its conditions, its steps, its times."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms

from plays.rules.bodies import (
    KINDS,
    LONGEST_BECAUSE,
    LONGEST_DAYS,
    LONGEST_HOURS,
    MOST_MINUTES,
    MOST_STEPS,
    OWNERS,
)
from plays.rules.sentences import PRIORITIES


class WholePlayForm(forms.Form):
    """A play as a whole: its conditions in rows, its steps in rows, its times.

    conditions: a field for each of PLACES, made by who knows the language of conditions.
    """

    PLACES = (
        ("when", "Starts when"),
        ("scope", "Only where"),
        ("suppress_if", "Held back while"),
        ("success", "Has worked when"),
    )
    STEP = ("title", "owner", "kind", "due_hours", "minutes", "has_clock")
    BLANK = 2  # empty rows for more steps

    seen_version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    name = forms.CharField(max_length=120)
    key = forms.SlugField(max_length=40, help_text="Its name in the API; it stays.")
    because = forms.CharField(
        label="Why it started, in words",
        max_length=LONGEST_BECAUSE,
        required=False,
        help_text="May name measures: Latest NPS answer is {nps_last}.",
    )
    priority = forms.TypedChoiceField(
        choices=[(n, f"{n}, {words.lower()}") for n, words in PRIORITIES.items()], coerce=int
    )
    first_action_hours = forms.FloatField(
        label="First action within, business hours", min_value=0, max_value=LONGEST_HOURS
    )
    cooldown_days = forms.IntegerField(
        label="Rests after closing, days", min_value=0, max_value=LONGEST_DAYS
    )
    within_days = forms.IntegerField(
        label="Given up after, days", min_value=1, max_value=LONGEST_DAYS
    )
    is_proactive = forms.BooleanField(label="Counts as work we begin ourselves", required=False)
    yields_to = forms.MultipleChoiceField(
        label="Waits while one of these is open",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        body: Mapping[str, Any],
        *args: Any,
        conditions: Mapping[str, forms.Field],
        others: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = _entered(body) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        for place, label in self.PLACES:
            field = conditions[place]
            field.label, field.required = label, place == "when"
            field.initial = self.initial.get(place)
            self.fields[place] = field
        named = {key for key, _ in others}
        gone = [(key, key) for key in body.get("yields_to", ()) if key not in named]
        cast(forms.MultipleChoiceField, self.fields["yields_to"]).choices = [*others, *gone]
        self.rows = min(len(body["steps"]) + self.BLANK, MOST_STEPS)
        for at in range(self.rows):
            self._step(at, body["steps"][at] if at < len(body["steps"]) else {})

    def _step(self, at: int, step: Mapping[str, Any]) -> None:
        label = f"Step {at + 1}"
        self.fields |= {
            f"step-{at}-title": forms.CharField(label=label, max_length=200, required=False),
            f"step-{at}-owner": forms.ChoiceField(
                label=f"{label}: who", choices=list(OWNERS.items()), required=False
            ),
            f"step-{at}-kind": forms.ChoiceField(
                label=f"{label}: what kind", choices=list(KINDS.items()), required=False
            ),
            f"step-{at}-due_hours": forms.FloatField(
                label=f"{label}: due after, business hours",
                min_value=0,
                max_value=LONGEST_HOURS,
                required=False,
            ),
            f"step-{at}-minutes": forms.IntegerField(
                label=f"{label}: minutes", min_value=1, max_value=MOST_MINUTES, required=False
            ),
            f"step-{at}-has_clock": forms.BooleanField(label=f"{label}: promised", required=False),
        }
        for name in self.STEP:
            self.initial[f"step-{at}-{name}"] = step.get(name, NEW_STEP.get(name))

    @property
    def about(self) -> list[forms.BoundField]:
        """The fields above the conditions."""
        return [self[name] for name in ("name", "key", "because", "priority")]

    @property
    def times(self) -> list[forms.BoundField]:
        """The fields below the steps."""
        names = ("first_action_hours", "cooldown_days", "within_days", "is_proactive")
        return [self[name] for name in names]

    @property
    def stated(self) -> list[forms.BoundField]:
        return [self[place] for place, _ in self.PLACES]

    @property
    def steps(self) -> list[list[forms.BoundField]]:
        """The fields of each step, in the order of STEP."""
        return [[self[f"step-{at}-{name}"] for name in self.STEP] for at in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        """Say at a step what it lacks."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for at in range(self.rows):
            if not given.get(f"step-{at}-title"):
                continue
            for name in ("due_hours", "minutes"):
                place = f"step-{at}-{name}"
                if given.get(place) is None and place not in self.errors:
                    self.add_error(place, "Enter a number.")
        if not any(given.get(f"step-{at}-title") for at in range(self.rows)):
            self.add_error("step-0-title", "A play has at least one step.")
        return given

    def to_body(self) -> dict[str, Any]:
        """The body with what was entered; a step without a title is left out."""
        given = self.cleaned_data
        names = ("when", "priority", "first_action_hours", "cooldown_days", "is_proactive")
        body = {name: given[name] for name in names}
        body |= {
            name: given[name]
            for name in ("scope", "suppress_if", "yields_to", "because")
            if given[name]
        }
        body["steps"] = [
            {name: given[f"step-{at}-{name}"] for name in self.STEP if given[f"step-{at}-{name}"]
             or name != "has_clock"}
            for at in range(self.rows)
            if given[f"step-{at}-title"]
        ]  # fmt: skip
        success = {"when": given["success"]} if given["success"] else {}
        return body | {"success": success | {"within_days": given["within_days"]}}


NEW_STEP: dict[str, Any] = {"owner": "csm", "kind": "task", "due_hours": 16, "minutes": 15}


def _entered(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body gives the fields."""
    success = body.get("success") or {}
    found = {name: body[name] for name in body if name not in ("steps", "success")}
    return found | {
        "success": success.get("when"),
        "within_days": success.get("within_days", LONGEST_DAYS),
    }
