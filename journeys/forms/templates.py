"""An onboarding template as a form: its name, its touch models, and a row for each task."""

import re
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from journeys.rules.templates import (
    LONGEST,
    MOST_TASKS,
    OURS,
    PHASES,
    THEIRS,
    TOUCH_MODELS,
    TemplateBody,
)

BLANK_ROWS = 3
TOUCH = {"high": "High touch", "mid": "Mid touch", "low": "Low touch", "tech": "Tech touch"}
WHO = [
    ("Us", [(f"us:{key}", label) for key, label in OURS.items()]),
    ("The account", [(f"them:{key}", label) for key, label in THEIRS.items()]),
]


class TemplateForm(forms.Form):
    """What stands above the tasks."""

    name = forms.CharField(max_length=120)
    touch_models = forms.MultipleChoiceField(
        label="Begins by itself for",
        choices=[(key, TOUCH[key]) for key in TOUCH_MODELS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class NewTemplateForm(TemplateForm):
    """The same with a key, which is for ever."""

    key = forms.SlugField(max_length=40, help_text="Short and for ever, such as partner_60.")
    field_order = ("key", "name", "touch_models", "seen_version")


class RowForm(forms.Form):
    """One task. A row without a name is left out; so is one that is taken out."""

    key = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    label = forms.CharField(label="Task", max_length=160, required=False)
    note = forms.CharField(label="Done when", max_length=400, required=False)
    phase = forms.ChoiceField(choices=list(PHASES.items()))
    who = forms.ChoiceField(label="Who", choices=WHO)
    offset = forms.IntegerField(label="Not before day", min_value=0, max_value=LONGEST, initial=0)
    days = forms.IntegerField(label="Takes", min_value=0, max_value=LONGEST, initial=1)
    after = forms.CharField(label="Comes after", required=False, max_length=200)
    weight = forms.IntegerField(label="Weight", min_value=1, max_value=LONGEST, initial=1)
    is_visible = forms.BooleanField(label="They see it", required=False)
    is_gate = forms.BooleanField(label="Gate", required=False)
    is_out = forms.BooleanField(label="Take out", required=False)

    def clean_after(self) -> list[int]:
        """The numbers of the tasks it comes after: “1, 4”."""
        found = re.split(r"[,;\s]+", self.cleaned_data["after"].strip())
        if not all(each.isdecimal() and len(each) < 4 for each in found if each):
            raise forms.ValidationError("Numbers of tasks, such as 1, 4.")
        return [int(each) for each in found if each]

    def flags(self) -> list[Any]:
        """The boxes to tick."""
        return [self[name] for name in ("is_gate", "is_visible", "is_out")]

    @property
    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("label")) and not self.cleaned_data.get("is_out")


class Rows(BaseFormSet):
    """The tasks in order, numbered from 1, with blank rows below."""

    def tasks(self) -> list[dict[str, Any]]:
        """The tasks as a body has them. An unknown number is kept, and refused as a key."""
        kept = {n: form for n, form in enumerate(self.forms, start=1) if form.is_kept}
        keys: dict[int, str] = {}
        for n, form in kept.items():
            wanted = form.cleaned_data["key"] or _slug(form.cleaned_data["label"])
            while wanted in keys.values():
                wanted = f"{wanted[:36]}_{n}"
            keys[n] = wanted
        return [_task(form, keys[n], keys) for n, form in kept.items()]


TaskRows = formset_factory(RowForm, formset=Rows, extra=BLANK_ROWS, max_num=MOST_TASKS)


def initial_rows(body: TemplateBody) -> list[dict[str, Any]]:
    """The rows of a template there is."""
    numbers = {task.key: n for n, task in enumerate(body.tasks, start=1)}
    return [
        {
            "key": task.key,
            "label": task.label,
            "note": task.note,
            "phase": task.phase,
            "who": f"{task.side}:{task.role}",
            "offset": task.offset,
            "days": task.days,
            "after": ", ".join(str(numbers[key]) for key in task.after),
            "weight": task.weight,
            "is_visible": task.is_visible,
            "is_gate": task.is_gate,
        }
        for task in body.tasks
    ]


def _task(form: Any, key: str, keys: dict[int, str]) -> dict[str, Any]:
    got = form.cleaned_data
    side, role = got["who"].split(":")
    plain = ("label", "note", "phase", "offset", "days", "weight", "is_visible", "is_gate")
    return {name: got[name] for name in plain} | {
        "key": key,
        "side": side,
        "role": role,
        "after": [keys.get(n, f"number {n}") for n in got["after"]],
    }


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:40] or "task"
