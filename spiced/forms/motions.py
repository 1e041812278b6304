"""A new deal with an account as people begin it."""

from typing import Any

from django import forms

from accounts.models import Opportunity
from spiced.rules.touchpoints import MOTIONS


class MotionForm(forms.Form):
    """What kind of deal begins, and why."""

    motion = forms.ChoiceField(
        label="What begins",
        choices=[(key, f"{each.label}: {each.does}") for key, each in MOTIONS.items()],
        widget=forms.RadioSelect,
    )
    opportunity = forms.ChoiceField(label="Deal", required=False)
    reason = forms.CharField(max_length=300, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, deals: list[Opportunity], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deals = {str(deal.pk): deal for deal in deals}
        choices = [("", "None yet"), *((key, deal.name) for key, deal in self.deals.items())]
        self.fields["opportunity"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        found = dict(self.cleaned_data)
        return found | {"opportunity": self.deals.get(found["opportunity"])}
