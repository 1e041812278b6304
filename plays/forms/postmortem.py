"""The shape of a post-mortem."""

from typing import Any

from django import forms

from accounts.models import ChurnRecord
from accounts.rules.churn import CAUSES

MOST_WORDS = 4000


class PostmortemForm(forms.Form):
    """Who decided, the cause by its group, the earliest sign, and what was missed."""

    initiation = forms.ChoiceField(
        label="Who decided", choices=[("", ""), *ChurnRecord.Initiation.choices]
    )
    cause = forms.ChoiceField(
        label="Cause, by the earliest sign there is evidence for",
        choices=[
            ("", ""),
            *(
                (group, [(key, key.replace("_", " ").capitalize()) for key in causes])
                for group, causes in CAUSES.items()
            ),
        ],
    )
    signal_on = forms.DateField(
        label="Earliest sign", widget=forms.DateInput(attrs={"type": "date"})
    )
    missed = forms.CharField(
        label="What was missed", max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5})
    )

    @classmethod
    def of(cls, record: ChurnRecord, data: Any) -> "PostmortemForm":
        """With what the record says so far."""
        names = ("initiation", "cause", "signal_on", "missed")
        return cls(data, initial={name: getattr(record, name) for name in names})
