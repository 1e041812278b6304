"""Shared definitions: a meaning in words, and the condition behind it."""

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Stated


class DefinitionsForm(ChapterForm):
    def grids(self) -> list[Grid]:
        rows = [(each["label"], self.cells(each["key"], "meaning")) for each in self.parts]
        lead = "What our words mean, as people say it."
        return [Grid("Meanings", lead, ("Word", "Meaning"), [("", rows)])]

    def conditions(self) -> list[Stated]:
        """Each definition with its condition."""
        return self.stated(self.parts)

    @property
    def parts(self) -> list[Body]:
        found: list[Body] = self.body["definitions"]
        return found

    def add_fields(self) -> None:
        for each in self.parts:
            self.fields[f"{each['key']}-meaning"] = forms.CharField(
                label=f"{each['label']}: meaning",
                initial=each["meaning"],
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.add_condition(each["key"], each["label"], each["condition"])

    def to_body(self) -> Body:
        return {
            "definitions": [
                each
                | {"meaning": self.value(each["key"], "meaning")}
                | {"condition": self.condition(each["key"], each["condition"])}
                for each in self.parts
            ]
        }
