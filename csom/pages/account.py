"""The account page: its head and tabs, each tab with what several apps know of one account."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach, in_reach
from bowtie.queries.overlays import overlays
from bowtie.rules.stages import Stage
from csom.pages.account_tabs import (
    contract,
    impact,
    onboarding,
    overview,
    people,
    plan,
    support,
    timeline,
    usage,
)
from health.queries.segments import segment_label
from health.views.walk import walk
from journeys.queries.changed_hands import OFFERED_FOR, Change, change_of
from journeys.queries.handoffs import open_handoff
from pulse.models import Ticket
from spiced.models import ImpactGoal
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.roles import Can

Tab = Callable[[TenantRequest, Account], dict[str, Any]]
TABS: Mapping[str, tuple[str, Tab]] = {
    "overview": ("Overview", overview.tab),
    "timeline": ("Timeline", timeline.tab),
    "impact": ("Impact", impact.tab),
    "onboarding": ("Onboarding", onboarding.tab),
    "plan": ("Joint plan", plan.tab),
    "people": ("People", people.tab),
    "usage": ("Usage", usage.tab),
    "contract": ("Contract", contract.tab),
    "support": ("Support", support.tab),
}


@needs(Can.READ_ACCOUNTS)
@require_GET
def account(request: TenantRequest, account_id: UUID, tab: str = "overview") -> HttpResponse:
    """One account: the head on every tab, and one tab."""
    found = account_in_reach(request.actor, Can.READ_ACCOUNTS, account_id)
    context = head(request, found, tab) | TABS[tab][1](request, found)
    part = "#part" if request.htmx else ""
    return render(request, f"account_page/{tab}.html{part}", context)


def head(request: TenantRequest, account: Account, tab: str) -> dict[str, Any]:
    """What stands above every tab."""
    today = today_of(request)
    stage = Stage(account.stage)
    around = walk(request, account.pk, _view(tab))
    suffix = around.suffix if around else ""
    counts = {
        "impact": ImpactGoal.objects.filter(account=account)
        .exclude(status=ImpactGoal.Status.RETIRED)
        .count(),
        "people": Contact.objects.filter(account=account, archived_at=None)
        .exclude(status=Contact.Status.DEPARTED)
        .count(),
        "support": Ticket.objects.filter(account=account, resolved_at=None).count(),
    }
    return {
        "account": account,
        "walk": around,
        "segment": segment_label(account.segment),
        "segment_by_rule": segment_label(account.segment_by_rule)
        if account.segment_by_rule != account.segment
        else "",
        "today": today,
        "stage": stage,
        "marks": overlays([account.pk], timezone.now()).get(account.pk, []),
        "handoff": open_handoff(account.pk),
        "change": _change(request, account),
        "renews_in": (account.renews_on - today).days if account.renews_on else None,
        "tabs": [
            {
                "label": label,
                "url": reverse(_view(key), args=[account.pk]) + suffix,
                "current": key == tab,
                "count": counts.get(key),
            }
            for key, (label, _) in TABS.items()
        ],
        **_may(request, account),
    }


def _change(request: TenantRequest, account: Account) -> Change | None:
    """Whose it was before, where nobody handed it over and this person may begin that."""
    now = timezone.now()
    if account.changed_at is None or account.changed_at < now - OFFERED_FOR:
        return None
    found = change_of(account, now)
    if found is None or found.giver_id == request.actor.user_id:
        return found
    reach = in_reach(request.actor, Can.HAND_OVER)
    return found if reach.filter(pk=account.pk).exists() else None


def _may(request: TenantRequest, account: Account) -> dict[str, bool]:
    """What this person may do here. One query."""
    asked = {
        "may_move": Can.MOVE_STAGE,
        "may_edit_account": Can.EDIT_ACCOUNTS,
        "may_note": Can.EDIT_SPICED,
        "may_log": Can.WRITE_PULSE,
        "may_hand_over": Can.HAND_OVER,
    }
    reach = [Exists(in_reach(request.actor, can).filter(pk=account.pk)) for can in asked.values()]
    found = Account.objects.filter(pk=account.pk).values_list(*reach).get()
    return dict(zip(asked, found, strict=True))


def _view(tab: str) -> str:
    return "account" if tab == "overview" else f"account_{tab}"
