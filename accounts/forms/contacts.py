"""A person at an account, and that somebody left."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import Contact
from accounts.rules.people import ROLES


class ContactForm(forms.Form):
    """A person at an account. version: the one the author had before him."""

    name = forms.CharField(max_length=200)
    title = forms.CharField(label="Job title", max_length=120, required=False)
    email = forms.EmailField(label="E-mail", max_length=254, required=False)
    roles = forms.MultipleChoiceField(
        choices=list(ROLES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    stance = forms.ChoiceField(choices=[("", "Not known"), *Contact.Stance.choices], required=False)
    influence = forms.IntegerField(min_value=1, max_value=5, required=False, help_text="1 to 5.")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"seen_version": found.pop("version")}


class DepartureForm(forms.Form):
    """The day a person left."""

    on = forms.DateField(
        label="Left on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["on"].initial = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("This has not happened yet.")
        return on
