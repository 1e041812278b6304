"""All that is known of an account at once, and a new deal that begins from it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Account, Opportunity
from accounts.queries.reach import account_in_reach, in_reach
from charter.queries import touch_models
from spiced.actions.records import begin_motion
from spiced.forms.motions import MotionForm
from spiced.queries.merged import merged, occasions
from spiced.queries.notes import picture
from spiced.rules.minima import lacks, minimum
from spiced.views.dialogs import asked
from spiced.views.editor import of_account, today_of
from tenants.access import TenantRequest, needs
from tenants.roles import Can

LATEST_DEALS = 20


@needs(Can.READ_SPICED)
@require_GET
def known(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The current record, merged: each part with who said it, when, to whom and on what ground."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    return render(request, "spiced/known.html", known_context(request, account))


def known_context(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What the merged view shows."""
    seen = picture(account, today_of(request))
    scores = {letter: element.score for letter, element in seen.elements.items()}
    least = minimum(touch_models().of(None), account.touch_model)
    return {
        "account": account,
        "picture": seen,
        "told": merged(account, seen, request.tenant.currency),
        "occasions": occasions(account),
        "of_account": of_account(account),
        "points": sum(scores.values()),
        "least": least.words,
        "lacks": lacks(scores, least),
        "index_target": seen.terms.index_target(account.touch_model),
        "may_edit": in_reach(request.actor, Can.EDIT_SPICED).filter(pk=account.pk).exists(),
    }


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def begin(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """A new buyer or product opens a record; an upsell has this one asked again."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    deals = Opportunity.objects.filter(account=account, closed_on=None)
    form = MotionForm(list(deals.order_by("-opened_on", "id")[:LATEST_DEALS]), request.POST or None)
    told = {
        "title": "Begin a deal",
        "about": "Every version so far stays; goals and dates stay open beside the note.",
        "save": "Begin",
        "done": "SPICED is ready for the new deal",
    }
    return asked(
        request, account, form, lambda **given: begin_motion(account=account, **given), told
    )
