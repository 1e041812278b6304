"""What is published: which saving was looked at, from which day, and together with what."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from health.models import HealthModel


class LookedForm(forms.Form):
    """Which saving of a draft was looked at."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PublishForm(LookedForm):
    """The day from which a draft scores, other drafts that begin with it, models that end."""

    effective_on = forms.DateField(
        label="Scores from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Today or later; past scores stay as they were",
    )
    together = forms.MultipleChoiceField(
        label="Together with",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Drafts that begin on the same day, where one takes over what another leaves.",
    )
    ending = forms.MultipleChoiceField(
        label="And end",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Models that score nobody from that day on.",
    )

    def __init__(
        self,
        *args: Any,
        others: Mapping[str, HealthModel] | None = None,
        in_force: Mapping[str, HealthModel] | None = None,
        **kwargs: Any,
    ) -> None:
        """others: drafts of other models by key; in_force: other models without a draft."""
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("together", [(f"{key}:{each.version}", each.name)
                          for key, each in (others or {}).items()]),
            ("ending", [(key, each.name) for key, each in (in_force or {}).items()]),
        ):  # fmt: skip
            if choices:
                cast(forms.MultipleChoiceField, self.fields[name]).choices = choices
            else:
                del self.fields[name]

    @property
    def chosen_together(self) -> dict[str, int]:
        """Of a valid form: which saving of which other draft."""
        pairs = (each.rpartition(":") for each in self.cleaned_data.get("together", []))
        return {key: int(version) for key, _, version in pairs}


class SegmentForm(forms.Form):
    """The segment a model of its own is made for."""

    segment = forms.ChoiceField(label="Segment")

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"] = forms.ChoiceField(label="Segment", choices=choices)
