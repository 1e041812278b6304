"""An account made or edited by hand, with the fields the tenant added."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.actions.accounts import TEXTS
from accounts.models import Account, CustomField
from accounts.queries.custom import described
from accounts.rules.custom import LONGEST_TEXT, PREFIX, named
from accounts.rules.fields import Unfit
from tenants.models import User

SEGMENT = ("segment", "segment_reason")
Choices = Iterable[tuple[str, str]]


class AccountForm(forms.Form):
    """Name, domain, segment, region, industry, owner and custom fields.

    people: who may own it; without anybody the owner cannot be chosen.
    """

    name = forms.CharField(max_length=200)
    domain = forms.CharField(max_length=200, required=False, help_text="Such as globex.com.")
    segment = forms.ChoiceField(required=False)
    segment_reason = forms.CharField(
        label="Why this segment",
        max_length=300,
        required=False,
        help_text="A segment set by hand stays until the charter's rules are chosen again.",
    )
    region = forms.CharField(max_length=80, required=False)
    industry = forms.CharField(max_length=80, required=False)
    owner = forms.ChoiceField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        people: Choices,
        segments: Choices,
        custom: Iterable[CustomField],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, str]]] = {
            "segment": [("", "By the charter's rules"), *segments],
            "owner": [("", "Nobody"), *people],
        }
        for name, offered in choices.items():
            now = str(self.initial.get(name) or "")
            known = any(value == now for value, _ in offered)
            kept = (now, "As now, though no member" if name == "owner" else now)
            self.fields[name].choices = offered if known else [*offered, kept]  # type: ignore[attr-defined]
        if len(choices["owner"]) == 1:
            del self.fields["owner"]
        self.custom = list(custom)
        for field in self.custom:
            held = self.initial.get(named(field.key))
            self.fields[named(field.key)] = _custom_field(field, held)

    def clean(self) -> dict[str, Any]:
        """Custom fields take here what they take everywhere; what stands there may stay."""
        given = super().clean() or {}
        is_set = given.get("segment") and given["segment"] != (self.initial.get("segment") or "")
        if is_set and not given.get("segment_reason"):
            self.add_error("segment_reason", "Say why this segment is set by hand.")
        for field in self.custom:
            name = named(field.key)
            plain = _plain(given.get(name))
            try:
                if plain != self.initial.get(name):
                    given[name] = described(field).read(plain)
            except Unfit as unfit:
                self.add_error(name, unfit.reason)
        return given

    def values(self) -> dict[str, Any]:
        """TEXTS, the segment with its reason, and the custom fields JSON-ready by key."""
        given = self.cleaned_data
        custom = {field.key: _plain(given[named(field.key)]) for field in self.custom}
        return {key: given[key] for key in (*TEXTS, *SEGMENT)} | {"custom": custom}


def initial(account: Account) -> dict[str, Any]:
    """An account as its form starts."""
    plain = {key: getattr(account, key) for key in (*TEXTS, *SEGMENT, "version")}
    custom = {PREFIX + key: value for key, value in account.custom.items()}
    return plain | {"owner": str(account.owner_id or "")} | custom


class AssignForm(forms.Form):
    """Who shall own the chosen accounts."""

    owner = forms.ChoiceField()

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Choose"), *people, ("none", "Nobody")]  # type: ignore[attr-defined]


class TagForm(forms.Form):
    """The tag to put on the chosen accounts."""

    tag = forms.CharField(max_length=40)


def owner_choices(people: Iterable[User]) -> list[tuple[str, str]]:
    return [(str(person.pk), str(person)) for person in people]


def _custom_field(field: CustomField, now: Any) -> forms.Field:
    shared: dict[str, Any] = {"label": field.label, "required": False}
    match CustomField.Kind(field.kind):
        case CustomField.Kind.NUMBER:
            return forms.FloatField(**shared)
        case CustomField.Kind.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=widget, **shared)
        case CustomField.Kind.CHOICE:
            offered = [*field.choices, *({now} - {*field.choices, None, ""})]
            choices = [("", "Not said"), *((each, each) for each in offered)]
            return forms.ChoiceField(choices=choices, **shared)
        case CustomField.Kind.YES_NO:
            choices = [("", "Not said"), ("true", "Yes"), ("false", "No")]
            return forms.NullBooleanField(widget=forms.Select(choices=choices), **shared)
        case _:
            return forms.CharField(max_length=LONGEST_TEXT, **shared)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
