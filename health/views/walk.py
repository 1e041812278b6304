"""The list an account was opened from, kept in the address: back to it, and on along it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from health.queries.neighbours import Neighbour, place_of
from health.rules.lists import LISTS, List
from health.views.listing import address, wanted
from tenants.access import TenantRequest
from tenants.roles import Can

LONGEST = 2000  # characters of a list's address that travel along


@dataclass(frozen=True)
class Walk:
    """What the head of an account shows of the list around it. suffix: for links that stay in it.

    before, behind: {name, url}, None at the ends. words: "3 of 23".
    """

    label: str
    url: str
    words: str
    suffix: str
    before: dict[str, str] | None
    behind: dict[str, str] | None


def suffix(page: List, query: QueryDict) -> str:
    """What an account's address carries of the list it stands in; nothing of a very long one."""
    told = page.key + address(query, on=None, list=None)
    return f"?{urlencode({'list': told})}" if len(told) <= LONGEST else ""


def carried(request: TenantRequest) -> str:
    """The suffix this request came with, where it names a list of ours."""
    found = _named(request)
    return suffix(*found) if found else ""


def walk(request: TenantRequest, account_id: UUID, view: str) -> Walk | None:
    """The list in the address around an account; None where there is none. Seven queries.

    view: which page of the neighbours to lead to.
    """
    found = _named(request)
    if found is None:
        return None
    page, query = found
    want = wanted(request, page, query)
    place = place_of(want.rows, want.asked, account_id)
    if place is None:
        return None
    here = suffix(page, query)

    def beside(one: Neighbour | None) -> dict[str, str] | None:
        if one is None:
            return None
        return {"name": one.name, "url": reverse(view, args=[one.account_id]) + here}

    return Walk(
        label=page.label,
        url=reverse(page.view) + address(query),
        words=f"{place.at:,} of {place.n:,}" if place.at else f"no longer among {place.n:,}",
        suffix=here,
        before=beside(place.before),
        behind=beside(place.behind),
    )


def _named(request: TenantRequest) -> tuple[List, QueryDict] | None:
    told: Any = request.GET.get("list", "")
    key, _, query = told.partition("?")
    page = LISTS.get(key)
    if page is None or len(told) > LONGEST or not request.actor.may(Can.READ_HEALTH):
        return None
    return page, QueryDict(query)
