"""The shape of a post-mortem."""

from typing import Any

from django import forms

from accounts.models import ChurnRecord
from charter.queries import causes

MOST_WORDS = 4000


class PostmortemForm(forms.Form):
    """Who decided, the cause by its group, the earliest sign, and what was missed."""

    initiation = forms.ChoiceField(
        label="Who decided", choices=[("", ""), *ChurnRecord.Initiation.choices]
    )
    cause = forms.ChoiceField(label="Cause, by the earliest sign there is evidence for")
    signal_on = forms.DateField(
        label="Earliest sign", widget=forms.DateInput(attrs={"type": "date"})
    )
    missed = forms.CharField(
        label="What was missed", max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5})
    )

    @classmethod
    def of(cls, record: ChurnRecord, data: Any) -> "PostmortemForm":
        """With what the record says so far, and the causes of the charter."""
        names = ("initiation", "cause", "signal_on", "missed")
        form = cls(data, initial={name: getattr(record, name) for name in names})
        asked = causes().asked(also=record.cause)
        form.fields["cause"].choices = [("", ""), *asked.items()]  # type: ignore[attr-defined]
        return form
