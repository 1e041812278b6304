"""Shared definitions: a meaning in words, and the condition behind it."""

import json
from typing import Any

from django import forms

from charter.forms.chapter import Body, ChapterForm


class DefinitionsForm(ChapterForm):
    def terms(self) -> list[tuple[dict[str, Any], list[forms.BoundField | None]]]:
        """Each definition as it is in force, with its two fields."""
        return [
            (each, self.cells(each["key"], "meaning", "condition"))
            for each in self.body["definitions"]
        ]

    def add_fields(self) -> None:
        for each in self.body["definitions"]:
            self.fields[f"{each['key']}-meaning"] = forms.CharField(
                label=f"{each['label']}: meaning", initial=each["meaning"], max_length=300
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
