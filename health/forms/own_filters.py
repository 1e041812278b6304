"""The tenant's own fields as filters of a list, by their type."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import CustomField
from accounts.rules.custom import in_words, named
from accounts.rules.fields import Kind
from health.rules.tree import Compare, Condition, Is, Known, OnDay

KNOWN = {"known": "has a value", "unknown": "has none"}
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


@dataclass(frozen=True)
class OwnFilter:
    """One parameter of a list's address: its name there, and what it asks of which field."""

    name: str
    how: str
    row: CustomField
    field: forms.Field

    def condition(self, given: Any) -> Condition:
        """What is asked with a value of the form."""
        if self.how == "known":
            return Known(named(self.row.key), given == "known", is_number=False)
        name, value = named(self.row.key), self.plain(given)
        op = {"from": ">=", "to": "<=", "has": "contains"}.get(self.how, "=")
        if self.row.kind == Kind.NUMBER:
            return Compare(name, op, value)
        if self.row.kind == Kind.DATE:
            return OnDay(name, op, day=value)
        return Is(name, op, ({True: "true", False: "false"}.get(value, value),))

    def plain(self, given: Any) -> Any:
        """The value as the account holds it."""
        if self.row.kind == Kind.YES_NO:
            return given == "yes"
        return given.isoformat() if self.row.kind == Kind.DATE else given

    def words(self, given: Any) -> str:
        """The same for a person: "has “rail”", "2 or more"."""
        if self.how == "known":
            return KNOWN[given]
        value = in_words(self.row.kind, self.plain(given))
        form = {"has": "has “{}”", "from": "from {}", "to": "to {}"}
        return form.get(self.how, "{}").format(value)


def own_filters(fields: Iterable[CustomField]) -> list[OwnFilter]:
    """Every filter of the fields in use, in their order."""
    return [each for row in fields for each in _filters(row)]


def _filters(row: CustomField) -> Iterator[OwnFilter]:
    name, label = named(row.key), row.label

    def made(how: str, field: forms.Field, ending: str = "") -> OwnFilter:
        field.required = False
        return OwnFilter(name + ending, how, row, field)

    match row.kind:
        case Kind.CHOICE:
            offered = [("", "Any"), *((each, each) for each in row.choices)]
            yield made("is", forms.ChoiceField(label=label, choices=offered))
        case Kind.YES_NO:
            offered = [("", "Any"), ("yes", "Yes"), ("no", "No")]
            yield made("is", forms.ChoiceField(label=label, choices=offered))
        case Kind.NUMBER:
            yield made("from", forms.FloatField(label=f"{label}, from"), ".from")
            yield made("to", forms.FloatField(label=f"{label}, to"), ".to")
        case Kind.DATE:
            yield made("from", forms.DateField(label=f"{label}, from", widget=DAY), ".from")
            yield made("to", forms.DateField(label=f"{label}, to", widget=DAY), ".to")
        case _:
            yield made("has", forms.CharField(label=f"{label} has", max_length=200))
    known = forms.ChoiceField(
        label=label, choices=[("", "Any"), *KNOWN.items()], widget=forms.HiddenInput
    )
    yield made("known", known, ".is")


def without_columns(query: QueryDict, gone: Iterable[str]) -> QueryDict:
    """An address that neither shows nor sorts by some columns: those of retired fields."""
    names, kept = set(gone), query.copy()
    if "col" in kept:
        kept.setlist("col", [key for key in kept.getlist("col") if key not in names])
    if kept.get("sort", "").lstrip("-") in names:
        del kept["sort"]
    return kept
