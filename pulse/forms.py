"""What people say about a contact they had."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Contact
from accounts.rules.fields import MOST_TEXT
from pulse.models import Activity, HabitNorm
from pulse.rules.activities import KINDS
from pulse.rules.habit import MOST_WEEKLY

INITIATORS = [
    (Activity.Initiator.PROACTIVE.value, "We did, on our own"),
    (Activity.Initiator.REACTIVE.value, "We did, to answer something"),
    (Activity.Initiator.CUSTOMER.value, "The account did"),
]


class ActivityForm(forms.Form):
    """A contact: what kind, what for, what came of it, with whom."""

    kind = forms.ChoiceField(choices=list(KINDS.items()), initial="call")
    purpose = forms.CharField(label="What it was for", max_length=200)
    outcome = forms.CharField(
        label="What the account got from it",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    contacts = forms.MultipleChoiceField(
        label="With", required=False, widget=forms.CheckboxSelectMultiple
    )
    is_two_way = forms.BooleanField(
        label="They answered or took part", required=False, initial=True
    )
    initiator = forms.ChoiceField(label="Who began", choices=INITIATORS)
    on = forms.DateField(
        label="When", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    minutes = forms.IntegerField(min_value=1, max_value=600, required=False)
    notes = forms.CharField(
        max_length=MOST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, people: Iterable[Contact], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.today = today
        self.fields["contacts"].choices = [  # type: ignore[attr-defined]
            (pk, f"{person.name}, {person.title}" if person.title else person.name)
            for pk, person in self.people.items()
        ]
        if not self.people:
            del self.fields["contacts"]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("This has not happened yet.")
        return on

    def moment(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Now for today, noon for a day before."""
        on = self.cleaned_data["on"]
        return now if on == self.today else datetime.combine(on, time(12), zone)

    def chosen(self) -> list[Contact]:
        return [self.people[pk] for pk in self.cleaned_data.get("contacts", [])]


class NormForm(forms.Form):
    """What is agreed to be a habit, with whom and when."""

    weekly = forms.IntegerField(
        label="Uses of core features a week", min_value=1, max_value=MOST_WEEKLY,
        help_text="A week counts as habit from half of that.",
    )  # fmt: skip
    agreed_by = forms.ChoiceField(label="Agreed with")
    agreed_on = forms.DateField(
        label="On", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, people: Iterable[Contact], norm: HabitNorm | None, today: date, data: Any
    ) -> None:
        weekly = norm.weekly if norm else None
        super().__init__(data, initial={"agreed_on": today, "weekly": weekly})
        self.people = {str(person.pk): person for person in people}
        self.fields["agreed_by"].choices = [  # type: ignore[attr-defined]
            (pk, person.name) for pk, person in self.people.items()
        ]
        if not self.people:
            self.fields["agreed_by"].help_text = "The account has no contact yet. Add one first."

    def wanted(self) -> dict[str, Any]:
        """What the action is told."""
        got = self.cleaned_data
        return got | {"agreed_by": self.people[got["agreed_by"]]}
