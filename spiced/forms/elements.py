"""The fields of one part of a note, and the confirmation of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Contact
from spiced.forms.lines import LinesField, ListField, tongue_of
from spiced.models import Element, ImpactGoal
from spiced.rules.elements import PARTS, rows_of
from spiced.rules.fields import LEVELS, LINE, LONGEST, Field, Kind
from spiced.rules.lines import Tongue, lines_of
from spiced.rules.rows import matched
from spiced.rules.touchpoints import Touchpoint
from tenants.formats import exponent

NOBODY = ("", "Nobody named")
Choices = list[tuple[str, str]]


def date_input() -> forms.DateInput:
    """The browser's own picker of a date."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def people(contacts: Iterable[Contact]) -> Choices:
    """Contacts as choices: "Priya Raman, CFO"."""
    return [(str(c.pk), f"{c.name}, {c.title}" if c.title else c.name) for c in contacts]


class ElementForm(forms.Form):
    """One part of a note. Nothing is required: what is missing, the meter says."""

    is_never_whole = True  # so that no label says "optional"

    def __init__(
        self, letter: str, contacts: list[Contact], currency: str, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.letter, self.currency = letter, currency
        here = [contact for contact in contacts if contact.archived_at is None]
        self.contacts = {str(contact.pk): contact for contact in here}
        chosen, tongue = people(here), tongue_of(contacts, currency)
        for field in PARTS[letter].fields:
            if field.kind is not Kind.GOAL:
                self.fields[field.key] = _control(field, chosen, tongue)
        self.fields["heard_from"] = forms.ChoiceField(
            label="Heard from", required=False, choices=[NOBODY, *chosen]
        )
        self.fields["heard_on"] = forms.DateField(
            label="Heard on", required=False, widget=date_input()
        )
        self.fields["evidence"] = forms.CharField(
            required=False,
            max_length=500,
            help_text="What shows it: a report, a mail, their words.",
        )
        occasions = [(str(each), each.label) for each in Touchpoint]
        self.fields["touchpoint"] = forms.ChoiceField(
            label="Heard at", required=False, choices=occasions
        )

    @classmethod
    def holding(
        cls,
        element: Element | None,
        letter: str,
        contacts: list[Contact],
        currency: str,
        touchpoint: str,
        **kw: Any,
    ) -> "ElementForm":
        """The form filled with what a part holds."""
        tongue = tongue_of(contacts, currency)
        initial = held(element, letter, tongue) | {"touchpoint": touchpoint}
        return cls(letter, contacts, currency, initial=initial, **kw)

    def given(self) -> dict[str, Any]:
        """What was entered and fits, as the action takes it."""
        found = {key: value for key, value in self.cleaned_data.items() if key != "touchpoint"}
        for field in PARTS[self.letter].fields:
            value = found.get(field.key)
            if field.kind is Kind.MONEY and value is not None:
                found[field.key] = int((value * 10 ** exponent(self.currency)).to_integral_value())
        if "heard_from" in found:
            found["heard_from"] = self.contacts.get(found["heard_from"])
        return found


def held(element: Element | None, letter: str, tongue: Tongue) -> dict[str, Any]:
    """What a part holds, as its form shows it."""
    if element is None:
        return {}
    shown = dict(element.values)
    for field in PARTS[letter].fields:
        value = shown.get(field.key)
        if field.kind is Kind.MONEY and value is not None:
            shown[field.key] = Decimal(value) / 10 ** exponent(tongue.currency)
        elif field.kind is Kind.NUMBER and value is not None and value == int(value):
            shown[field.key] = int(value)
        elif field.kind is Kind.LIST:
            shown[field.key] = ListField.shown(value)
        elif field.kind is Kind.ROWS:
            shown[field.key] = lines_of(field, value, tongue)
    shown["heard_from"], shown["heard_on"] = str(element.heard_from_id or ""), element.heard_on
    shown["evidence"] = element.evidence
    return shown


def differing(given: Mapping[str, Any], base: Element) -> dict[str, Any]:
    """The entries that are not what the version held that somebody started from.

    Records come back under the ids they had in it.
    """
    given = dict(given)
    for field in PARTS[base.letter].records:
        if given.get(field.key):
            rows = rows_of(field, base.details)
            given[field.key] = matched(field, given[field.key], rows)
    told = {"heard_from": base.heard_from, "heard_on": base.heard_on, "evidence": base.evidence}
    was = base.values | told
    return {key: value for key, value in given.items() if _plain(value) != _plain(was.get(key))}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value or (0 if value == 0 else None)


class ConfirmForm(forms.Form):
    """Who at the account said that a part is right, and when."""

    heard_from = forms.ChoiceField(label="Confirmed by")
    heard_on = forms.DateField(label="On", widget=date_input())
    is_leveraged = forms.BooleanField(label="It stands in their own plan", required=False)
    goal = forms.ChoiceField(label="Impact it rests on", required=False)
    override_reason = forms.CharField(
        label="Reason to confirm out of order", max_length=300, required=False
    )

    def __init__(
        self,
        contacts: list[Contact],
        today: date,
        may_override: bool,
        goals: Sequence[ImpactGoal] | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """goals: those one may cite, the likely one first; None where none is asked for."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.goals = {str(goal.pk): goal for goal in goals or ()}
        if goals is None:
            del self.fields["goal"]
        else:
            cited = [(key, str(goal)) for key, goal in self.goals.items()]
            self.fields["goal"].choices = [("", "Choose"), *cited]  # type: ignore[attr-defined]
            self.fields["goal"].initial = next(iter(self.goals), "")
            self.fields["goal"].required = not may_override
            if not goals:
                self.fields["goal"].help_text = "There is no goal yet: make Impact whole first."
        self.contacts = {str(contact.pk): contact for contact in contacts}
        choices = [("", "Choose"), *people(contacts)]
        self.fields["heard_from"].choices = choices  # type: ignore[attr-defined]
        self.fields["heard_on"].initial = today
        if not may_override:
            del self.fields["override_reason"]

    def clean_heard_on(self) -> date:
        on: date = self.cleaned_data["heard_on"]
        if on > self.today:
            raise forms.ValidationError("This has not happened yet.")
        return on

    def confirmed_by(self) -> Contact:
        return self.contacts[self.cleaned_data["heard_from"]]

    def cited(self) -> ImpactGoal | None:
        return self.goals.get(self.cleaned_data.get("goal", ""))


def _control(field: Field, chosen: Choices, tongue: Tongue) -> forms.Field:
    said: dict[str, Any] = {"label": field.label, "help_text": field.hint, "required": False}
    if field.kind is Kind.TEXT:
        area = forms.Textarea(attrs={"rows": 2})
        return forms.CharField(max_length=LONGEST, widget=area, **said)
    if field.kind is Kind.NUMBER:
        return forms.FloatField(**said)
    if field.kind is Kind.MONEY:
        said["label"] = f"{field.label}, {tongue.currency}"
        return forms.DecimalField(
            min_value=0, max_digits=13, decimal_places=exponent(tongue.currency), **said
        )
    if field.kind is Kind.DATE:
        return forms.DateField(widget=date_input(), **said)
    if field.kind is Kind.CHOICE:
        choices = [("", "Not known"), *((each, each.capitalize()) for each in field.choices)]
        return forms.ChoiceField(choices=choices, **said)
    if field.kind is Kind.PERSON:
        return forms.ChoiceField(choices=[NOBODY, *chosen], **said)
    if field.kind is Kind.LEVEL:
        levels = [("", "Not known"), *((each, f"{each} of {LEVELS[-1]}") for each in LEVELS)]
        return forms.TypedChoiceField(choices=levels, coerce=int, empty_value=None, **said)
    if field.kind is Kind.LIST:
        return ListField(field, **said)
    if field.kind is Kind.ROWS:
        return LinesField(field, tongue, **said)
    return forms.CharField(max_length=LINE, **said)
