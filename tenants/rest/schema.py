"""How the OpenAPI document speaks of what all endpoints share."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from tenants.rest.keys import KeyAuthentication


class KeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes the key."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key of your tenant."}
