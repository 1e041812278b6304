"""What people enter about tasks and running plays."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms

from charter.rules.calendar import Calendar
from plays.models import Play
from plays.rules.bodies import KINDS, MOST_MINUTES
from tenants.models import Membership

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(forms.Form):
    """For which day a task is planned; none takes it off the plan."""

    on = forms.DateField(required=False)


class SnoozeForm(forms.Form):
    """Until when, and why: a working day ahead by its button, or a date."""

    PRESETS = {1: "Tomorrow", 3: "In three days", 5: "In a week", 10: "In two weeks"}

    until = forms.DateField(label="Or until", required=False, widget=DATE)
    reason = forms.CharField(label="Reason", max_length=200, required=False)
    days = forms.TypedChoiceField(
        choices=list(PRESETS.items()), coerce=int, required=False, empty_value=None
    )
    version = forms.IntegerField(required=False)

    def __init__(self, calendar: Calendar, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar, self.today = calendar, today
        self.fields["until"].widget.attrs["min"] = today.isoformat()

    def presets(self) -> list[tuple[int, str, date]]:
        """(working days, words, the day they lead to)."""
        return [
            (n, words, self.calendar.add_days(self.today, n)) for n, words in self.PRESETS.items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("days") and not cleaned.get("until") and not self.errors:
            self.add_error("until", "Choose a day.")
        if (until := cleaned.get("until")) and until <= self.today:
            self.add_error("until", "Choose a day to come.")
        return cleaned

    def moment(self) -> datetime:
        """When business opens on the chosen day."""
        days = self.cleaned_data.get("days")
        day = self.calendar.add_days(self.today, days) if days else self.cleaned_data["until"]
        return datetime.combine(day, self.calendar.opens, self.calendar.zone)


class TaskForm(forms.Form):
    """A task on its own."""

    title = forms.CharField(label="What is to be done", max_length=200)
    owner = forms.ChoiceField(label="Who", required=False)
    due_on = forms.DateField(label="By", required=False, widget=DATE)
    planned_on = forms.DateField(label="Plan it for", required=False, widget=DATE)
    kind = forms.ChoiceField(choices=list(KINDS.items()), initial="task")
    minutes = forms.IntegerField(min_value=1, max_value=MOST_MINUTES, initial=20)
    reason = forms.CharField(label="Why", max_length=300, required=False)
    is_reactive = forms.BooleanField(label="Something happened that we must answer", required=False)

    def __init__(self, people: Iterable[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(person.user_id), str(person.user)) for person in people]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]

    def owner_id(self) -> UUID | None:
        return UUID(self.cleaned_data["owner"]) if self.cleaned_data["owner"] else None

    def due_at(self, calendar: Calendar) -> datetime | None:
        """Close of business on the day it is due."""
        on = self.cleaned_data["due_on"]
        return datetime.combine(on, calendar.closes, calendar.zone) if on else None


class ChosenTaskForm(TaskForm):
    """One task for many accounts, by default for whoever owns each."""

    def __init__(self, people: Iterable[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(people, *args, **kwargs)
        del self.fields["planned_on"]
        owner: Any = self.fields["owner"]
        owner.choices = [("", "Whoever owns the account"), *owner.choices]


class OwnerForm(forms.Form):
    """Who takes a task over."""

    owner = forms.ChoiceField(label="Who")

    def __init__(self, people: Iterable[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(person.user_id), str(person.user)) for person in people]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]


class DismissForm(forms.Form):
    """Why a play does not fit."""

    reason = forms.CharField(
        label="Why it does not fit",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Many dismissals of one play show that its condition is wrong.",
    )


class StartForm(forms.Form):
    """Which play to start by hand."""

    play = forms.ChoiceField()

    def __init__(self, plays: Iterable[Play], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(play.pk), play.name) for play in plays]
        self.fields["play"].choices = choices  # type: ignore[attr-defined]
