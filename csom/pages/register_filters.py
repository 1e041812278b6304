"""Which impacts of the register to show."""

from collections.abc import Iterable
from typing import Any

from django import forms

from health.queries.segments import segment_choices
from spiced.models import ImpactGoal
from spiced.queries.register import ORDERS
from spiced.rules.register import Standing
from tenants.access import TenantRequest
from tenants.queries.people import members
from tenants.roles import Role

MINE = "me"
ONE_SIDED, DOUBTED = "one_sided", "doubted"  # beside the standings


class FilterForm(forms.Form):
    """Which impacts to show."""

    q = forms.CharField(
        label="Find",
        max_length=100,
        required=False,
        widget=forms.TextInput({"type": "search", "data-key": "/"}),
    )
    standing = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(required=False, choices=[("", "Both kinds"), *ImpactGoal.Kind.choices])
    owner = forms.ChoiceField(required=False)
    segment = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(
        required=False, min_value=0, max_value=10**6, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, owners: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standings = [*Standing, ONE_SIDED, DOUBTED]
        choices: dict[str, list[tuple[str, str]]] = {
            "standing": [(str(each), str(each)) for each in standings],
            "owner": [("", "Anybody's"), (MINE, "Mine"), *owners],
            "segment": [("", "All segments"), *segment_choices()],
            "sort": [(sign + key, key) for sign in ("", "-") for key in ORDERS],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


def asked_filters(request: TenantRequest) -> tuple[FilterForm, dict[str, Any]]:
    """The filters; a CSM who chose nobody sees his own."""
    data = request.GET.copy()
    if request.actor.role is Role.CSM:
        data.setdefault("owner", MINE)
    owners = [(str(one.user_id), str(one.user)) for one in members(request.tenant)]
    form = FilterForm(data, owners=owners)
    return form, form.cleaned_data if form.is_valid() else {}
