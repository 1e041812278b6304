"""The owner matrix: who is accountable, responsible, consulted, informed."""

import copy

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid

PARTS = [("", "–"), ("A/R", "A/R"), ("A", "A"), ("R", "R"), ("C", "C"), ("I", "I")]


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

    def grids(self) -> list[Grid]:
        keys = [role["key"] for role in self.body["roles"]]
        rows = [(each["label"], self.cells(each["key"], *keys)) for each in self.body["activities"]]
        head = ("Activity", *(role["label"] for role in self.body["roles"]))
        lead = "A is accountable, one for each activity; R does it; C is asked; I is told."
        return [Grid("Owner matrix", lead, head, [("", rows)])]
