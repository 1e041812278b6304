"""Causes of churn: groups, and in each the causes, asked for or retired."""

from django import forms

from charter.forms.chapter import Body, ChapterForm, Grid, Row
from charter.rules.causes import LONGEST_LABEL, key_of

MORE_GROUPS, MORE_CAUSES = ("new1",), ("new1", "new2", "new3")


class CausesForm(ChapterForm):
    def add_fields(self) -> None:
        groups = [(each["key"], each["label"]) for each in self.body["groups"]]
        for key, label in groups:
            self._name(f"group-{key}", f"{label}: name", label)
        for key in MORE_GROUPS:
            self._name(f"group-{key}", "New group: name")
        for each in self.body["causes"]:
            name = f"cause-{each['key']}"
            self._name(name, f"{each['label']}: name", each["label"])
            self._place(name, each["label"], groups, each["group"], is_asked=not each["retired"])
        for key in MORE_CAUSES:
            self._name(f"cause-{key}", "New cause: name")
            self._place(f"cause-{key}", "New cause", groups, groups[0][0], is_asked=True)

    def _name(self, field: str, label: str, initial: str = "") -> None:
        self.fields[f"{field}-label"] = forms.CharField(
            label=label, initial=initial, max_length=LONGEST_LABEL, required=bool(initial)
        )

    def _place(
        self, field: str, label: str, groups: list[tuple[str, str]], group: str, *, is_asked: bool
    ) -> None:
        self.fields[f"{field}-group"] = forms.ChoiceField(
            label=f"{label}: group", choices=groups, initial=group
        )
        self.fields[f"{field}-asked"] = forms.BooleanField(
            label=f"{label}: asked for", initial=is_asked, required=False
        )

    def grids(self) -> list[Grid]:
        names: list[Row] = [
            (each["label"], self.cells(f"group-{each['key']}", "label"))
            for each in self.body["groups"]
        ]
        names += [("Another", self.cells(f"group-{key}", "label")) for key in MORE_GROUPS]
        parts = ("label", "group", "asked")
        causes: list[Row] = [
            (each["label"], self.cells(f"cause-{each['key']}", *parts))
            for each in self.body["causes"]
        ]
        causes += [("Another", self.cells(f"cause-{key}", *parts)) for key in MORE_CAUSES]
        lead = "What is not asked for any more is retired: records that have it keep its words."
        return [
            Grid("Groups", "The first level.", ("Group", "Name"), [("", names)]),
            Grid("Causes", lead, ("Cause", "Name", "Group", "Asked for"), [("", causes)]),
        ]

    def to_body(self) -> Body:
        groups = [
            {"key": each["key"], "label": self._said("group", each["key"])}
            for each in self.body["groups"]
        ]
        causes = [self._cause(each["key"], each["key"]) for each in self.body["causes"]]
        for key in MORE_GROUPS:
            if label := self._said("group", key):
                groups.append({"key": key_of(label), "label": label})
        for key in MORE_CAUSES:
            if label := self._said("cause", key):
                causes.append(self._cause(key, key_of(label)))
        return {"groups": groups, "causes": causes}

    def _said(self, kind: str, key: str) -> str:
        said: str = self.value(kind, key, "label")
        return said.strip()

    def _cause(self, field: str, key: str) -> Body:
        return {
            "key": key,
            "label": self._said("cause", field),
            "group": self.value("cause", field, "group"),
            "retired": not self.value("cause", field, "asked"),
        }
