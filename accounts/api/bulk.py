"""The body and the answer of a bulk post."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.shapes import example_of, input_of, name_of
from accounts.rules.outcome import Outcome, Refusal, State
from accounts.targets import Target

SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
SHOWN = 200
WORDS = {
    State.NEW: "created",
    State.CHANGED: "updated",
    State.UNCHANGED: "unchanged",
    State.REFUSED: "refused",
}


class RefusalOutput(serializers.Serializer[Any]):
    """Why a row was not taken."""

    field = serializers.CharField(help_text="Empty where the whole row is meant.")
    value = serializers.JSONField(allow_null=True, help_text="What was sent; long texts cut.")
    code = serializers.CharField(help_text="Never changes.")
    reason = serializers.CharField(help_text="For people.")


class ResultOutput(serializers.Serializer[Any]):
    """What became of one row."""

    index = serializers.IntegerField(help_text="Its place in `data`, from 0.")
    external_id = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    result = serializers.ChoiceField(choices=list(WORDS.values()))
    refusals = RefusalOutput(many=True)


class BulkOutput(serializers.Serializer[Any]):
    """What became of all rows, and of each."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = ResultOutput(many=True)


def body_of(target: Target, most: int) -> type[serializers.Serializer[Any]]:
    """The serializer of the body. For the document: rows are read one by one."""
    told = "The system the rows come from: small letters, digits, dots, hyphens."
    rows = serializers.ListField(
        child=input_of(target)(), min_length=1, max_length=most, help_text=f"1 to {most} rows."
    )
    fields: dict[str, Any] = {
        "source": serializers.RegexField(f"^{SOURCE.pattern}$", help_text=told),
        "data": rows,
        "__doc__": f"Up to {most} rows of one source.",
        "__module__": __name__,
    }
    return type(f"{name_of(target)}Bulk", (serializers.Serializer,), fields)


def examples_of(target: Target) -> list[OpenApiExample]:
    """A post with a good and a bad row, and its answer."""
    good = example_of(target)
    bad = dict(good)
    key = next(iter(good))
    bad[key] = ""
    noun = next(item for item in target.fields if item.key == key)
    result = {"index": 0, "external_id": good[key], "id": None, "result": "created"}
    refusal = {
        "field": key,
        "value": "",
        "code": "missing",
        "reason": f"{noun.label} cannot be empty.",
    }
    answer = {
        **{"created": 1, "updated": 0, "unchanged": 0, "refused": 1},
        "results": [
            result | {"refusals": []},
            result | {"index": 1, "external_id": "", "result": "refused"} | {"refusals": [refusal]},
        ],
    }
    return [
        OpenApiExample("Two rows", {"source": "crm", "data": [good, bad]}, request_only=True),
        OpenApiExample("One taken, one refused", answer, response_only=True, status_codes=["207"]),
    ]


def read_body(body: Any, most: int) -> tuple[str, list[Any]]:
    """Source and rows. Raises ValidationError where the body is not of the right shape."""
    if not isinstance(body, Mapping):
        raise ValidationError({"": ["Send an object with `source` and `data`."]})
    errors = {str(key): ["There is no such field."] for key in body.keys() - {"source", "data"}}
    source, rows = body.get("source"), body.get("data")
    if not isinstance(source, str) or not SOURCE.fullmatch(source):
        errors["source"] = ["Name the system: 1 to 40 small letters, digits, dots, hyphens."]
    if not isinstance(rows, list) or not rows:
        errors["data"] = ["Send a list of at least one row."]
    elif len(rows) > most:
        errors["data"] = [f"{len(rows)} rows were sent; at most {most} go in one call."]
    if errors:
        raise ValidationError(errors)
    return str(source), list(rows or [])


def answer_of(outcome: Outcome) -> dict[str, Any]:
    """The answer's body: counts, then each row in the order it was sent."""
    reasons: dict[int, list[dict[str, Any]]] = {}
    for refusal in outcome.refusals:
        reasons.setdefault(refusal.index, []).append(_told(refusal))
    results = [
        {
            "index": row.index,
            "external_id": row.external_id,
            "id": str(row.id) if row.id else None,
            "result": WORDS[row.state],
            "refusals": reasons.get(row.index, []),
        }
        for row in outcome.rows
    ]
    counts = {WORDS[State(name)]: n for name, n in outcome.summary.items()}
    return counts | {"results": results}


def _told(refusal: Refusal) -> dict[str, Any]:
    value = refusal.value
    if isinstance(value, list | dict):
        value = str(value)
    if isinstance(value, str) and len(value) > SHOWN:
        value = value[:SHOWN] + "…"
    return {
        "field": refusal.field,
        "value": value,
        "code": refusal.code,
        "reason": refusal.reason,
    }
