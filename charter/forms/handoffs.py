"""What a handoff must say by its kind, when it comes back, and when an onboarding is stuck."""

import copy
from collections.abc import Mapping

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Row
from charter.queries import default_body
from charter.rules.numbers import IDLE_DAYS, LEVELS, OVERRUN, RETURNS

BEFORE = default_body("handoffs")  # what chapters of before are read as
WHOLE = LEVELS | RETURNS | {"idle_days": IDLE_DAYS}


class HandoffsForm(ChapterForm):
    def add_fields(self) -> None:
        for kind in self.body["kinds"]:
            for item in kind["items"]:
                self.fields[f"{kind['key']}-{item['key']}"] = forms.BooleanField(
                    label=f"{kind['label']}: {item['label']}",
                    initial=item["mandatory"],
                    required=False,
                )

        for key, (label, least, most) in WHOLE.items():
            self.fields[f"rule-{key}"] = forms.IntegerField(
                label=label,
                initial=self.body.get(key, BEFORE[key]),
                min_value=least,
                max_value=most,
            )
        label, lowest, highest = OVERRUN
        self.fields["rule-overrun"] = forms.FloatField(
            label=label,
            initial=self.body.get("overrun", BEFORE["overrun"]),
            min_value=lowest,
            max_value=highest,
        )

    def to_body(self) -> Body:
        body = copy.deepcopy(self.body)
        body |= {key: self.value("rule", key) for key in (*WHOLE, "overrun")}
        for kind in body["kinds"]:
            for item in kind["items"]:
                item["mandatory"] = self.value(kind["key"], item["key"])
        return body

    def grids(self) -> list[Grid]:
        groups = [
            (
                kind["label"],
                [(e["label"], self.cells(kind["key"], e["key"])) for e in kind["items"]],
            )
            for kind in self.body["kinds"]
        ]
        lead = "A handoff that lacks one of these is not accepted, unless a manager waives it."
        levels = self._rows(LEVELS | RETURNS)
        plans = self._rows({"idle_days": IDLE_DAYS, "overrun": OVERRUN})
        return [
            Grid("Mandatory items", lead, ("Item", "Mandatory"), groups),
            Grid(
                "Completeness",
                "Two points for each part that is said, one less for each mandatory item missing. "
                "Kinds with fewer parts are scaled. Once accepted, a handoff keeps its version.",
                ("Rule", "Value"),
                [("", levels)],
            ),
            Grid("Onboarding", "When somebody has to look.", ("Rule", "Value"), [("", plans)]),
        ]

    def _rows(self, asked: Mapping[str, tuple[str, float, float]]) -> list[Row]:
        return [(label, self.cells("rule", key)) for key, (label, _, _) in asked.items()]
