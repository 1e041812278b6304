"""The bowtie: targets of its conversions, what counts as First Impact, when a cohort is mature."""

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid
from charter.queries import default_body
from charter.rules.documents import GATES
from charter.rules.numbers import LAPSE_RATIO, LIVES

BEFORE = default_body("bowtie")  # what chapters of before are read as


class BowtieForm(ChapterForm):
    NUMBERS = {
        "first_impact_share": ("First Impact, % of the way to the target of a goal", 1, 100),
        "mature_after": ("A cohort is mature after so many median times", 1, 10),
        "renewal_window_days": ("Days before a renewal in which its window is open", 1, 365),
        "gross_margin": ("Gross margin in %, for the lifetime value; empty: none is told", 1, 100),
    }
    SHARES = ("first_impact_share", "gross_margin")

    def add_fields(self) -> None:
        for each in self.body["conversions"]:
            self.fields[f"{each['key']}-target"] = forms.FloatField(
                label=f"{each['label']}: target in %",
                initial=None if each["target"] is None else round(each["target"] * 100, 4),
                min_value=0.1,
                max_value=1000,
                required=False,
            )
        for key, (label, least, most) in self.NUMBERS.items():
            stored, scale = self.body.get(key), 100 if key in self.SHARES else 1
            self.fields[f"rule-{key}"] = forms.FloatField(
                label=label,
                initial=None if stored is None else round(stored * scale, 4),
                min_value=least,
                max_value=most,
                required=key != "gross_margin",
            )
        for key, (label, least, most) in GATES.items():
            self.fields[f"gate-{key}"] = forms.IntegerField(
                label=label,
                initial=self.body.get(key, BEFORE[key]),
                min_value=least,
                max_value=most,
            )
        for key, (label, least, most) in LIVES.items():
            self.fields[f"life-{key}"] = forms.IntegerField(
                label=label,
                initial=self.body.get(key, BEFORE[key]),
                min_value=least,
                max_value=most,
            )
        self.fields["life-lapse_ratio"] = forms.FloatField(
            label=LAPSE_RATIO[0],
            initial=round(self.body.get("lapse_ratio", BEFORE["lapse_ratio"]) * 100, 4),
            min_value=LAPSE_RATIO[1] * 100,
            max_value=LAPSE_RATIO[2] * 100,
        )
        self.fields["rule-counts_advocacy"] = forms.BooleanField(
            label="Referrals are counted as an eighth conversion",
            initial=self.body["counts_advocacy"],
            required=False,
        )

    def grids(self) -> list[Grid]:
        targets = [(each["label"], self.cells(each["key"], "target")) for each in self.conversions]
        rules = [(label, self.cells("rule", key)) for key, (label, _, _) in self.NUMBERS.items()]
        gates = [(label, self.cells("gate", key)) for key, (label, _, _) in GATES.items()]
        lives = [
            (label, self.cells("life", key))
            for key, label in (
                ("lapse_days", LIVES["lapse_days"][0]),
                ("lapse_ratio", LAPSE_RATIO[0]),
                ("restore_days", LIVES["restore_days"][0]),
            )
        ]
        rules.append(("Referrals are counted", self.cells("rule", "counts_advocacy")))
        return [
            Grid(
                "Targets",
                "The board names the step furthest under its target. Empty: no target.",
                ("Conversion", "Target, %"),
                [("", targets)],
            ),
            Grid("Rules", "What the figures mean.", ("Rule", "Value"), [("", rules)]),
            Grid("Gates", "What the last two stages ask.", ("Gate", "At least"), [("", gates)]),
            Grid(
                "Lapse and return",
                "Each holds from the day it is published; what was counted before stays.",
                ("Rule", "Value"),
                [("", lives)],
            ),
        ]

    @property
    def conversions(self) -> list[Body]:
        found: list[Body] = self.body["conversions"]
        return found

    def to_body(self) -> Body:
        targets = {each["key"]: self.value(each["key"], "target") for each in self.conversions}
        margin = self.value("rule", "gross_margin")
        return {
            "first_impact_share": self.value("rule", "first_impact_share") / 100,
            "mature_after": self.value("rule", "mature_after"),
            "renewal_window_days": int(self.value("rule", "renewal_window_days")),
            "counts_advocacy": self.value("rule", "counts_advocacy"),
            "gross_margin": None if margin is None else margin / 100,
            **{key: self.value("gate", key) for key in GATES},
            **{key: self.value("life", key) for key in LIVES},
            "lapse_ratio": round(self.value("life", "lapse_ratio") / 100, 6),
            "conversions": [
                each
                | {"target": None if (t := targets[each["key"]]) is None else round(t / 100, 6)}
                for each in self.conversions
            ],
        }
