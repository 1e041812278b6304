"""What every chapter's form has: a body, the version that was seen, a note, tables of fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

Body = dict[str, Any]
Row = tuple[str, list[forms.BoundField | None]]


@dataclass(frozen=True)
class Grid:
    """Fields as a table. head: the column of names, then one for each field; rows: by group."""

    title: str
    lead: str
    head: Sequence[str]
    groups: Sequence[tuple[str, list[Row]]]


class ChapterForm(forms.Form):
    """The base: remembers the body it edits, the version that was seen, and a note."""

    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, body: Body, *args: Any, **kwargs: Any) -> None:
        self.body = body
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

    def value(self, *parts: str) -> Any:
        return self.cleaned_data["-".join(parts)]

    def cells(self, key: str, *names: str) -> list[forms.BoundField | None]:
        """The fields of one row; None where the body has no such value."""
        return [self[each] if (each := f"{key}-{name}") in self.fields else None for name in names]
