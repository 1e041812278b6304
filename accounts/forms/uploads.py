"""A file that comes in, and how it is to be read."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.rules.dialect import DELIMITERS
from accounts.rules.encoding import ENCODINGS
from accounts.rules.layout import Choice
from accounts.targets import TARGETS


class UploadForm(forms.Form):
    """A file, what it holds, and the system it comes from."""

    file = forms.FileField(
        label="File", help_text="CSV, TSV, other delimited text, or XLSX; 200 MB at most."
    )
    target = forms.ChoiceField(label="Holds")
    source = forms.SlugField(
        label="Source",
        max_length=40,
        help_text="The system the file comes from, such as salesforce. The same source and key "
        "again means the same row.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(target.key, target.label) for target in TARGETS.values()]
        self.fields["target"].choices = choices  # type: ignore[attr-defined]


class LayoutForm(forms.Form):
    """How the file is to be cut into rows and cells."""

    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(
        label="Between cells",
        choices=[("tab" if mark == "\t" else mark, name) for mark, name in DELIMITERS.items()],
    )
    quote = forms.ChoiceField(
        label="Quotation marks",
        required=False,
        choices=[('"', 'Double "'), ("'", "Single '"), ("", "None")],
    )
    escape = forms.ChoiceField(
        label="Escapes", required=False, choices=[("", "None"), ("\\", "Backslash")]
    )
    worksheet = forms.ChoiceField()
    header_line = forms.IntegerField(
        label="Header on line", min_value=0, max_value=1000, help_text="0 where there is none."
    )
    keep_below = forms.BooleanField(
        label="Take notes and totals below the table as rows", required=False
    )

    def __init__(self, layout: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        chosen = layout.get("choice", {})
        delimiter = layout["delimiter"]
        kwargs["initial"] = {
            "encoding": layout["encoding"],
            "delimiter": "tab" if delimiter == "\t" else delimiter,
            "quote": layout["quote"],
            "escape": layout["escape"],
            "header_line": layout["header_line"],
            "worksheet": layout["worksheet"],
            "keep_below": chosen.get("keep_below", False),
        }
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        if layout["format"] == "workbook":
            for name in ("encoding", "delimiter", "quote", "escape"):
                del self.fields[name]
            choices = [(title, title) for title in layout["worksheets"]]
            self.fields["worksheet"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["worksheet"]
            known = {key for key, _ in self.fields["delimiter"].choices}  # type: ignore[attr-defined]
            if kwargs["initial"]["delimiter"] not in known:
                self.fields["delimiter"].choices += [(delimiter, f"“{delimiter}”")]  # type: ignore[attr-defined]

    def choice(self) -> Choice:
        """What the person settles: only what differs from what was found, or was before."""
        said = {key: self.cleaned_data[key] for key in self.changed_data}
        if said.get("delimiter") == "tab":
            said["delimiter"] = "\t"
        return Choice(**{**self.chosen, **said})
