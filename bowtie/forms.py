"""The shape of a move and of a window of time."""

from datetime import date, timedelta
from typing import Any

from django import forms

from bowtie.models import Overlay
from bowtie.rules.gates import TICKS
from bowtie.rules.stages import Stage, is_backward


class MoveForm(forms.Form):
    """A move to one stage: the evidence its gate asks for, why it goes back, or a lead's reason."""

    to_stage = forms.ChoiceField(
        choices=[(stage.value, stage.label) for stage in Stage], widget=forms.HiddenInput
    )
    seen_stage = forms.ChoiceField(
        choices=[(stage.value, stage.label) for stage in Stage], widget=forms.HiddenInput
    )
    reason = forms.CharField(label="Why it goes back", max_length=300)
    override_reason = forms.CharField(label="Reason to go without", max_length=300, required=False)

    def __init__(
        self, before: Stage, to_stage: Stage, may_override: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ticks = TICKS.get(to_stage, {})
        self.fields["to_stage"].initial = to_stage
        self.fields["seen_stage"].initial = before
        for key, words in self.ticks.items():
            self.fields[key] = forms.BooleanField(
                label=words[0].upper() + words[1:], required=False
            )
        if not is_backward(before, to_stage):
            del self.fields["reason"]
        if not may_override:
            del self.fields["override_reason"]

    def evidence(self) -> dict[str, Any]:
        return {key: True for key in self.ticks if self.cleaned_data.get(key)}


class RevokeForm(forms.Form):
    """Why First Impact was an error."""

    reason = forms.CharField(label="What was wrong", max_length=300)


class OverlayForm(forms.Form):
    """Something that holds beside the stage, since when and why."""

    kind = forms.ChoiceField(label="What holds", choices=Overlay.Kind.choices)
    since = forms.DateField(label="Since", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why", max_length=300)


class WindowForm(forms.Form):
    """A window of days, from the query string; the last twelve months without one."""

    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError("The window must begin before it ends.")
        return cleaned

    def window(self, today: date) -> tuple[date, date]:
        """(since, until); the default where a date is missing or cannot be read."""
        given = self.cleaned_data if self.is_valid() else {}
        until = given.get("until") or today
        return given.get("since") or until - timedelta(days=365), until
