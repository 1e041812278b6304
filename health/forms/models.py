"""A health model as it is changed: whom it scores, what it reads, and all of its numbers."""

import copy
from typing import Any, cast
from uuid import uuid4

from django import forms

from health.forms.conditions import ConditionField, Setting
from health.queries.coverage import anchors_of
from health.queries.segments import segment_choices
from health.rules.catalogue import MEASURES
from health.rules.model_words import TOUCH
from health.rules.models import CUSTOMER_STAGES, BadModel, read

Body = dict[str, Any]
NEW_WEIGHT = 20.0
WHOM = {"all": "All", "only": "Only these", "but": "All but these"}
ANCHORS = (("x0", "worth 0"), ("x50", "worth 50"), ("x100", "worth 100"))


class ModelForm(forms.Form):
    """Whom a model scores, its measures with weights and anchors, its caps and bands.

    What is added stands in the body with anchors from where accounts are today.
    """

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=80)
    touch_models = forms.MultipleChoiceField(
        label="Touch models",
        choices=list(TOUCH.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    stages = forms.MultipleChoiceField(
        label="Stages",
        choices=[(stage, stage.replace("_", " ").capitalize()) for stage in CUSTOMER_STAGES],
        widget=forms.CheckboxSelectMultiple,
    )
    whom = forms.ChoiceField(label="Of segments", choices=list(WHOM.items()))
    segments = forms.MultipleChoiceField(
        label="These segments", required=False, widget=forms.CheckboxSelectMultiple
    )
    new_cap = forms.CharField(label="New cap", max_length=80, required=False)
    new_cap_most = forms.FloatField(
        label="At most, points", min_value=0, max_value=100, required=False
    )
    new_dimension = forms.CharField(label="New dimension", max_length=80, required=False)
    new_dimension_add = forms.ChoiceField(label="With the measure", required=False)

    def __init__(
        self, body: Body, *args: Any, setting: Setting | None = None, **kwargs: Any
    ) -> None:
        self.body = body
        scope = body["scope"]
        named = scope.get("segments", scope.get("but_segments", []))
        kwargs["initial"] = {
            "name": body["name"],
            "touch_models": scope["touch_models"],
            "stages": scope["stages"],
            "whom": "only" if "segments" in scope else "but" if named else "all",
            "segments": named,
        } | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        known = [*segment_choices(), ("", "No segment")]
        gone = [(key, key) for key in named if key not in dict(known)]
        self._choose("segments", [*known, *gone])
        taken = {metric["measure"] for each in body["dimensions"] for metric in each["metrics"]}
        measures = [
            (each.key, each.name)
            for each in sorted(MEASURES.values(), key=lambda each: each.name)
            if each.key not in taken and not each.is_retired and each.direction != "none"
        ]
        self._measures = [("", "none"), *measures]
        self._choose("new_dimension_add", self._measures)
        self.fields["green"] = _number("Healthy from", body["bands"]["green"])
        self.fields["yellow"] = _number("Watch from", body["bands"]["yellow"])
        self.fields["least_coverage"] = _number(
            "Least coverage for a score, in %", 100 * body["least_coverage"]
        )
        for cap in body.get("caps", []):
            self.fields[f"cap-{cap['key']}"] = _number(cap["name"], cap["most"])
            self.fields[f"cap-{cap['key']}-remove"] = _remove(cap["name"])
        if setting is not None:
            self._add_conditions(setting)
        for dimension in body["dimensions"]:
            name = dimension["name"]
            self.fields[f"dim-{dimension['key']}"] = _number(
                f"Weight of {name}", dimension["weight"]
            )
            self.fields[f"dim-{dimension['key']}-add"] = forms.ChoiceField(
                label=f"Add a measure to {name}", choices=self._measures, required=False
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
                self.fields[f"{key}-remove"] = _remove(called)

    def _add_conditions(self, setting: Setting) -> None:
        """When each cap holds, where there is anybody to build it; else that stays."""
        for cap in self.body.get("caps", []):
            self.fields[f"cap-{cap['key']}-condition"] = ConditionField(
                setting, label=f"{cap['name']}: while", initial=cap["condition"]
            )
        self.fields["new_cap-condition"] = ConditionField(
            setting, label="While this is so", required=False
        )

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    @property
    def scope(self) -> list[Any]:
        return [self[name] for name in ("name", "touch_models", "stages", "whom", "segments")]

    @property
    def growth(self) -> list[Any]:
        return [self[name] for name in ("new_dimension", "new_dimension_add")]

    @property
    def dimensions(self) -> list[dict[str, Any]]:
        """The fields as the page lays them out: a table for each dimension."""
        return [
            {
                "name": dimension["name"],
                "weight": self[f"dim-{dimension['key']}"],
                "add": self[f"dim-{dimension['key']}-add"],
                "metrics": [
                    {
                        "name": MEASURES[metric["measure"]].name,
                        "unit": MEASURES[metric["measure"]].unit,
                        "fields": [
                            self[f"{metric['measure']}-{part}"]
                            for part in ("weight", "x0", "x50", "x100", "stale", "remove")
                        ],
                    }
                    for metric in dimension["metrics"]
                ],
            }
            for dimension in self.body["dimensions"]
        ]

    @property
    def caps(self) -> list[Any]:
        return [
            [
                self[name] if (name := f"cap-{cap['key']}{part}") in self.fields else None
                for part in ("", "-remove", "-condition")
            ]
            for cap in self.body.get("caps", [])
        ]

    @property
    def new_caps(self) -> list[Any]:
        names = ("new_cap", "new_cap_most", "new_cap-condition")
        return [self[name] for name in names if "new_cap-condition" in self.fields]

    @property
    def limits(self) -> list[Any]:
        return [self[name] for name in ("green", "yellow", "least_coverage")]

    @property
    def is_rebuilt(self) -> bool:
        """Of a valid form: whether measures, dimensions or caps came or went."""
        names = ("add", "remove", "new_cap")
        return any(value for name, value in self.cleaned_data.items() if name.endswith(names))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("new_dimension")) != bool(cleaned.get("new_dimension_add")):
            self.add_error("new_dimension", "A new dimension has a name and a first measure.")
        parts = [cleaned.get(name) for name in ("new_cap", "new_cap_most", "new_cap-condition")]
        if "new_cap-condition" not in self.errors and parts.count(None) + parts.count("") in (1, 2):
            self.add_error("new_cap", "A new cap has a name, its points, and when it holds.")
        added = [cleaned[name] for name in cleaned if name.endswith("add") and cleaned[name]]
        if len(set(added)) < len(added):
            raise forms.ValidationError("A measure can stand in one dimension only.")
        if cleaned.get("whom") in ("only", "but") and not cleaned.get("segments"):
            self.add_error("segments", "Choose at least one segment.")
        if not self.errors:
            try:
                read(self.to_body())
            except BadModel as error:
                raise forms.ValidationError(str(error)) from error
        return cleaned

    def to_body(self) -> Body:
        """The body with what was entered."""
        given, body = self.cleaned_data, copy.deepcopy(self.body)
        body["name"] = given["name"]
        body["scope"] = {key: given[key] for key in ("touch_models", "stages")}
        if given["whom"] != "all":
            body["scope"]["segments" if given["whom"] == "only" else "but_segments"] = given[
                "segments"
            ]
        body["bands"] = {"green": given["green"], "yellow": given["yellow"]}
        body["least_coverage"] = given["least_coverage"] / 100
        body["caps"] = [
            cap
            | {"most": given[f"cap-{cap['key']}"]}
            | {"condition": given.get(f"cap-{cap['key']}-condition", cap["condition"])}
            for cap in body.get("caps", [])
            if not given[f"cap-{cap['key']}-remove"]
        ]
        if given["new_cap"]:
            body["caps"].append(
                {
                    "key": _new_key("c"),
                    "name": given["new_cap"],
                    "most": given["new_cap_most"],
                    "condition": given["new_cap-condition"],
                }
            )
        for dimension in body["dimensions"]:
            self._fill(dimension)
        if given["new_dimension"]:
            body["dimensions"].append(
                {
                    "key": _new_key("d"),
                    "name": given["new_dimension"],
                    "weight": NEW_WEIGHT,
                    "metrics": [_metric(given["new_dimension_add"])],
                }
            )
        body["dimensions"] = [each for each in body["dimensions"] if each["metrics"]]
        return body

    def _fill(self, dimension: Body) -> None:
        """What was entered of a dimension and its measures."""
        given = self.cleaned_data
        dimension["weight"] = given[f"dim-{dimension['key']}"]
        for metric in dimension["metrics"]:
            key = metric["measure"]
            metric["weight"] = given[f"{key}-weight"]
            metric["anchors"] = [given[f"{key}-{part}"] for part, _ in ANCHORS]
            metric.pop("stale_after_days", None)
            if given[f"{key}-stale"] is not None:
                metric["stale_after_days"] = given[f"{key}-stale"]
        dimension["metrics"] = [
            each for each in dimension["metrics"] if not given[f"{each['measure']}-remove"]
        ]
        if added := given[f"dim-{dimension['key']}-add"]:
            dimension["metrics"].append(_metric(added))


def _metric(measure: str) -> Body:
    return {"measure": measure, "weight": NEW_WEIGHT, "anchors": anchors_of(MEASURES[measure])}


def _new_key(letter: str) -> str:
    """Of a cap or a dimension: never one that stored days know as another."""
    return f"{letter}{uuid4().hex[:8]}"


def _remove(name: str) -> forms.BooleanField:
    return forms.BooleanField(label=f"Take {name} out", required=False)


def _number(label: str, initial: float) -> forms.FloatField:
    shown = int(initial) if float(initial).is_integer() else initial
    return forms.FloatField(
        label=label, initial=shown, widget=forms.NumberInput(attrs={"step": "any"})
    )
