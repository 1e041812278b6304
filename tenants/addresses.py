"""Addresses: the tenant is the first part of the path, and nobody else has to know."""

from django.urls import get_script_prefix, reverse, set_script_prefix

OUTSIDE = "csom.urls"
INSIDE = "csom.urls_inside"

RESERVED = frozenset(
    {
        *("admin", "api", "auth", "docs", "favicon.ico", "join", "livez", "metrics", "new"),
        *("readyz", "robots.txt", "s", "sign-up", "static", "styleguide", "switch", "tenants"),
    }
)


def outside(name: str, *args: object, **kwargs: object) -> str:
    """The address of a page outside every tenant."""
    return _reverse(name, "/", OUTSIDE, args, kwargs)


def inside(slug: str, name: str, *args: object, **kwargs: object) -> str:
    """The address of a page inside a named tenant, for mails, sign-in and jobs."""
    return _reverse(name, f"/{slug}/", INSIDE, args, kwargs)


def _reverse(
    name: str, prefix: str, urlconf: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> str:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args or None, kwargs=kwargs or None)
    finally:
        set_script_prefix(before)
