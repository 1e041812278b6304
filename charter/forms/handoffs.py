"""What a handoff must say, by its kind."""

import copy

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid


class HandoffsForm(ChapterForm):
    def add_fields(self) -> None:
        for kind in self.body["kinds"]:
            for item in kind["items"]:
                self.fields[f"{kind['key']}-{item['key']}"] = forms.BooleanField(
                    label=f"{kind['label']}: {item['label']}",
                    initial=item["mandatory"],
                    required=False,
                )

    def to_body(self) -> Body:
        body = copy.deepcopy(self.body)
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
        return [Grid("Mandatory items", lead, ("Item", "Mandatory"), groups)]
