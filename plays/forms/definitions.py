"""The numbers of a play as a form, and the question why one did or did not start."""

import copy
from collections.abc import Iterator
from typing import Any

from django import forms

from health.rules.catalogue import DATES, name_of, unit_of
from health.rules.sentences import OPS
from plays.rules.bodies import LONGEST_DAYS, LOWEST_PRIORITY


class PlayForm(forms.Form):
    """The numbers of a play: one field for each, a new version when saved."""

    def __init__(self, body: dict[str, Any], name: str, version: int, *args: Any) -> None:
        super().__init__(*args)
        self.body = body
        self.fields["seen_version"] = forms.IntegerField(initial=version, widget=forms.HiddenInput)
        self.fields["name"] = forms.CharField(max_length=120, initial=name)
        for at, (label, leaf) in enumerate(thresholds(body)):
            self.fields[f"value-{at}"] = forms.FloatField(label=label, initial=leaf["value"])
        self.fields["because"] = forms.CharField(
            label="Why it started, in words",
            max_length=200,
            required=False,
            initial=body.get("because", ""),
            help_text="May name measures: Latest NPS answer is {nps_last}.",
        )
        self._whole("priority", "Priority, 1 is urgent", 1, LOWEST_PRIORITY)
        self.fields["first_action_hours"] = forms.FloatField(
            label="First action within, business hours",
            min_value=0,
            initial=body["first_action_hours"],
        )
        self._whole("cooldown_days", "Rests after closing, days", 0, LONGEST_DAYS)
        if body.get("success"):
            self._whole(
                "success_days",
                "Given up after, days",
                1,
                LONGEST_DAYS,
                body["success"]["within_days"],
            )
        for at, step in enumerate(body["steps"]):
            self.fields[f"step-{at}"] = forms.CharField(
                label=f"Step {at + 1}", max_length=200, initial=step["title"]
            )
            self.fields[f"due-{at}"] = forms.FloatField(
                label=f"Step {at + 1}: due after, business hours",
                min_value=0,
                initial=step["due_hours"],
            )

    def _whole(
        self, name: str, label: str, low: int, high: int, initial: int | None = None
    ) -> None:
        self.fields[name] = forms.IntegerField(
            label=label,
            min_value=low,
            max_value=high,
            initial=self.body[name] if initial is None else initial,
        )

    def to_body(self) -> dict[str, Any]:
        """The body with what was entered."""
        body, entered = copy.deepcopy(self.body), self.cleaned_data
        for at, (_, leaf) in enumerate(thresholds(body)):
            leaf["value"] = entered[f"value-{at}"]
        for name in ("priority", "first_action_hours", "cooldown_days", "because"):
            body[name] = entered[name]
        if body.get("success"):
            body["success"]["within_days"] = entered["success_days"]
        for at, step in enumerate(body["steps"]):
            step["title"], step["due_hours"] = entered[f"step-{at}"], entered[f"due-{at}"]
        return body


def thresholds(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(words, comparison) of every number in the conditions of a body, in the order written."""
    success = body.get("success") or {}
    parts = (
        ("Starts", body["when"]),
        ("Scope", body.get("scope")),
        ("Unless", body.get("suppress_if")),
        ("Worked", success.get("when")),
    )
    return [
        (f"{word}: {_without_number(leaf)}", leaf)
        for word, condition in parts
        if condition
        for leaf in _comparisons(condition)
    ]


def _comparisons(condition: Any) -> Iterator[dict[str, Any]]:
    if isinstance(condition, dict):
        if "measure" in condition or "days_until" in condition:
            yield condition
        for word in ("all", "any"):
            for part in condition.get(word, ()):
                yield from _comparisons(part)
        for word in ("not", "of"):
            if word in condition:
                yield from _comparisons(condition[word])


def _without_number(leaf: dict[str, Any]) -> str:
    key = leaf["measure"] if "measure" in leaf else DATES[leaf["days_until"]]
    share = " (0.1 is 10%)" if unit_of(key) in ("share", "change") else ""
    return f"{name_of(key)} {OPS[leaf['op']]}{share}"


class WhyForm(forms.Form):
    """Which account and day to look into."""

    account = forms.CharField(label="Account", max_length=200)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class SeenForm(forms.Form):
    """Which version somebody saw when they pressed the button."""

    seen_version = forms.IntegerField(min_value=0)
