"""How the OpenAPI document speaks of what all endpoints share: key, pace, problems, pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from tenants.rest.idempotency import LONGEST
from tenants.rest.keys import KeyAuthentication, needed
from tenants.rest.paging import MOST, USUAL
from tenants.rest.problems import PROBLEM

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

ONCE = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST, "pattern": "^[ -~]*$"},
    OpenApiParameter.HEADER,
    description=f"Any ASCII text of at most {LONGEST} signs: the call takes effect once.",
)
PAGING = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        description="How many rows.",
    ),
    OpenApiParameter("cursor", str, description="Where to go on; taken from `next`."),
]
PACE = {
    "RateLimit-Limit": "Calls a key may make at once.",
    "RateLimit-Remaining": "Calls it may still make now.",
    "RateLimit-Reset": "Seconds until it may make all of them again.",
}
WORDS = {
    400: "The call cannot be read.",
    401: "No valid key.",
    403: "The key lacks the scope.",
    404: "There is no such thing in your tenant.",
    409: "Refused; the code says why.",
    413: "The body is too large.",
    415: "The body is no JSON in UTF-8.",
    422: "Some values cannot be taken.",
    429: "Too many calls; try again after Retry-After seconds.",
}


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457). `code` never changes, `detail` is for people."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Only with `invalid`: reasons by field."
    )


def page_of(output: type[serializers.Serializer[Any]], **more: Any) -> type:
    """The serializer of one page of rows; only the document needs it."""
    name = output.__name__ + "Page"
    fields: dict[str, Any] = {
        "data": output(many=True),
        "next": serializers.URLField(allow_null=True, help_text="The next page; null at the end."),
        "__doc__": "One page of rows.",
        "__module__": __name__,
    }
    return type(name, (serializers.Serializer,), fields | more)


class Schema(AutoSchema):
    """Adds to every endpoint its scope, its problems, and what makes a call happen once.

    An endpoint may name its `tag`; a method is named by `extend_schema(operation_id=...)`.
    """

    def get_operation(self, *arguments: Any) -> Any:
        told = super().get_operation(*arguments)
        if not told:
            return told
        words = " ".join(told.get("description", "").split())
        need = needed(self.view, self.method) if hasattr(self.view, "needs") else None
        if need:
            words, told["x-scope"] = f"{words}\n\nNeeds the scope `{need}`.".strip(), str(need)
        told["description"] = words
        return told

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        told = super()._map_basic_serializer(serializer, direction)
        if direction == "request":  # every reader of bodies refuses what it does not know
            told["additionalProperties"] = False
        return told

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else super().get_tags()

    def get_override_parameters(self) -> list[Any]:
        return [ONCE] if self.method in UNSAFE else []

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        if not hasattr(self.view, "needs"):
            return bodies
        for body in bodies.values():
            body["headers"] = {
                name: {"schema": {"type": "integer"}, "description": words}
                for name, words in PACE.items()
            }
        for number in self._problems():
            answer = OpenApiResponse(Problem, WORDS[number])
            bodies[str(number)] = self._get_response_for_code(
                answer, str(number), [PROBLEM], direction
            )
        return bodies

    def _problems(self) -> list[int]:
        found = [400, 401, 403, 422, 429]
        if "{" in self.path:
            found.append(404)
        if self.method in UNSAFE:
            found += [409, 413, 415]
        return sorted(found)


class KeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes the key."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key of your tenant."}
