"""The shape of a move and of a window of time."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from bowtie.models import Overlay
from bowtie.queries.board import Asked, year_to
from bowtie.queries.ways import Choices, Slice
from bowtie.rules.funnel import COHORT, PERIOD
from bowtie.rules.gates import TICKS
from bowtie.rules.stages import Stage, is_backward

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


class MoveForm(forms.Form):
    """A move to one stage: the evidence its gate asks for, why it goes back, or a lead's reason."""

    to_stage = forms.ChoiceField(
        choices=[(stage.value, stage.label) for stage in Stage], widget=forms.HiddenInput
    )
    seen_stage = forms.ChoiceField(
        choices=[(stage.value, stage.label) for stage in Stage], widget=forms.HiddenInput
    )
    reason = forms.CharField(label="Why it goes back", max_length=300)
    override_reason = forms.CharField(label="Reason to go without", max_length=300, required=False)

    def __init__(
        self, before: Stage, to_stage: Stage, may_override: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ticks = TICKS.get(to_stage, {})
        self.fields["to_stage"].initial = to_stage
        self.fields["seen_stage"].initial = before
        for key, words in self.ticks.items():
            self.fields[key] = forms.BooleanField(
                label=words[0].upper() + words[1:], required=False
            )
        self.order_fields(["to_stage", "seen_stage", *self.ticks])
        if not is_backward(before, to_stage):
            del self.fields["reason"]
        if not may_override:
            del self.fields["override_reason"]

    def evidence(self) -> dict[str, Any]:
        return {key: True for key in self.ticks if self.cleaned_data.get(key)}


class RevokeForm(forms.Form):
    """Why First Impact was an error."""

    reason = forms.CharField(label="What was wrong", max_length=300)


class OverlayForm(forms.Form):
    """Something that holds beside the stage, since when and why."""

    kind = forms.ChoiceField(label="What holds", choices=Overlay.Kind.choices)
    since = forms.DateField(label="Since", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why", max_length=300)


class WindowForm(forms.Form):
    """A window of days, from the query string; the last twelve months without one."""

    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for key, day in list(cleaned.items()):  # what is refused leaves it
            if isinstance(day, date) and not EARLIEST <= day <= LATEST:
                self.add_error(key, f"The day must be from {EARLIEST.year} to {LATEST.year}.")
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError("The window must begin before it ends.")
        return cleaned

    def window(self, today: date) -> tuple[date, date]:
        """(since, until), both included; the default where a date is missing or cannot be read."""
        given = self.cleaned_data if self.is_valid() else {}
        until = given.get("until") or today
        return given.get("since") or year_to(until), until


class BoardForm(WindowForm):
    """What the bowtie is asked: a window, what was known on a day, how to count, and a slice."""

    as_of = forms.DateField(
        label="As known on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    method = forms.ChoiceField(
        label="Counted by",
        required=False,
        choices=[(COHORT, "cohort: of those that entered"), (PERIOD, "period: entries ÷ entries")],
    )

    def __init__(self, found: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {
            "segment": [(each, each.replace("_", " ").capitalize()) for each in found.segments]
        }
        named["owner"] = [(str(pk), name) for pk, name in found.owners]
        named["region"] = [(each, each) for each in found.regions]
        labels = {"segment": "Segment", "owner": "CSM", "region": "Region"}
        if len(found.currencies) > 1:
            labels["currency"] = "Currency"
            named["currency"] = [(each, each) for each in found.currencies]
        for key, label in labels.items():
            self.fields[key] = forms.ChoiceField(
                label=label, required=False, choices=[("", "All"), *named[key]]
            )

    def asked(self, now: datetime, zone: ZoneInfo) -> Asked:
        """What is asked; the default where a field is missing or cannot be read."""
        given = self.cleaned_data if self.is_valid() else {}
        as_of, day = now, given.get("as_of")
        if day is not None:
            midnight = datetime.combine(day + timedelta(days=1), time(), zone)
            as_of = min(now, midnight - timedelta(microseconds=1))
        since, until = self.window(as_of.astimezone(zone).date())
        owner = given.get("owner")
        chosen = Slice(
            given.get("segment") or "",
            UUID(owner) if owner else None,
            given.get("region") or "",
            given.get("currency") or "",
        )
        return Asked(since, until, as_of, zone, given.get("method") or COHORT, chosen)


class RetentionForm(BoardForm):
    """What retention is asked: as the bowtie, without its way to count; both methods are shown."""

    method = None  # type: ignore[assignment]
