"""Recurring impact: its figure, and the accounts behind it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import Account
from accounts.queries.reach import in_reach
from bowtie.queries.recurring import Recurring, recurring
from csom.pages.register_filters import MINE, asked_filters
from spiced.rules.recurring import RECURRING_FROM
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.formats import plural, quarter, rate
from tenants.roles import Can

PAGE = 50
ENOUGH = 30


@needs(Can.READ_SPICED)
@require_GET
def recurring_accounts(request: TenantRequest) -> HttpResponse:
    """The accounts behind the recurring impact rate: quarters in a row, delivered, lapsed."""
    form, asked = asked_filters(request)
    owned = in_reach(request.actor, Can.READ_SPICED)
    if owner := asked.get("owner"):
        owned = owned.filter(owner_id=request.actor.user_id if owner == MINE else owner)
    if segment := asked.get("segment"):
        owned = owned.filter(segment=segment)
    again = recurring(
        set(owned.values_list("pk", flat=True)), today_of(request), request.tenant.time_zone
    )
    found = Account.objects.filter(pk__in=again.streaks).select_related("owner")
    rows: list[dict[str, Any]] = [
        {
            "account": account,
            "streak": again.streaks[account.pk],
            "is_delivered": account.pk in again.delivered,
            "is_lapsed": account.pk in again.lapsed,
        }
        for account in found.order_by("name_norm", "id")
    ]
    rows.sort(key=lambda row: (row["is_delivered"], -row["account"].arr_minor))
    after = asked.get("after") or 0
    context = {
        "rows": rows[after : after + PAGE],
        "more": after + PAGE if len(rows) > after + PAGE else None,
        "again": again,
        "few": again.n < ENOUGH,
    }
    part = "#rows" if request.htmx and after else ""
    status = 422 if form.errors else 200
    return render(request, f"csom/recurring.html{part}", context, status=status)


def figure_of(request: TenantRequest, again: Recurring) -> dict[str, Any]:
    """The figure above the register."""
    kept = {key: request.GET[key] for key in ("owner", "segment") if key in request.GET}
    query = urlencode(kept)
    twice = sum(each >= RECURRING_FROM for each in again.streaks.values())
    few = ", few" if again.n < ENOUGH else ""
    return {
        "label": f"Recurring impact, {quarter(again.period.start)}",
        "value": rate(again.rate),
        "note": f"{len(again.delivered):,} of {plural(again.n, 'account')}{few}; "
        f"{twice:,} twice in a row, {len(again.lapsed):,} lapsed",
        "url": reverse("recurring") + ("?" + query if query else ""),
    }
