"""A field of the tenant's own: made, and changed later."""

from typing import Any

from django import forms

from accounts.models import CustomField
from accounts.rules.custom import (
    KIND_WORDS,
    LONGEST_KEY,
    LONGEST_LABEL,
    choices_fault,
    choices_in,
    key_fault,
    key_of,
)
from accounts.rules.fields import MOST_TEXT

CHOICES_HELP = "One a line, in the order they are offered."


class ChangeFieldForm(forms.Form):
    """The label and the choices of a field. What stands is refused in plain words, not dropped."""

    label = forms.CharField(
        max_length=LONGEST_LABEL, help_text="As it is called on forms, pages and lists."
    )
    choices = forms.CharField(
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=CHOICES_HELP,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, field: CustomField, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        self.initial = {
            "label": field.label,
            "choices": "\n".join(field.choices),
            "version": field.version,
        }
        if field.kind != CustomField.Kind.CHOICE:
            del self.fields["choices"]
        else:
            self.fields["choices"].required = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.data.get("kind", self.field.kind) != self.field.kind:
            kind = KIND_WORDS[self.field.kind].lower()  # type: ignore[index]
            self.add_error(
                None,
                f"The type stands: values are kept as {kind}. Make another field for the new "
                "type, and retire this one.",
            )
        if self.data.get("key", self.field.key) != self.field.key:
            self.add_error(None, "The key stands: files and other systems know the field by it.")
        return given

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "label": given["label"],
            "choices": choices_in(given.get("choices", "")),
            "seen_version": given["version"],
        }


class NewFieldForm(forms.Form):
    """Everything that defines a field."""

    is_never_whole = True  # choices are needed or refused by type

    label = forms.CharField(
        max_length=LONGEST_LABEL, help_text="As it is called on forms, pages and lists."
    )
    kind = forms.ChoiceField(
        label="Type",
        choices=list(KIND_WORDS.items()),
        help_text="It stands once the field is made.",
    )
    choices = forms.CharField(
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Only for the type Choice. {CHOICES_HELP}",
    )
    key = forms.CharField(
        max_length=LONGEST_KEY,
        required=False,
        help_text="What files and the API call it; it stands too. Empty: made from the label.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "label" in given and "key" in given:
            given["key"] = given["key"] or key_of(given["label"])
            fault = key_fault(given["key"])
            if fault and not self.data.get("key"):
                fault = "No key can be made from the label; name one of small letters and digits."
            if fault:
                self.add_error("key", fault)
        given["choices"] = choices_in(given.get("choices", ""))
        if "kind" in given and (fault := choices_fault(given["kind"], given["choices"])):
            self.add_error("choices", fault)
        return given
