"""The shape of a move and of a window of time."""

from datetime import date, timedelta
from typing import Any

from django import forms

from bowtie.rules.stages import GO_LIVE, Stage


class MoveForm(forms.Form):
    """A move to one stage: the evidence its gate asks for, and a lead's reason to go without."""

    to_stage = forms.ChoiceField(
        choices=[(stage.value, stage.label) for stage in Stage], widget=forms.HiddenInput
    )
    override_reason = forms.CharField(label="Reason to go without", max_length=300, required=False)

    def __init__(self, to_stage: Stage, may_override: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_stage"].initial = to_stage
        if to_stage is Stage.LIVE:
            for key, words in GO_LIVE.items():
                self.fields[key] = forms.BooleanField(
                    label=words[0].upper() + words[1:], required=False
                )
        if not may_override:
            del self.fields["override_reason"]

    def evidence(self) -> dict[str, Any]:
        return {key: True for key in GO_LIVE if self.cleaned_data.get(key)}


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
