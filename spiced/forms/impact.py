"""Goals and their measurements as people enter them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Contact
from spiced.forms.elements import date_input, people
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.impact import AGREEMENT_TARGET, MEASURE_EVERY_DAYS
from tenants.formats import exponent

CHANNELS = [
    ("", "Not said"),
    *(each for each in ImpactMeasurement.Channel.choices if each[0] != "page"),
]


class GoalForm(forms.Form):
    """What every goal has: when it began, and how and how often it is measured."""

    NOTE_SAYS: tuple[str, ...] = ()

    baseline_on = forms.DateField(
        label="Baseline of",
        required=False,
        widget=date_input(),
        help_text="The day it stood so; today where nothing is said.",
    )
    method = forms.CharField(label="How it is measured", max_length=300, required=False)
    measure_every_days = forms.IntegerField(
        label="Measured every (days)",
        min_value=1,
        max_value=730,
        initial=MEASURE_EVERY_DAYS,
        required=False,
    )
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def narrow(self) -> None:
        """Leave out what the SPICED note says of the goal: that is changed there."""
        for name in self.NOTE_SAYS:
            del self.fields[name]

    def wanted(self) -> dict[str, Any]:
        """What setting a goal takes."""
        found = {key: value for key, value in self.cleaned_data.items() if key != "seen"}
        every = found.pop("measure_every_days") or MEASURE_EVERY_DAYS
        return found | {"measure_every_days": every}

    def changed(self) -> dict[str, Any]:
        """What changing a goal takes."""
        return {"given": self.wanted(), "seen": self.cleaned_data["seen"]}


class RationalGoalForm(GoalForm):
    """What gets better for the business."""

    NOTE_SAYS = ("statement", "measure", "unit", "baseline", "target", "deadline_on")

    statement = forms.CharField(label="What gets better", max_length=500)
    category = forms.ChoiceField(
        required=False, choices=[("", "Not said"), *ImpactGoal.Category.choices]
    )
    measure = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=20)
    baseline = forms.FloatField(label="From")
    target = forms.FloatField(label="To")
    deadline_on = forms.DateField(label="By", widget=date_input())
    unit_value = forms.DecimalField(min_value=Decimal(0), max_digits=13, required=False)
    field_order = (
        *("statement", "category", "measure", "unit", "baseline", "baseline_on", "target"),
        *("deadline_on", "unit_value", "method", "measure_every_days"),
    )

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["unit_value"].label = f"Worth of one unit a year, {currency}"

    def wanted(self) -> dict[str, Any]:
        """What setting a goal takes."""
        found = super().wanted()
        value = found.pop("unit_value")
        found["unit_value_minor"] = (
            None if value is None else int(value * 10 ** exponent(self.currency))
        )
        return found

    @classmethod
    def held(cls, goal: ImpactGoal, currency: str) -> dict[str, Any]:
        """What a goal holds, as the form shows it."""
        worth = goal.unit_value_minor
        shown = {name: getattr(goal, name) for name in cls.base_fields if hasattr(goal, name)}
        shown["unit_value"] = None if worth is None else Decimal(worth) / 10 ** exponent(currency)
        return shown | {"seen": goal.recorded_at.isoformat()}


class EmotionalGoalForm(GoalForm):
    """What gets better for a person."""

    NOTE_SAYS = ("person", "statement")

    person = forms.ChoiceField(label="Whose")
    statement = forms.CharField(
        label="In their words", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    target = forms.FloatField(
        label="Agreement to reach, 2 to 5",
        min_value=2,
        max_value=5,
        initial=AGREEMENT_TARGET,
        required=False,
    )
    deadline_on = forms.DateField(label="By", required=False, widget=date_input())
    field_order = ("person", "statement", "target", "deadline_on", "baseline_on", "method")

    def __init__(self, contacts: list[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What setting a goal takes."""
        found = super().wanted()
        target = found.pop("target")
        found["target"] = AGREEMENT_TARGET if target is None else target
        if "person" in found:
            found["person"] = self.contacts[found["person"]]
        return found

    @classmethod
    def held(cls, goal: ImpactGoal) -> dict[str, Any]:
        """What a goal holds, as the form shows it."""
        shown = {name: getattr(goal, name) for name in cls.base_fields if hasattr(goal, name)}
        return shown | {"person": str(goal.person_id or ""), "seen": goal.recorded_at.isoformat()}


class MeasurementForm(forms.Form):
    """A goal's value on a day, with what shows it."""

    value = forms.FloatField()
    measured_on = forms.DateField(label="Measured on", widget=date_input())
    evidence = forms.CharField(
        max_length=500, required=False, help_text="Where the number comes from."
    )
    confirmed_by = forms.ChoiceField(label="Confirmed by", required=False)
    channel = forms.ChoiceField(label="How they told us", required=False, choices=CHANNELS)

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
    channel = forms.ChoiceField(label="How they told us", required=False, choices=CHANNELS)

    def __init__(self, contacts: list[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["confirmed_by"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"confirmed_by": self.contacts[found["confirmed_by"]]}


class RetireForm(forms.Form):
    """Why a goal no longer matters."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)
