"""The two sides of a handoff: each sees it, and does what is its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.queries.reach import account_in_reach
from journeys.models import Handoff
from journeys.queries.handoffs import kind_of
from journeys.queries.takers import answers, taker_of, writes
from tenants.access import TenantRequest
from tenants.errors import Refused
from tenants.roles import Can
from tenants.views.acts import Home, not_done

View = Callable[..., HttpResponse]


class WrongSide(Refused):
    """The other side of the handoff does this."""


def of_ones_side(view: View) -> View:
    """Tell whoever stands on the other side of a handoff so."""

    @wraps(view)
    def told(request: TenantRequest, handoff_id: UUID, **more: Any) -> HttpResponse:
        try:
            return view(request, handoff_id, **more)
        except WrongSide as refusal:
            url = reverse("journeys:handoff", args=[handoff_id])
            home = Home(request.user, url, "Back to the handoff", ("handoff:changed",))
            return not_done(request, home, refusal)

    return told


def handoff_of(request: TenantRequest, can: Can, handoff_id: UUID) -> Handoff:
    """A handoff that one may read, hand over or answer; who hands over may where it went on.

    Raises Http404, WrongSide where the account is in reach and the other side acts.
    """
    found = get_object_or_404(
        Handoff.objects.select_related(
            "account",
            "account__owner",
            "account__seller",
            "sender",
            "receiver",
            "repair_task__owner",
        ),
        pk=handoff_id,
    )
    account_in_reach(request.actor, Can.READ_ACCOUNTS, found.account_id)
    may = {Can.HAND_OVER: writes, Can.ACCEPT_HANDOFF: answers}.get(can)
    if may is None or may(request.actor, found):
        return found
    account_in_reach(request.actor, can, found.account_id)
    taker = "CS" if kind_of(found).is_within else taker_of(found) or kind_of(found).taker
    giver = found.sender or kind_of(found).giver
    raise WrongSide(f"{giver} hands this over, and {taker} answers it.")
