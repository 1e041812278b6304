"""Promised times: hours and the clock they are counted in."""

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Row


class PromisesForm(ChapterForm):
    FAMILIES = {"s": "Escalations", "p": "Tickets", "": "Handing over and expansion"}

    def grids(self) -> list[Grid]:
        rows: dict[str, list[Row]] = {family: [] for family in self.FAMILIES}
        for each in self.body["promises"]:
            family = each["key"][0] if each["key"][1:2].isdigit() else ""
            row = each["label"], self.cells(each["key"], "hours", "clock")
            rows[family if family in rows else ""].append(row)
        groups = [(label, rows[family]) for family, label in reversed(self.FAMILIES.items())]
        lead = "Business hours run while the calendar is open, clock hours always."
        return [Grid("Promised times", lead, ("Promise", "Hours", "Counted in"), groups)]

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
