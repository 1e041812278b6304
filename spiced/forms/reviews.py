"""A review of a call, and the transcript its questions are counted in, as people enter them."""

from datetime import date
from typing import Any

from django import forms

from spiced.models import CallReview, Note
from spiced.rules.coaching import BEHAVIOURS, ITEMS, MOST, is_balanced
from spiced.rules.transcripts import Heard, heard, speakers
from tenants.formats import joined, rate

LONGEST = 500_000  # characters of a transcript, some ten hours of talk
POINTS = [(str(n), str(n)) for n in range(MOST + 1)]
DAY = {"type": "date"}


class ReviewForm(forms.Form):
    """Six items of 0 to 3, the behaviours that were seen, and words for the colleague."""

    def __init__(self, note: Note, before: CallReview | None, *args: Any, **kwargs: Any) -> None:
        """before: what the lead said of this call the last time."""
        super().__init__(*args, **kwargs)
        for key, label in ITEMS.items():
            self.fields[key] = forms.TypedChoiceField(
                label=label,
                choices=POINTS,
                coerce=int,
                initial=str(getattr(before, key)) if before else None,
                widget=forms.RadioSelect,
            )
        measured = ""
        if note.talk_share is not None:
            measured = f"In the transcript {rate(note.talk_share)} of the words are ours."
        self.fields["behaviours"] = forms.MultipleChoiceField(
            label="What was seen",
            choices=list(BEHAVIOURS.items()),
            initial=before.behaviours if before else _seen(note),
            help_text=measured,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["comment"] = forms.CharField(
            label="What went well, and what to try next",
            initial=before.comment if before else "",
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        self.fields["held_on"] = forms.DateField(
            label="Day of the call",
            initial=before.held_on if before else _day_of(note),
            widget=forms.DateInput(attrs=DAY),
        )

    def items(self) -> list[forms.BoundField]:
        """The six scored fields."""
        return [self[key] for key in ITEMS]

    def wanted(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        rest = {key: given[key] for key in ("behaviours", "comment", "held_on")}
        return rest | {"items": {key: given[key] for key in ITEMS}}


class TranscriptForm(forms.Form):
    """The words of a call, and which of its speakers are ours."""

    ours = forms.CharField(
        label="Our speakers",
        max_length=400,
        help_text="As the transcript names them, apart by commas.",
    )
    transcript = forms.CharField(
        max_length=LONGEST,
        help_text="Each speaker's lines begin with the name and a colon. It is read and not kept.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, note: Note, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if note.author is not None and note.author.name:
            name = note.author.name
            first = name.split()[0]
            self.fields["ours"].initial = name if first == name else f"{name}, {first}"

    def clean(self) -> dict[str, Any]:
        """Read the call. Where none of ours speaks, name who does."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        text = given["transcript"]
        ours = [name for each in given["ours"].split(",") if (name := each.strip())]
        given["heard"] = heard(text, ours)
        if not given["heard"].words_ours:
            named = speakers(text)[:12]
            who = f"It names {joined(named)}." if named else "No line begins with a name."
            self.add_error("ours", f"None of these speaks in the transcript. {who}")
        return given

    def wanted(self) -> dict[str, Heard]:
        """What the action takes."""
        return {"heard": self.cleaned_data["heard"]}


def _seen(note: Note) -> list[str]:
    return ["talk_share"] if is_balanced(note.talk_share) else []


def _day_of(note: Note) -> date:
    return note.saved_at.date()
