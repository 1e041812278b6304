"""What something is done to from a list: the rows ticked, or all that its address matches."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from health.views.listing import page_named, wanted
from tenants.access import TenantRequest
from tenants.formats import plural


@dataclass(frozen=True)
class Chosen:
    """The accounts a request is about. seen: how many a person was told that “all” are."""

    ids: list[UUID]
    is_all: bool
    seen: str

    @property
    def has_moved(self) -> bool:
        """Whether “all” stands for another number of accounts than the person was told."""
        return self.is_all and self.seen != str(len(self.ids))

    @property
    def words(self) -> str:
        return plural(len(self.ids), "account")

    def fields(self) -> dict[str, Any]:
        """What the dialog carries along, so that the answer is about the same accounts."""
        return {
            "n": len(self.ids),
            "ids": [] if self.is_all else self.ids,
            "all": "1" if self.is_all else "",
        }


def chosen(request: TenantRequest) -> Chosen:
    """Read which accounts are meant."""
    if request.POST.get("all"):
        want = wanted(request, page_named(request))
        ids = list(want.rows.values_list("account_id", flat=True))
        return Chosen(ids, True, request.POST.get("n", ""))
    found = []
    for told in request.POST.getlist("id"):
        try:
            found.append(UUID(told))
        except ValueError:
            continue
    return Chosen(found, False, "")


def told(request: TenantRequest, events: dict[str, Any], status: int = 204) -> HttpResponse:
    """What the page hears after it; without script back to the list."""
    if not request.htmx:
        return redirect(page_named(request).view)
    answer = HttpResponse(status=status)
    answer["HX-Trigger"] = json.dumps(events)
    return answer
