"""A list's address as what it asks for: filters, order and columns."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms

from bowtie.rules.stages import Stage
from health.rules.lists import (
    ANYBODY,
    COLUMNS,
    KINDS,
    MINE,
    NOBODY,
    RENEWAL_WINDOWS,
    Asked,
    List,
)

BANDS = {"green": "Healthy", "yellow": "Watch", "red": "At risk", "unknown": "No score yet"}
Choices = Iterable[tuple[str, str]]


class ListForm(forms.Form):
    """The filters of a list, with the choices that make sense in this tenant."""

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
            columns=("name", *(key for key in COLUMNS if key in columns and key != "name")),
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


class ColumnsForm(forms.Form):
    """Which columns to show."""

    col = forms.MultipleChoiceField(
        label="Columns",
        choices=[(column.key, column.label) for column in COLUMNS.values() if column.key != "name"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class ViewForm(forms.Form):
    """The name of a saved view, and whether the others see it."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(label="Everybody sees it", required=False)
