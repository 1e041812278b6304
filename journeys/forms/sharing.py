"""Sharing an account's page as people enter it."""

from typing import Any

from django import forms

from accounts.models import Contact
from journeys.actions.links import LONGEST_DAYS


class LinkForm(forms.Form):
    """Who gets a link, for how long, and whether a code is asked for as well."""

    contact = forms.ChoiceField(label="For whom")
    days = forms.IntegerField(
        label="Days it holds", min_value=1, max_value=LONGEST_DAYS, initial=90
    )
    asks_code = forms.BooleanField(
        label="Ask for a code sent to their e-mail address", required=False
    )

    def __init__(self, contacts: list[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        named = [
            (str(contact.pk), f"{contact.name}, {contact.email or 'no e-mail address'}")
            for contact in contacts
        ]
        self.fields["contact"].choices = [("", "Choose"), *named]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"contact": self.contacts[found["contact"]]}
