"""A handoff to another team begins."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.queries.reach import account_in_reach
from journeys.actions.to_teams import hand_to_team
from journeys.forms.handoffs import HandOverForm
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.queries.people import members
from tenants.roles import Can


@needs(Can.HAND_OVER)
@require_http_methods(["GET", "POST"])
def hand_over(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Choose the team, and who of it; the draft opens with what is known."""
    account = account_in_reach(request.actor, Can.HAND_OVER, account_id)
    zone, now, status = ZoneInfo(request.tenant.time_zone), timezone.now(), 200
    posted = request.POST or None
    form = HandOverForm(members(request.tenant), zone, request.actor.role, posted)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = hand_to_team(
                    account=account, actor=request.user, now=now, **form.wanted(now)
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("journeys:handoff", made.pk)
    context = {"title": "Hand over", "account": account, "form": form}
    return render(request, "journeys/hand_over.html", context, status=status)
