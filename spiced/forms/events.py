"""Dates that matter as people enter, move, confirm and close them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import Contact
from spiced.forms.elements import date_input, people
from spiced.rules.elements import CONSEQUENCES, OPERATORS
from spiced.rules.events import ENDINGS
from tenants.formats import exponent


class ConsequenceForm(forms.Form):
    """What happens if a date passes, what it costs, and who suffers it."""

    beside = (("operator", "value", "expected_on"), ("consequence_kind", "amount"))

    consequence = forms.CharField(
        label="What happens if it passes", max_length=500, widget=forms.Textarea({"rows": 3})
    )
    consequence_kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "Not known"), *((each, each.capitalize()) for each in CONSEQUENCES)],
    )
    amount = forms.DecimalField(min_value=Decimal(0), max_digits=13, required=False)
    sufferer = forms.ChoiceField(label="Who suffers", required=False)
    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, contacts: list[Contact], currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.contacts = {str(contact.pk): contact for contact in contacts}
        self.fields["amount"] = forms.DecimalField(
            label=f"What it costs, {currency}",
            min_value=Decimal(0),
            max_digits=13,
            decimal_places=exponent(currency),
            required=False,
        )
        choices = [("", "Nobody named"), *people(contacts)]
        self.fields["sufferer"].choices = choices  # type: ignore[attr-defined]

    def rows(self) -> list[list[BoundField]]:
        """The fields by line: some belong beside each other."""
        found: list[list[BoundField]] = []
        for field in self.visible_fields():
            group = next((each for each in self.beside if field.name in each), ())
            if found and found[-1][0].name in group:
                found[-1].append(field)
            else:
                found.append([field])
        return found

    def wanted(self) -> dict[str, Any]:
        """What changing an event takes."""
        seen = self.cleaned_data["seen"]
        return {"given": self.said(), "seen": seen}

    def said(self) -> dict[str, Any]:
        """What was entered, as an event holds it."""
        found = {key: value for key, value in self.cleaned_data.items() if key != "seen"}
        amount = found.pop("amount")
        return found | {
            "amount_minor": None if amount is None else int(amount * 10 ** exponent(self.currency)),
            "sufferer": self.contacts.get(found["sufferer"]),
        }


class EventForm(ConsequenceForm):
    """A date that matters, or a condition that is reached; the consequence may come later."""

    is_never_whole = True  # a date or a condition, so that neither is marked as optional
    statement = forms.CharField(label="What must be true", max_length=300)
    on = forms.DateField(label="Date", required=False, widget=date_input())
    condition = forms.CharField(
        label="Or condition",
        max_length=200,
        required=False,
        help_text="What is counted, where no date is.",
    )
    operator = forms.ChoiceField(
        label="Reaches",
        required=False,
        choices=[("", "Not known"), *((each, each) for each in OPERATORS)],
    )
    value = forms.FloatField(required=False)
    expected_on = forms.DateField(label="Expected", required=False, widget=date_input())
    field_order = ("statement", "on", "condition", "operator", "value", "expected_on")

    def __init__(
        self, contacts: list[Contact], currency: str, today: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(contacts, currency, *args, **kwargs)
        self.today = today
        del self.fields["seen"]
        self.fields["consequence"].required = False

    def wanted(self) -> dict[str, Any]:
        """What saving an event takes."""
        return self.said()

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("on", "expected_on"):
            if (day := found.get(name)) is not None and day < self.today:
                self.add_error(name, "This date has passed.")
        if found.get("on") is None and found.get("condition"):
            for name in ("operator", "value", "expected_on"):
                if found.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, "A condition needs this.")
        return found


class ConfirmEventForm(forms.Form):
    """Who at the account said that date and consequence are right, and when."""

    confirmed_by = forms.ChoiceField(label="Confirmed by")
    confirmed_on = forms.DateField(label="On", widget=date_input())

    def __init__(self, contacts: list[Contact], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["confirmed_by"].choices = choices  # type: ignore[attr-defined]
        self.fields["confirmed_on"].initial = today

    def clean_confirmed_on(self) -> date:
        on: date = self.cleaned_data["confirmed_on"]
        if on > self.today:
            raise forms.ValidationError("This has not happened yet.")
        return on

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"confirmed_by": self.contacts[found["confirmed_by"]]}


class MoveForm(forms.Form):
    """Where to a date moved, and why."""

    on = forms.DateField(label="New date", widget=date_input())
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    seen_moves = forms.IntegerField(min_value=0, max_value=30_000, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)


class CloseForm(forms.Form):
    """How a date that matters ended, and why."""

    status = forms.ChoiceField(
        label="How it ended",
        choices=[(key, words.capitalize()) for key, words in ENDINGS.items()],
    )
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        return dict(self.cleaned_data)
