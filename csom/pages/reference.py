"""The reference of the API as a page, drawn from the OpenAPI document by the server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from tenants.access import open_to_all

JSON = "application/json"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One parameter or one field of a body."""

    name: str
    kind: str
    must: bool
    words: str


@dataclass(frozen=True)
class Answer:
    """One status an operation may answer with."""

    status: str
    words: str
    is_good: bool


@dataclass(frozen=True)
class Operation:
    """One call: its address, what goes in, what comes out."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parameters: tuple[Line, ...]
    body: tuple[Line, ...]
    output: tuple[Line, ...]
    answers: tuple[Answer, ...]
    request: str
    response: str


@open_to_all
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """Every endpoint by noun. Needs no key: it says nothing of any tenant."""
    return render(request, "api/docs.html", {"groups": groups(), "title": "API"})


@lru_cache(maxsize=1)
def groups() -> list[tuple[str, list[Operation]]]:
    """The operations by noun, in the order of the document."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    found: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method, told in operations.items():
            if "security" in told and "operationId" in told and path.count("openapi") == 0:
                made = _operation(document, path, method.upper(), told)
                found.setdefault(told["tags"][0], []).append(made)
    return list(found.items())


def _operation(document: Schema, path: str, method: str, told: Schema) -> Operation:
    words = told.get("description", "").partition("\n\nNeeds the scope ")[0]
    answers = told["responses"]
    good = [status for status in answers if status.startswith("2")]
    taken = told.get("requestBody", {}).get("content", {}).get(JSON, {})
    given = answers[good[0]].get("content", {}).get(JSON, {})
    shown = [answers[status].get("content", {}).get(JSON, {}) for status in good]
    return Operation(
        id=told["operationId"],
        method=method,
        path=path,
        summary=told.get("summary", ""),
        words=words,
        scope=told.get("x-scope", ""),
        parameters=tuple(
            Line(
                each["name"],
                _kind(document, each.get("schema", {})),
                bool(each.get("required")),
                each.get("description", ""),
            )
            for each in told.get("parameters", [])
        ),
        body=tuple(_lines(document, taken.get("schema", {}))),
        output=tuple(_lines(document, given.get("schema", {}))),
        answers=tuple(
            Answer(status, _words(status, answer), status in good)
            for status, answer in answers.items()
        ),
        request=_example([taken]),
        response=_example(shown),
    )


def _words(status: str, answer: Schema) -> str:
    plain = {"200": "Done.", "201": "Made.", "207": "At least one row was refused."}
    return str(answer.get("description") or plain.get(status, ""))


def _example(contents: list[Schema]) -> str:
    for content in contents:
        for example in content.get("examples", {}).values():
            return json.dumps(example["value"], indent=2, ensure_ascii=False)
    return ""


def _lines(document: Schema, schema: Schema, before: str = "", depth: int = 0) -> Iterator[Line]:
    """The fields of an object, those of the objects in it below their own name."""
    schema = _resolved(document, schema)
    must = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        inner = _resolved(document, field)
        words = field.get("description") or inner.get("description", "")
        is_list = inner.get("type") == "array"
        yield Line(before + name, _kind(document, field), name in must, words)
        below = _resolved(document, inner.get("items", {})) if is_list else inner
        if depth < 2 and below.get("properties"):
            yield from _lines(
                document, below, f"{before}{name}{'[]' if is_list else ''}.", depth + 1
            )


def _resolved(document: Schema, schema: Schema) -> Schema:
    """A schema without references and without the wrapping that goes with a description."""
    for wrapped in ("allOf", "oneOf"):
        if len(schema.get(wrapped, [])) == 1:
            schema = schema[wrapped][0]
    if "$ref" in schema:
        return dict(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _kind(document: Schema, schema: Schema) -> str:
    """What a value is, in a few words: "text, at most 200", "one of open, paid"."""
    inner = _resolved(document, schema)
    if choices := [str(one) for one in inner.get("enum", []) if one not in (None, "")]:
        return "one of " + ", ".join(choices)
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kind = str(inner.get("format") or inner.get("type") or "any")
    plain = {"int64": "whole number", "double": "number", "uuid": "id", "date-time": "moment"}
    kind = plain.get(kind, names.get(kind, kind))
    if inner.get("type") == "array":
        kind = f"list of {_kind(document, inner.get('items', {}))}"
    if most := inner.get("maxLength") or inner.get("maximum") or inner.get("maxItems"):
        kind += f", at most {most:,}"
    return kind + (", or null" if inner.get("nullable") else "")
