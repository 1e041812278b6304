"""A person's own score."""

from datetime import date, timedelta
from typing import Any

from django import forms

LONGEST_DAYS = 30


class SinceForm(forms.Form):
    """A day to look back to."""

    since = forms.DateField(required=False)


class OverrideForm(forms.Form):
    """A person's own score, why, and until when."""

    score = forms.FloatField(label="Score", min_value=0, max_value=100, help_text="0 to 100")
    reason = forms.CharField(
        label="Reason", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    expires_on = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day it counts, 30 days from now at most",
    )

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["expires_on"].initial = today + timedelta(days=14)

    def clean_expires_on(self) -> date:
        chosen: date = self.cleaned_data["expires_on"]
        if not self.today <= chosen < self.today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError("Choose a day within 30 days from today.")
        return chosen
