"""A measure of the tenant's own: what it reads, what is made of it, whether more is better."""

from typing import Any, cast

from django import forms

from accounts.models import CustomField
from health.rules.own_measures import DIRECTIONS, LEAST_DAYS, MOST_DAYS, PER, TAKES, Kind
from pulse.models import Feature, Series

LABELS = {"usage": "Use of a feature", "series": "A series", "field": "A field of accounts"}


class OwnMeasureForm(forms.Form):
    """Choices follow what is read; it is sent anew with each change of that."""

    name = forms.CharField(label="Name", max_length=80)
    reads = forms.ChoiceField(label="Reads")
    take = forms.ChoiceField(label="Takes")
    days = forms.IntegerField(
        label="Of the last days", min_value=LEAST_DAYS, max_value=MOST_DAYS, initial=28
    )
    per = forms.ChoiceField(label="Shared", choices=list(PER.items()), required=False)
    per_feature = forms.ChoiceField(label="The other feature", required=False)
    direction = forms.ChoiceField(label="Direction", choices=list(DIRECTIONS.items()))
    stale_after_days = forms.IntegerField(
        label="Out of date after days",
        min_value=1,
        max_value=730,
        required=False,
        help_text="Older values count as not known. Empty: they never age.",
    )

    def __init__(self, data: Any = None, *, reads: str = "", **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        features = list(Feature.objects.order_by("name").values_list("key", "name"))
        choices = _choices(features)
        known = [value for _, group in choices for value, _ in group]
        self.is_possible = bool(known)
        chosen = (data or {}).get("reads") or reads
        chosen = chosen if chosen in known else next(iter(known), "")
        self.kind = cast(Kind, chosen.partition(":")[0] or "field")
        self.fields["reads"] = forms.ChoiceField(label="Reads", choices=choices, initial=chosen)
        self.fields["take"] = forms.ChoiceField(
            label="Takes", choices=list(TAKES[self.kind].items())
        )
        self.fields["per_feature"] = forms.ChoiceField(
            label="The other feature",
            choices=[("", "none"), *features],
            required=False,
            help_text="Where uses are shared among those of another feature.",
        )
        for name in self._needless():
            del self.fields[name]
        self.order_fields(
            ["reads", "name", "take", "days", "per", "per_feature", "direction", "stale_after_days"]
        )

    def _needless(self) -> list[str]:
        if self.kind == "usage":
            return ["stale_after_days"]
        if self.kind == "series":
            return ["per", "per_feature"]
        return ["per", "per_feature", "days", "stale_after_days", "take"]

    def recipe(self) -> dict[str, Any]:
        """What was chosen, as columns of OwnMeasure. Of a valid form."""
        given = self.cleaned_data
        kind, _, reads = given["reads"].partition(":")
        return {
            "kind": kind,
            "reads": reads,
            "take": given.get("take") or "value",
            "days": given.get("days") or 28,
            "per": given.get("per") or "",
            "per_feature": given.get("per_feature") or "",
            "direction": given["direction"],
            "stale_after_days": given.get("stale_after_days"),
        }


def _choices(features: list[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    series = list(Series.objects.order_by("name").values_list("key", "name"))
    measurable = [CustomField.Kind.NUMBER, CustomField.Kind.DATE, CustomField.Kind.YES_NO]
    fields = CustomField.objects.filter(retired_at=None, kind__in=measurable)
    groups = {
        "usage": features,
        "series": series,
        "field": list(fields.order_by("label").values_list("key", "label")),
    }
    return [
        (LABELS[kind], [(f"{kind}:{key}", name) for key, name in pairs])
        for kind, pairs in groups.items()
        if pairs
    ]
