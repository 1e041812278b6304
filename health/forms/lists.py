"""A list's address as what it asks for: filters, order and columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from accounts.models import CustomField
from accounts.rules.custom import PREFIX, named
from bowtie.rules.stages import Stage
from health.forms.own_filters import own_filters, without_columns
from health.rules.conditions import parse
from health.rules.lists import (
    ANYBODY,
    COLUMNS,
    MINE,
    NOBODY,
    RENEWAL_WINDOWS,
    Asked,
    Column,
    List,
    own_column,
)
from health.rules.standing import KINDS
from health.rules.tree import Condition

BANDS = {"green": "Healthy", "yellow": "Watch", "red": "At risk", "unknown": "No score yet"}
LONGEST_WHERE = 1500  # characters of a condition in an address
Choices = Iterable[tuple[str, str]]


class ListForm(forms.Form):
    """The filters of a list, with the choices that make sense in this tenant.

    own: the fields of the tenant's own. A retired one is no column any more, and nothing can be
    asked of it.
    """

    q = forms.CharField(label="Name", max_length=200, required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("", "Any"), ("all", "Any"), *KINDS.items()], required=False
    )
    band = forms.ChoiceField(label="Health", choices=[("", "Any"), *BANDS.items()], required=False)
    segment = forms.CharField(max_length=40, required=False)
    stage = forms.ChoiceField(
        choices=[("", "Any"), *((each.value, each.label) for each in Stage)], required=False
    )
    owner = forms.CharField(max_length=36, required=False)
    team = forms.CharField(max_length=60, required=False)
    renews = forms.TypedChoiceField(
        label="Renews",
        choices=[("", "Any time"), *((days, f"within {days} days") for days in RENEWAL_WINDOWS)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    tag = forms.CharField(max_length=40, required=False)
    where = forms.CharField(max_length=LONGEST_WHERE, required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        choices=[(sign + key, key) for key in COLUMNS for sign in ("", "-")],
        required=False,
        widget=forms.HiddenInput,
    )
    col = forms.MultipleChoiceField(
        label="Columns",
        choices=[(column.key, column.label) for column in COLUMNS.values()],
        required=False,
        widget=forms.MultipleHiddenInput,
    )

    def __init__(
        self, data: QueryDict | None = None, *args: Any, own: Sequence[CustomField], **kwargs: Any
    ) -> None:
        if data is not None:
            data = without_columns(data, (named(row.key) for row in own if row.retired_at))
        super().__init__(data, *args, **kwargs)
        in_use = [row for row in own if row.retired_at is None]
        self.own_columns = own_columns(in_use)
        self.own_filters = own_filters(in_use)
        self.fields |= {each.name: each.field for each in self.own_filters}
        _offer(self.fields["col"], [(column.key, column.label) for column in self.own_columns])
        signed = [(sign + each.key, each.key) for each in self.own_columns for sign in ("", "-")]
        _offer(self.fields["sort"], signed)

    def clean(self) -> dict[str, Any]:
        """A filter by a field that is not in use is an error: without it the list would grow."""
        if any(name.startswith(PREFIX) and name not in self.fields for name in self.data):
            self.add_error(None, "One of the filters is by a field that is not in use.")
        return super().clean() or {}

    def clean_where(self) -> Condition | None:
        """The condition of the address, which holds it as JSON."""
        text: str = self.cleaned_data["where"]
        try:
            return parse(json.loads(text)) if text else None
        except (ValueError, RecursionError) as problem:
            raise forms.ValidationError(f"The condition cannot be read: {problem}.") from None

    def clean_owner(self) -> str:
        owner: str = self.cleaned_data["owner"]
        if owner in ("", MINE, NOBODY, ANYBODY):
            return owner
        try:
            return str(UUID(owner))
        except ValueError:
            raise forms.ValidationError("Not a person of this workspace.") from None

    def asked(self, page: List, *, own_first: bool) -> Asked:
        """What is asked for; filters that cannot be read are left out.

        own_first: with no owner in the address the list shows one's own accounts.
        """
        self.is_valid()
        given: Mapping[str, Any] = self.cleaned_data
        columns = given.get("col") or page.columns
        kind = given.get("kind") or page.kind
        offered = (*COLUMNS, *(column.key for column in self.own_columns))
        return Asked(
            q=given.get("q", ""),
            kind="" if kind == "all" else kind,
            band=given.get("band", ""),
            segment=given.get("segment", ""),
            stage=given.get("stage", ""),
            owner=given.get("owner") or (MINE if own_first else ANYBODY),
            team=given.get("team", ""),
            renews=given.get("renews"),
            tag=given.get("tag", ""),
            sort=given.get("sort") or page.sort,
            columns=("name", *(key for key in offered if key in columns and key != "name")),
            own=self.own_columns,
            conditions=tuple(
                each.condition(given[each.name])
                for each in self.own_filters
                if given.get(each.name) not in (None, "")
            )
            + ((where,) if (where := given.get("where")) else ()),
        )


class FilterForm(ListForm):
    """The same filters to choose from in a dialog; the search and the order travel along."""

    def __init__(
        self, *args: Any, people: Choices, teams: Choices, segments: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = {
            "owner": [(ANYBODY, "Anybody"), (MINE, "Me"), (NOBODY, "Nobody"), *people],
            "team": [("", "Any"), *teams],
            "segment": [("", "Any"), *segments],
        }
        for name, choices in chosen.items():
            self.fields[name].widget = forms.Select(choices=list(choices))
        self.fields["kind"].widget = forms.Select(choices=[("all", "Any"), *KINDS.items()])
        self.fields["q"].widget = forms.HiddenInput()

    @property
    def ours(self) -> list[forms.BoundField]:
        """The filters that every tenant has."""
        return [each for each in self.visible_fields() if not each.name.startswith(PREFIX)]

    @property
    def own(self) -> list[forms.BoundField]:
        """Those by fields of the tenant's own."""
        return [each for each in self.visible_fields() if each.name.startswith(PREFIX)]

    @property
    def has_own(self) -> bool:
        """Whether one of these is on."""
        return any(each.value() for each in self.own)


class ColumnsForm(forms.Form):
    """Which columns to show. own: those of the tenant's own fields."""

    col = forms.MultipleChoiceField(
        label="Columns",
        choices=[(column.key, column.label) for column in COLUMNS.values() if column.key != "name"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, own: Iterable[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["col"], [(column.key, column.label) for column in own])


class ViewForm(forms.Form):
    """The name of a saved view, and whether the others see it."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(label="Everybody sees it", required=False)


def _offer(field: Any, choices: Iterable[tuple[str, str]]) -> None:
    """Offer more choices behind those of a field."""
    field.choices = [*field.choices, *choices]


def own_columns(fields: Iterable[CustomField]) -> tuple[Column, ...]:
    """The columns of the tenant's own fields, in their order."""
    return tuple(own_column(row.key, row.label, row.kind) for row in fields)
