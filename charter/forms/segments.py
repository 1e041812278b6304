"""Segments and touch models."""

import copy

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Stated
from tenants.formats import inside

TOUCH = [("high", "High touch"), ("mid", "Mid touch"), ("low", "Low touch"), ("tech", "Tech touch")]


class SegmentsForm(ChapterForm):
    NUMBERS = {
        "accounts_per_csm": "Accounts per CSM",
        "accounts_per_csm_max": "At most",
        "csm_hours_year": "Hours per account and year",
        "onboarding_hours": "Hours per onboarding",
        "contact_every_days": "Days between contacts",
    }

    MINIMUM = {"total": "Of 15 in all", "each": "Of 3 for each part", "letters": "For these parts"}

    def grids(self) -> list[Grid]:
        touch = self.body["touch_models"]
        models = [
            (touch[key]["label"], self.cells(key, *self.NUMBERS))
            for key, _ in TOUCH
            if key in touch
        ]
        minima = [
            (touch[key]["label"], self.cells(key, *(f"spiced_{part}" for part in self.MINIMUM)))
            for key, _ in TOUCH
            if key in touch
        ]
        segments = [
            (each["label"], self.cells(each["key"], "label", "touch_model"))
            for each in self.body["segments"]
        ]
        return [
            Grid(
                "Touch models",
                "What an account of each gets of a CSM. 0 days between contacts: by lifecycle.",
                ("Touch model", *self.NUMBERS.values()),
                [("", models)],
            ),
            Grid(
                "SPICED before CS accepts",
                "A handoff needs at least so much. Parts are S, P, I, CE and D.",
                ("Touch model", *self.MINIMUM.values()),
                [("", minima)],
            ),
            Grid(
                "Segments",
                "The first that fits counts.",
                ("Segment", "Name", "Touch model"),
                [("", segments)],
            ),
        ]

    def add_fields(self) -> None:
        for key, model in self.body["touch_models"].items():
            for name, label in self.NUMBERS.items():
                self.fields[f"{key}-{name}"] = forms.FloatField(
                    label=f"{model['label']}: {inside(label)}",
                    initial=model[name],
                    min_value=0,
                )
            self._add_minimum(key, model)
        for segment in self.body["segments"]:
            self.fields[f"{segment['key']}-label"] = forms.CharField(
                label=f"{segment['label']}: name", initial=segment["label"], max_length=60
            )
            self.fields[f"{segment['key']}-touch_model"] = forms.ChoiceField(
                label=f"{segment['label']}: touch model",
                choices=TOUCH,
                initial=segment["touch_model"],
            )
            self.add_condition(segment["key"], segment["label"], segment["condition"])

    def conditions(self) -> list[Stated]:
        """Each segment with the condition of those who belong there."""
        return self.stated(self.body["segments"])

    def _add_minimum(self, key: str, model: Body) -> None:
        """What SPICED must reach before CS accepts an account of a touch model."""
        before, least = f"{model['label']}: SPICED before CS accepts", model["spiced"]
        self.fields[f"{key}-spiced_total"] = forms.IntegerField(
            label=f"{before}, of 15 in all", initial=least["total"], min_value=0, max_value=15
        )
        self.fields[f"{key}-spiced_each"] = forms.IntegerField(
            label=f"{before}, of 3 for each part", initial=least["each"], min_value=0, max_value=3
        )
        self.fields[f"{key}-spiced_letters"] = forms.CharField(
            label=f"{before}, for these parts",
            initial=", ".join(least["letters"]),
            max_length=20,
            required=False,
        )

    def _minimum(self, key: str) -> Body:
        said = self.value(key, "spiced_letters").upper()
        letters = [letter for each in said.split(",") if (letter := each.strip())]
        return {
            "total": self.value(key, "spiced_total"),
            "each": self.value(key, "spiced_each"),
            "letters": letters,
        }

    def to_body(self) -> Body:
        body = copy.deepcopy(self.body)
        for key, model in body["touch_models"].items():
            model |= {name: self.value(key, name) for name in self.NUMBERS}
            model["spiced"] = self._minimum(key)
        for segment in body["segments"]:
            segment["label"] = self.value(segment["key"], "label")
            segment["touch_model"] = self.value(segment["key"], "touch_model")
            segment["condition"] = self.condition(segment["key"], segment["condition"])
        return body
