"""Goals and their measurements as people enter them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Contact
from spiced.forms.elements import date_input, people
from tenants.formats import exponent


class RationalGoalForm(forms.Form):
    """What gets better for the business."""

    statement = forms.CharField(label="What gets better", max_length=500)
    measure = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=20)
    baseline = forms.FloatField(label="From")
    target = forms.FloatField(label="To")
    deadline_on = forms.DateField(label="By", widget=date_input())
    unit_value = forms.DecimalField(
        label="Worth of one unit a year", min_value=Decimal(0), max_digits=13, required=False
    )

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["unit_value"].label = f"Worth of one unit a year, {currency}"

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        value = found.pop("unit_value")
        found["unit_value_minor"] = (
            None if value is None else int(value * 10 ** exponent(self.currency))
        )
        return found


class EmotionalGoalForm(forms.Form):
    """What gets better for a person."""

    person = forms.ChoiceField(label="Whose")
    statement = forms.CharField(
        label="In their words", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, contacts: list[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"person": self.contacts[found["person"]]}


class MeasurementForm(forms.Form):
    """A goal's value on a day, with what shows it."""

    value = forms.FloatField()
    measured_on = forms.DateField(label="Measured on", widget=date_input())
    evidence = forms.CharField(
        max_length=500, required=False, help_text="Where the number comes from."
    )
    confirmed_by = forms.ChoiceField(label="Confirmed by", required=False)

    def __init__(
        self, contacts: list[Contact], today: date, unit: str, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.contacts = {str(contact.pk): contact for contact in contacts}
        self.fields["value"].label = f"Value, {unit}" if unit else "Value"
        self.fields["measured_on"].initial = today
        choices = [("", "Nobody yet"), *people(contacts)]
        self.fields["confirmed_by"].choices = choices  # type: ignore[attr-defined]

    def clean_measured_on(self) -> date:
        on: date = self.cleaned_data["measured_on"]
        if on > self.today:
            raise forms.ValidationError("This has not happened yet.")
        return on

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"confirmed_by": self.contacts.get(found["confirmed_by"])}


class ConfirmedByForm(forms.Form):
    """Who at the account confirmed a measurement."""

    confirmed_by = forms.ChoiceField(label="Confirmed by")

    def __init__(self, contacts: list[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["confirmed_by"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        return {"confirmed_by": self.contacts[self.cleaned_data["confirmed_by"]]}


class RetireForm(forms.Form):
    """Why a goal no longer matters."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)
