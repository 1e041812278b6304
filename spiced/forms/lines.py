"""Fields of a form in which one types lists, and records one a line."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from accounts.models import Contact
from spiced.rules.fields import LONGEST, MOST, Field, Kind
from spiced.rules.lines import Tongue, few, read_lines
from spiced.rules.values import WrongValue, fit
from tenants.formats import joined


def tongue_of(contacts: Iterable[Contact], currency: str) -> Tongue:
    """How people are called in lines: by name, the second of a name with a number."""
    people: dict[str, str] = {}
    for contact in sorted(contacts, key=lambda each: each.archived_at is not None):
        name, n = " ".join(contact.name.split()), 1
        while name in people:
            n += 1
            name = f"{' '.join(contact.name.split())} ({n})"
        people[name] = str(contact.pk)
    return Tongue(people, currency)


class ListField(forms.CharField):
    """Short texts, apart by commas; by semicolons where one of them holds a comma."""

    def __init__(self, field: Field, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)
        self.field = field

    def clean(self, value: Any) -> list[str] | None:
        return _fitting(self.field, super().clean(value))

    @staticmethod
    def shown(texts: Sequence[str] | None) -> str:
        """Texts as one types them."""
        if not any("," in each for each in texts or ()):
            return ", ".join(texts or ())
        return "; ".join(texts or ()) + (";" if len(texts or ()) == 1 else "")


class LinesField(forms.CharField):
    """Records, one a line, as `spiced.rules.lines` reads them."""

    def __init__(self, field: Field, tongue: Tongue, **kwargs: Any) -> None:
        area = forms.Textarea(attrs={"rows": 2})
        kwargs["help_text"] = f"{field.hint} {_keys(field, tongue)}"
        super().__init__(max_length=MOST * LONGEST, widget=area, **kwargs)
        self.field, self.tongue = field, tongue

    def clean(self, value: Any) -> list[dict[str, Any]] | None:
        text = super().clean(value)
        try:
            rows = read_lines(self.field, text, self.tongue)
            return _fitting(self.field, rows)
        except WrongValue as wrong:
            raise forms.ValidationError(list(_by_line(wrong))) from None


def _keys(field: Field, tongue: Tongue) -> str:
    """The keys of a line, and whom one can name: "Keys: @ who feels it (Priya Raman), # …"."""
    whom = few([*tongue.people])
    told = [
        f"{column.sign} {column.called}"
        + (f" ({whom})" if whom and column.kind is Kind.PERSON else "")
        + (f" ({joined(column.choices, 'or')})" if column.sign == "!" else "")
        for column in field.columns
        if column.sign
    ]
    return f"Keys: {', '.join(told)}."


def _fitting(field: Field, value: Any) -> Any:
    try:
        return fit(field, value)
    except WrongValue as wrong:
        raise forms.ValidationError(list(_by_line(wrong))) from None


def _by_line(wrong: WrongValue) -> Iterable[str]:
    """Errors with the line they are in, where they tell."""
    for key, words in wrong.errors.items():
        n = next((part for part in key.split(".") if part.isdecimal()), "")
        yield f"Line {int(n) + 1}: {words}" if n else words
