"""What people type into the pages of a tenant's settings, on the way in and about themselves."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from tenants.models import User
from tenants.roles import MEANS, PEOPLE, Can, Role, may_grant, scopes

CURRENCIES = (
    *("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY", "ILS"),
    *("CAD", "AUD", "NZD", "JPY", "INR", "SGD", "HKD", "KRW", "BRL", "MXN", "ZAR", "AED"),
)
ZONES = (
    "UTC",
    *sorted(zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/"),
)
LONGEST_PASSWORD = 128


class Password(forms.CharField):
    """A new password: any characters, spaces kept."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(
            widget=widget, strip=False, max_length=LONGEST_PASSWORD,
            help_text="At least 12 characters. Several words are easiest to remember.", **kwargs
        )  # fmt: skip


class CompanyForm(forms.Form):
    """How a tenant is called and counts."""

    name = forms.CharField(label="Company", max_length=120)
    currency = forms.ChoiceField(
        choices=[(code, code) for code in CURRENCIES],
        help_text="Totals are shown in it.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=[(zone, zone.replace("_", " ")) for zone in ZONES],
        help_text="Decides when a day begins and when nightly work runs.",
    )


class MemberForm(forms.Form):
    """A member's role, team and free time."""

    role = forms.ChoiceField()
    team = forms.CharField(
        max_length=60, required=False, help_text="People of one team share their lead's view."
    )
    capacity_minutes = forms.IntegerField(
        label="Free for planned work, minutes a day", min_value=0, max_value=1440, initial=360
    )

    def __init__(self, *args: Any, own_role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = grantable(own_role)  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    """Whom to ask in, and as what."""

    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(initial=Role.CSM.value)
    team = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, own_role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = grantable(own_role)  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """What an API key is for, what it may do and how long."""

    name = forms.CharField(max_length=80, help_text="The system that will use it.")
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=[(scope, MEANS[Can(scope)]) for scope in scopes()],
        widget=forms.CheckboxSelectMultiple,
        initial=[str(Can.READ_ACCOUNTS), str(Can.EDIT_ACCOUNTS), str(Can.WRITE_PULSE)],
    )
    days = forms.TypedChoiceField(
        label="Ends after",
        choices=[(30, "30 days"), (90, "90 days"), (180, "half a year"), (365, "a year")],
        coerce=int,
        initial=90,
    )


class DropJobForm(forms.Form):
    """Why work that failed may stay undone."""

    reason = forms.CharField(
        label="Why it may stay undone", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class ProfileForm(forms.Form):
    """How a person is called and how the product behaves for them."""

    name = forms.CharField(label="Your name", max_length=120)
    theme = forms.ChoiceField(
        label="Colours",
        choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")],
        help_text="On this device.",
    )
    uses_single_keys = forms.BooleanField(
        label="Single keys act",
        required=False,
        help_text="E marks done, J and K move, ? lists all.",
    )


class JoinForm(forms.Form):
    """A new person accepts an invitation."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = Password()

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        email = cleaned.get("email", self.address)
        if password := cleaned.get("password"):
            person = User(email=email, name=cleaned.get("name", ""))
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


def grantable(own_role: str) -> list[tuple[str, str]]:
    """The roles somebody may give, as choices."""
    return [(role.value, role.label) for role in PEOPLE if may_grant(own_role, role)]
