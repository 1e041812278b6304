"""A condition as a field of any form: rows to choose in, no document to type."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.template.loader import render_to_string

from health.models import AccountRow
from health.queries.listed import Meets
from health.queries.rows import totals
from health.rules.building import (
    DEEPEST,
    KINDS,
    NONE,
    Group,
    Line,
    done,
    laid_out,
    posted,
    put_together,
)
from health.rules.conditions import BadCondition, parse
from health.rules.sentences import OPS, sentence
from health.rules.things import Use, Vocabulary
from tenants.formats import plural

PRESSED = "do"  # the button of the rows that was pressed, as "when|add:0"
TEMPLATE = "components/builder.html"
BOUNDS = [("", "any value")] + [(op, words.removeprefix("is ") or "is")
                                for op, words in OPS.items()]  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """Where conditions are built: what they may look at, the day, the currency, and for what."""

    vocabulary: Vocabulary
    today: date
    currency: str
    use: Use = "any day"


class Rows(forms.Widget):
    """The rows of a condition."""

    use_fieldset = True

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.is_judged = False  # what a row lacks is said once the form was sent

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Group | None:
        found = posted({key: data.get(key, "") for key in data if key.startswith(f"{name}:")}, name)
        pressed = button(data, name)
        return done(found, pressed) if found and pressed else found

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}::kind" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        if self.is_judged and isinstance(value, Group):
            put_together(value, self.setting.vocabulary)
        return render_to_string(TEMPLATE, built(self.setting, name, value))


def button(data: Any, name: str) -> str:
    """Which button of a condition's rows was pressed; empty where none was."""
    prefix, _, pressed = data.get(PRESSED, "").partition("|")
    return pressed if prefix == name else ""


