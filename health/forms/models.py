"""The numbers of a model, and the day it takes effect."""

import copy
from typing import Any

from django import forms

from health.rules.catalogue import MEASURES
from health.rules.models import BadModel, read

Body = dict[str, Any]
ANCHORS = (("x0", "worth 0"), ("x50", "worth 50"), ("x100", "worth 100"))


class LookedForm(forms.Form):
    """Which saving of a draft was looked at."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PublishForm(LookedForm):
    """The day from which a draft scores, too."""

    effective_on = forms.DateField(
        label="Scores from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Today or later; past scores stay as they were",
    )


class ModelForm(forms.Form):
    """The weights, anchors, caps and bands of a model; what it measures stays."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, body: Body, *args: Any, **kwargs: Any) -> None:
        self.body = body
        super().__init__(*args, **kwargs)
        self.fields["green"] = _number("Healthy from", body["bands"]["green"])
        self.fields["yellow"] = _number("Watch from", body["bands"]["yellow"])
        self.fields["least_coverage"] = _number(
            "Least coverage for a score, in %", 100 * body["least_coverage"]
        )
        for cap in body.get("caps", []):
            self.fields[f"cap-{cap['key']}"] = _number(cap["name"], cap["most"])
        for dimension in body["dimensions"]:
            name = dimension["name"]
            self.fields[f"dim-{dimension['key']}"] = _number(
                f"Weight of {name}", dimension["weight"]
            )
            for metric in dimension["metrics"]:
                key, called = metric["measure"], MEASURES[metric["measure"]].name
                self.fields[f"{key}-weight"] = _number(f"Weight of {called}", metric["weight"])
                for (part, words), value in zip(ANCHORS, metric["anchors"], strict=True):
                    self.fields[f"{key}-{part}"] = _number(f"{called} {words}", value)
                self.fields[f"{key}-stale"] = forms.IntegerField(
                    label=f"{called} out of date after days",
                    min_value=0,
                    required=False,
                    initial=metric.get("stale_after_days"),
                )

    @property
    def dimensions(self) -> list[dict[str, Any]]:
        """The fields as the page lays them out: a table for each dimension."""
        return [
            {
                "name": dimension["name"],
                "weight": self[f"dim-{dimension['key']}"],
                "metrics": [
                    {
                        "name": MEASURES[metric["measure"]].name,
                        "unit": MEASURES[metric["measure"]].unit,
                        "fields": [
                            self[f"{metric['measure']}-{part}"]
                            for part in ("weight", "x0", "x50", "x100", "stale")
                        ],
                    }
                    for metric in dimension["metrics"]
                ],
            }
            for dimension in self.body["dimensions"]
        ]

    @property
    def caps(self) -> list[Any]:
        return [self[f"cap-{cap['key']}"] for cap in self.body.get("caps", [])]

    @property
    def limits(self) -> list[Any]:
        return [self[name] for name in ("green", "yellow", "least_coverage")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                read(self.to_body())
            except BadModel as error:
                raise forms.ValidationError(str(error)) from error
        return cleaned

    def to_body(self) -> Body:
        """The body with what was entered."""
        given, body = self.cleaned_data, copy.deepcopy(self.body)
        body["bands"] = {"green": given["green"], "yellow": given["yellow"]}
        body["least_coverage"] = given["least_coverage"] / 100
        for cap in body.get("caps", []):
            cap["most"] = given[f"cap-{cap['key']}"]
        for dimension in body["dimensions"]:
            dimension["weight"] = given[f"dim-{dimension['key']}"]
            for metric in dimension["metrics"]:
                key = metric["measure"]
                metric["weight"] = given[f"{key}-weight"]
                metric["anchors"] = [given[f"{key}-{part}"] for part, _ in ANCHORS]
                metric.pop("stale_after_days", None)
                if given[f"{key}-stale"] is not None:
                    metric["stale_after_days"] = given[f"{key}-stale"]
        return body


def _number(label: str, initial: float) -> forms.FloatField:
    shown = int(initial) if float(initial).is_integer() else initial
    return forms.FloatField(
        label=label, initial=shown, widget=forms.NumberInput(attrs={"step": "any"})
    )
