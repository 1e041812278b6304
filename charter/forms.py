"""The chapters of the charter as forms: a body becomes fields, cleaned fields become a body."""

import copy
import json
from datetime import date
from typing import Any

from django import forms

from tenants.formats import inside

Body = dict[str, Any]
MINOR = 100  # ARR is compared in minor units and entered in whole ones
DAYS = [(str(n), day) for n, day in enumerate(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])]
TOUCH = [("high", "High touch"), ("mid", "Mid touch"), ("low", "Low touch"), ("tech", "Tech touch")]
PARTS = [("", "–"), ("A/R", "A/R"), ("A", "A"), ("R", "R"), ("C", "C"), ("I", "I")]


class ChapterForm(forms.Form):
    """The base: remembers the body it edits, the version that was seen, and a note."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, body: Body, *args: Any, **kwargs: Any) -> None:
        self.body = body
        super().__init__(*args, **kwargs)
        self.add_fields()
        self.fields["note"] = forms.CharField(
            label="What changed and why", max_length=200, required=False
        )

    def add_fields(self) -> None:
        """Add a field for each value of the body."""

    def to_body(self) -> Body:
        """The body with what was entered."""
        raise NotImplementedError

    def value(self, *parts: str) -> Any:
        return self.cleaned_data["-".join(parts)]


class CalendarForm(ChapterForm):
    def add_fields(self) -> None:
        time_input = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self.fields["opens"] = forms.TimeField(initial=self.body["opens"], widget=time_input)
        self.fields["closes"] = forms.TimeField(initial=self.body["closes"], widget=time_input)
        self.fields["weekdays"] = forms.MultipleChoiceField(
            label="Working days",
            choices=DAYS,
            initial=[str(day) for day in self.body["weekdays"]],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["holidays"] = forms.CharField(
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


class PromisesForm(ChapterForm):
    def add_fields(self) -> None:
        for promise in self.body["promises"]:
            self.fields[f"{promise['key']}-hours"] = forms.FloatField(
                label=promise["label"], initial=promise["hours"], min_value=0.1, max_value=10_000
            )
            self.fields[f"{promise['key']}-clock"] = forms.ChoiceField(
                label=f"{promise['label']}: counted in",
                choices=[("business", "business hours"), ("clock", "clock hours")],
                initial=promise["clock"],
            )

    def to_body(self) -> Body:
        return {
            "promises": [
                each
                | {"hours": self.value(each["key"], "hours")}
                | {"clock": self.value(each["key"], "clock")}
                for each in self.body["promises"]
            ]
        }


class SegmentsForm(ChapterForm):
    NUMBERS = {
        "accounts_per_csm": "Accounts per CSM",
        "accounts_per_csm_max": "Accounts per CSM, at most",
        "csm_hours_year": "CSM hours per account and year",
        "onboarding_hours": "CSM hours per onboarding",
        "contact_every_days": "Contact at least every days (0: by lifecycle)",
    }

    def add_fields(self) -> None:
        for key, model in self.body["touch_models"].items():
            for name, label in self.NUMBERS.items():
                self.fields[f"{key}-{name}"] = forms.FloatField(
                    label=f"{model['label']}: {inside(label)}",
                    initial=model[name],
                    min_value=0,
                )
        for segment in self.body["segments"]:
            self.fields[f"{segment['key']}-label"] = forms.CharField(
                label=f"{segment['label']}: name", initial=segment["label"], max_length=60
            )
            self.fields[f"{segment['key']}-touch_model"] = forms.ChoiceField(
                label=f"{segment['label']}: touch model",
                choices=TOUCH,
                initial=segment["touch_model"],
            )
            if _threshold(segment["condition"]) is not None:
                self.fields[f"{segment['key']}-arr"] = forms.IntegerField(
                    label=f"{segment['label']}: ARR from",
                    initial=_threshold(segment["condition"]),
                    min_value=0,
                )

    def to_body(self) -> Body:
        body = copy.deepcopy(self.body)
        for key, model in body["touch_models"].items():
            model |= {name: self.value(key, name) for name in self.NUMBERS}
        for segment in body["segments"]:
            segment["label"] = self.value(segment["key"], "label")
            segment["touch_model"] = self.value(segment["key"], "touch_model")
            if f"{segment['key']}-arr" in self.cleaned_data:
                _set_threshold(segment["condition"], self.value(segment["key"], "arr"))
        return body


def _arr_leaves(condition: Body) -> list[Body]:
    """The comparisons of ARR with a lower limit inside a condition."""
    if condition.get("measure") == "arr":
        return [condition] if condition.get("op") in (">=", ">") else []
    parts = condition.get("any", []) + condition.get("all", [])
    return [leaf for part in parts for leaf in _arr_leaves(part)]


def _threshold(condition: Body) -> int | None:
    leaves = _arr_leaves(condition)
    return leaves[0]["value"] // MINOR if len(leaves) == 1 else None


def _set_threshold(condition: Body, value: int) -> None:
    _arr_leaves(condition)[0]["value"] = value * MINOR


class DefinitionsForm(ChapterForm):
    def add_fields(self) -> None:
        for each in self.body["definitions"]:
            self.fields[f"{each['key']}-meaning"] = forms.CharField(
                label=each["label"], initial=each["meaning"], max_length=300
            )
            self.fields[f"{each['key']}-condition"] = forms.JSONField(
                label=f"{each['label']}: condition",
                initial=each["condition"],
                widget=forms.Textarea(attrs={"rows": 3}),
                encoder=json.JSONEncoder,
            )

    def to_body(self) -> Body:
        return {
            "definitions": [
                each
                | {"meaning": self.value(each["key"], "meaning")}
                | {"condition": self.value(each["key"], "condition")}
                for each in self.body["definitions"]
            ]
        }


class OwnersForm(ChapterForm):
    def add_fields(self) -> None:
        for activity in self.body["activities"]:
            for role in self.body["roles"]:
                self.fields[f"{activity['key']}-{role['key']}"] = forms.ChoiceField(
                    label=f"{activity['label']}: {role['label']}",
                    choices=PARTS,
                    initial=activity["parts"].get(role["key"], ""),
                    required=False,
                )

    def to_body(self) -> Body:
        body = copy.deepcopy(self.body)
        for activity in body["activities"]:
            activity["parts"] = {
                role["key"]: part
                for role in body["roles"]
                if (part := self.value(activity["key"], role["key"]))
            }
        return body

    def matrix(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The selects in rows by activity, for the table."""
        return [
            (
                activity["label"],
                [self[f"{activity['key']}-{role['key']}"] for role in self.body["roles"]],
            )
            for activity in self.body["activities"]
        ]


FORMS: dict[str, type[ChapterForm]] = {
    "segments": SegmentsForm,
    "calendar": CalendarForm,
    "promises": PromisesForm,
    "definitions": DefinitionsForm,
    "owners": OwnersForm,
}
