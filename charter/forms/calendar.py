"""The business calendar: opening hours, working days, closed days."""

from datetime import date

from django import forms

from charter.forms.chapter import Body, ChapterForm

DAYS = [(str(n), day) for n, day in enumerate(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])]

LONGEST_LIST = 20_000  # some four hundred days with their names


class CalendarForm(ChapterForm):
    def add_fields(self) -> None:
        time_input = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self.fields["opens"] = forms.TimeField(initial=self.body["opens"], widget=time_input)
        self.fields["closes"] = forms.TimeField(initial=self.body["closes"], widget=time_input)
        self.fields["weekdays"] = forms.MultipleChoiceField(
            label="Working days",
            help_text="Promised business hours run on these days only.",
            choices=DAYS,
            initial=[str(day) for day in self.body["weekdays"]],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["holidays"] = forms.CharField(
            max_length=LONGEST_LIST,
            required=False,
            help_text="One a line: the date, then its name. 2026-12-25 Christmas Day",
            initial="\n".join(f"{day['on']} {day['name']}" for day in self.body["holidays"]),
            widget=forms.Textarea(attrs={"rows": 8}),
        )

    def clean_holidays(self) -> list[dict[str, str]]:
        days = []
        for number, line in enumerate(self.cleaned_data["holidays"].splitlines(), 1):
            if not line.strip():
                continue
            on, _, name = line.strip().partition(" ")
            try:
                days.append({"on": date.fromisoformat(on).isoformat(), "name": name.strip()})
            except ValueError:
                raise forms.ValidationError(
                    f"Line {number}: “{on}” is not a date like 2026-12-25."
                ) from None
        return days

    def to_body(self) -> Body:
        return {
            "opens": f"{self.value('opens'):%H:%M}",
            "closes": f"{self.value('closes'):%H:%M}",
            "weekdays": [int(day) for day in self.value("weekdays")],
            "holidays": self.value("holidays"),
        }