class ConditionField(forms.Field):
    """A condition as JSON. What a row lacks stands at the row."""

    def __init__(self, setting: Setting, **kwargs: Any) -> None:
        self.setting = setting
        super().__init__(widget=Rows(setting), **kwargs)

    def clean(self, value: Any) -> Any:
        if value is None:  # a form without the rows leaves the condition as it was
            return self.initial
        group = value if isinstance(value, Group) else laid(value, self.setting)
        if not self.required and is_blank(group):
            return None
        made = put_together(group, self.setting.vocabulary)
        if made is None:
            self.widget.is_judged = True
            raise forms.ValidationError(group.error or "Something is missing in a row.")
        return made

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class ConditionForm(forms.Form):
    """The condition of a list alone; without any row the list has none."""

    def __init__(self, setting: Setting, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"] = ConditionField(setting, label="Condition", required=False)


def is_blank(group: Group) -> bool:
    """Whether nothing was chosen."""
    return not any(line.what for line in group.lines())


def laid(value: Any, setting: Setting) -> Group:
    """A stored condition as rows; an empty one where there is none or it cannot be read."""
    try:
        return laid_out(parse(value) if value else None, setting.vocabulary)
    except BadCondition:
        return laid_out(None, setting.vocabulary)


def built(setting: Setting, name: str, value: Any, focus: str = "") -> dict[str, Any]:
    """What the template draws: rows with their fields, and what they mean now.

    focus: the id of what takes the focus, where something was pressed.
    """
    group = value if isinstance(value, Group) else laid(value, setting)
    return {
        "focus": focus,
        "currency": setting.currency,
        "name": name,
        "use_word": setting.use.replace(" ", "-"),
        "has_days": setting.use != "cap",  # a cap looks at one day only
        "whole": drawn(group, name, setting.vocabulary),
        "kinds": KINDS.items(),
        "meaning": meaning(group, setting),
    }


def drawn(group: Group, name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """A group as the template draws it."""
    return {
        "is_group": True,
        "place": group.place,
        "id": f"{name}:{group.place}",
        "kind": group.kind,
        "days": group.days,
        "error": group.error,
        "may_nest": group.depth + 1 < DEEPEST,
        "parts": [
            drawn(part, name, vocabulary)
            if isinstance(part, Group)
            else _row(part, name, vocabulary)
            for part in group.parts
        ],
    }


def _row(line: Line, name: str, vocabulary: Vocabulary) -> dict[str, Any]:
    thing = vocabulary.things.get(line.what)
    return {
        "place": line.place,
        "id": f"{name}:{line.place}",
        "what": line.what,
        "is_lost": bool(line.what) and thing is None,
        "groups": [
            (group, [(_key(each), each.label) for each in found])
            for group, found in vocabulary.groups()
        ],
        "op": line.op,
        "ops": list(thing.ops.items()) if thing else [],
        "inputs": [
            each | {"id": f"{name}:{line.place}:v{each['at']}"}
            for each in (_inputs(line, vocabulary) if thing and line.op in thing.ops else ())
        ],
        "days": line.days,
        "error": line.error,
    }


def _key(thing: Any) -> str:
    return f"definition.{thing.key}" if thing.kind == "definition" else thing.key


def _inputs(line: Line, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The fields for the values of a row, by its type."""
    thing, texts = vocabulary.things[line.what], [*line.texts, "", "", "", ""]
    if line.op in ("known", "unknown", "is", "isnt"):
        return []
    number = {"kind": "number", "unit": thing.unit, "label": thing.label}
    if line.op.startswith("days "):
        return [number | {"at": 0, "value": texts[0], "unit": "days"}]
    if line.op == "changed":
        return _changes(line, thing, texts, number)
    if thing.kind == "number":
        return [number | {"at": 0, "value": texts[0]}]
    if thing.kind == "yes_no":
        choices = [("yes", "yes"), ("no", "no")]
        return [_select(0, texts[0] or "yes", choices, thing.label)]
    if line.op == "contains" or thing.kind == "day":
        kind = "date" if thing.kind == "day" else "text"
        return [{"kind": kind, "at": 0, "value": texts[0], "label": thing.label}]
    chosen = [text for text in line.texts if text]
    found = []
    for at, text in enumerate([*chosen, ""]):
        before = "or" if at and text else ""
        if thing.choices:
            left = [each for each in thing.choices if each[0] == text or each[0] not in chosen]
            if len(left) > bool(text) or text or not at:
                blank = "or another" if at else "Choose"
                found.append(_select(at, text, [("", blank), *left], thing.label, before))
        else:
            found.append(
                {"kind": "text", "at": at, "value": text, "label": thing.label, "before": before}
            )
    return found


def _changes(line: Line, thing: Any, texts: list[str], number: dict[str, Any]) -> list[Any]:
    found: list[dict[str, Any]] = []
    for side, word in enumerate(("from", "to")):
        if thing.kind == "number":
            at = 2 * side
            found.append(_select(at, texts[at], BOUNDS, f"{thing.label} {word}", word))
            if texts[at]:
                found.append(number | {"at": at + 1, "value": texts[at + 1]})
            else:
                found.append({"kind": "hidden", "at": at + 1, "value": ""})
        elif thing.choices:
            choices = [("", "any value"), (NONE, "none"), *thing.choices]
            found.append(_select(side, texts[side], choices, f"{thing.label} {word}", word))
        else:
            found.append({"kind": "text", "at": side, "value": texts[side], "before": word,
                          "label": f"{thing.label} {word}"})  # fmt: skip
    return found


def _select(
    at: int, value: str, choices: list[tuple[str, str]], label: str, before: str = ""
) -> dict[str, Any]:
    if value and value not in dict(choices):
        choices = [*choices, (value, value)]
    return {"kind": "select", "at": at, "value": value, "choices": choices, "label": label,
            "before": before}  # fmt: skip


def meaning(group: Group, setting: Setting) -> dict[str, Any]:
    """A condition in words with the accounts it matches now; what it lacks, where it is not whole.

    Two queries where it is whole.
    """
    if is_blank(group):
        return {"is_blank": True}
    made = put_together(group, setting.vocabulary)
    if made is None:
        return {"lacks": group.error or "A row is not complete yet."}
    condition = parse(made)
    found = reach(condition, setting.today)
    return {"words": sentence(condition, setting.vocabulary.names), "made": made} | found


def reach(condition: Any, today: date) -> dict[str, Any]:
    """How many accounts a condition matches today, and a warning where it is all of them or none.

    Two queries. arr_minor: of those that match.
    """
    rows = AccountRow.objects.filter(is_archived=False)
    n, arr_minor, _ = totals(rows.filter(Meets(condition, today)))
    of = rows.count()
    warning = ""
    if of and not n:
        warning = f"None of {plural(of, 'account')} matches today."
    elif of and n == of:
        warning = f"Every one of {plural(of, 'account')} matches today: it leaves nobody out."
    return {"n": n, "of": of, "arr_minor": arr_minor, "warning": warning}
