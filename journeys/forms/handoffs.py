"""The shape of a handoff's forms."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.forms import BoundField

from journeys.rules.judgement import RATED
from journeys.rules.kinds import SELLER, TO_TEAMS, HandoffKind
from journeys.rules.sections import Ask, Section, signed_on
from tenants.models import Membership
from tenants.roles import Role

LINE, TEXT = 300, 2000
GRADES = [(n, str(n)) for n in range(1, 6)]


class HandoffForm(forms.Form):
    """Everything the sections of a kind ask; nothing is required to save."""

    is_never_whole = True  # so that no field is marked as optional

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, kind: HandoffKind, people: list[tuple[str, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for key, ask in kind.asks.items():
            self.fields[key] = _field(ask, people)
            if ask.is_signed:
                self.fields[_signed(key)] = forms.BooleanField(
                    label="Signed: I looked, and there are none",
                    initial=bool(self.initial.get(signed_on(key))),
                    required=False,
                    help_text="Kept with your name and the day.",
                )

    def said(self) -> dict[str, str]:
        """What was written, as text by key."""
        return {key: _text(self.cleaned_data.get(key)) for key in self.kind.asks}

    def signed(self) -> set[str]:
        """The keys of which somebody signs that there is none."""
        return {key for key in self.kind.asks if self.cleaned_data.get(_signed(key))}

    def by_section(self) -> list[tuple[Section, list[BoundField]]]:
        """The sections with their fields, in order."""
        return [
            (
                section,
                [
                    self[name]
                    for ask in section.asks
                    for name in (ask.key, _signed(ask.key))
                    if name in self.fields
                ],
            )
            for section in self.kind.sections
        ]


class HandOverForm(forms.Form):
    """To which team, to whom, and since when its clock runs."""

    kind = forms.ChoiceField(label="To", widget=forms.RadioSelect)
    receiver = forms.ChoiceField(
        label="Who takes it", required=False,
        help_text="Left open it goes to the seller for Sales, else to whoever leads.",
    )  # fmt: skip
    signed_on = forms.DateField(
        label="Signed on", required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="For Finance: its clock counts from the signature.",
    )  # fmt: skip

    def __init__(
        self, members: Iterable[Membership], zone: ZoneInfo, role: Role, data: Any
    ) -> None:
        super().__init__(data)
        self.zone = zone
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (key, kind.taker)
            for key, kind in TO_TEAMS.items()
            if role != Role.SALES or kind.taken_by != SELLER
        ]
        people = [(str(each.user_id), each.user.name) for each in members]
        self.fields["receiver"].choices = [("", "Left open"), *people]  # type: ignore[attr-defined]

    def wanted(self, now: datetime) -> dict[str, Any]:
        """What the action is told. A signature of today counts from now, of before from noon."""
        got, on = self.cleaned_data, self.cleaned_data["signed_on"]
        at = datetime.combine(on, time(12), self.zone) if on else None
        is_today = on == now.astimezone(self.zone).date()
        return {
            "kind": got["kind"],
            "receiver_id": UUID(got["receiver"]) if got["receiver"] else None,
            "at": None if is_today else at,
        }


class ReturnForm(forms.Form):
    """What is missing: sections and mandatory items, and words."""

    is_never_whole = True  # one of the two is needed, so that neither is optional
    gaps = forms.MultipleChoiceField(
        label="What is missing", required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label="In your words", max_length=300, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, kind: HandoffKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {ask for _, _, asks in kind.items.values() for ask in asks}
        optional = (
            each.label.lower()
            for each in kind.sections
            if not asked & {ask.key for ask in each.asks}
        )
        words = [*(item[0] for item in kind.items.values()), *optional]
        self.fields["gaps"].choices = [  # type: ignore[attr-defined]
            (each, each[0].upper() + each[1:]) for each in words
        ]


class WaiverForm(forms.Form):
    """Why one missing item may wait."""

    reason = forms.CharField(
        max_length=300,
        help_text="Who hands over adds it within the time the charter promises, or gets a task.",
    )


class RatingForm(forms.Form):
    """The receiver's five questions, 1 to 5."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in RATED.items():
            self.fields[key] = forms.TypedChoiceField(label=label, choices=GRADES, coerce=int)


def people_choices(people: Iterable[Any]) -> list[tuple[str, str]]:
    """Contacts as choices, with nobody first."""
    named = [(str(each.pk), ", ".join(filter(None, [each.name, each.title]))) for each in people]
    return [("", "Nobody named"), *named]


def _field(ask: Ask, people: list[tuple[str, str]]) -> forms.Field:
    common: dict[str, Any] = {"label": ask.label, "required": False, "help_text": ask.hint}
    if ask.kind == "contact":
        return forms.ChoiceField(choices=people, **common)
    if ask.kind == "choice":
        return forms.ChoiceField(choices=[("", "Not said"), *ask.options], **common)
    if ask.kind == "date":
        return forms.DateField(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common
        )
    if ask.kind == "text":
        return forms.CharField(max_length=TEXT, widget=forms.Textarea({"rows": 3}), **common)
    return forms.CharField(max_length=LINE, **common)


def _signed(key: str) -> str:
    return f"{key}_signed"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()
