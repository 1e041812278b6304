"""What every chapter's form has: a body, the version that was seen, a note, tables of fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

Body = dict[str, Any]
ConditionOf = Callable[[str, Body], forms.Field]  # a field for a condition, by its label
Row = tuple[str, list[forms.BoundField | None]]


@dataclass(frozen=True)
class Grid:
    """Fields as a table. head: the column of names, then one for each field; rows: by group."""

    title: str
    lead: str
    head: Sequence[str]
    groups: Sequence[tuple[str, list[Row]]]


@dataclass(frozen=True)
class Stated:
    """Something the chapter states a condition for, with its fields."""

    key: str
    label: str
    fields: Sequence[forms.BoundField | None]
    condition: forms.BoundField


class ChapterForm(forms.Form):
    """The base: remembers the body it edits, the version that was seen, and a note.

    condition_of: makes the fields of conditions, which apps above know; without it they stay.
    """

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, body: Body, *args: Any, condition_of: ConditionOf | None = None, **kwargs: Any
    ) -> None:
        self.body, self.condition_of = body, condition_of
        super().__init__(*args, **kwargs)
        self.add_fields()
        self.fields["note"] = forms.CharField(
            label="What changed and why", max_length=200, required=False
        )

    def add_fields(self) -> None:
        """Add a field for each value of the body."""

    def to_body(self) -> Body:
        """The body with what was entered."""
        raise NotImplementedError

    @property
    def has_conditions(self) -> bool:
        """Whether conditions are built in it."""
        return self.condition_of is not None

    def add_condition(self, key: str, label: str, condition: Body) -> None:
        """A field for a condition of the body, where there is anybody who can make one."""
        if self.condition_of is not None:
            self.fields[f"{key}-condition"] = self.condition_of(label, condition)

    def condition(self, key: str, before: Body) -> Body:
        """The condition that was entered, else the one before."""
        entered: Body = self.cleaned_data.get(f"{key}-condition") or before
        return entered

    def stated(self, parts: Sequence[Body], *names: str) -> list[Stated]:
        """Parts of the body with the fields of those names and of their condition."""
        return [
            Stated(each["key"], each["label"], self.cells(each["key"], *names), self[name])
            for each in parts
            if (name := f"{each['key']}-condition") in self.fields
        ]

    def value(self, *parts: str) -> Any:
        return self.cleaned_data["-".join(parts)]

    def cells(self, key: str, *names: str) -> list[forms.BoundField | None]:
        """The fields of one row; None where the body has no such value."""
        return [self[each] if (each := f"{key}-{name}") in self.fields else None for name in names]
