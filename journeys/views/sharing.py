"""Who of an account has a link to its shared page: made, seen as they see it, taken back."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach, in_reach
from journeys.actions.links import make_link, revoke_link
from journeys.forms.sharing import LinkForm
from journeys.models import ShareLink
from journeys.queries.shared import shared_with
from tenants.access import TenantRequest, needs
from tenants.addresses import outside
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.SHARE)
@require_GET
def sharing(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The links of an account: those that open the page, and those that ended."""
    account = account_in_reach(request.actor, Can.SHARE, account_id)
    now = timezone.now()
    found = ShareLink.objects.filter(account=account).select_related("contact", "made_by")
    links = list(found.order_by("-made_at", "-id"))
    context = {
        "title": "Shared page",
        "account": account,
        "open": [link for link in links if link.is_open(now)],
        "ended": [link for link in links if not link.is_open(now)],
        "people": _people(account),
    }
    return render(request, "journeys/sharing.html", context)


@needs(Can.SHARE)
@require_http_methods(["GET", "POST"])
def new_link(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Make a link for one contact. Its address is shown once, in the answer."""
    account = account_in_reach(request.actor, Can.SHARE, account_id)
    form = LinkForm(list(_people(account)), request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                link, token = make_link(
                    account=account, actor=request.actor, now=timezone.now(), **form.wanted()
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                address = request.build_absolute_uri(outside("shared:page", token=token))
                context = {"title": "Link made", "link": link, "address": address}
                return render(request, "journeys/link_made.html", context | {"account": account})
    context = {"title": "New link", "account": account, "form": form}
    return render(request, "journeys/link_new.html", context, status=status)


@needs(Can.SHARE)
@require_POST
def revoke(request: TenantRequest, link_id: UUID) -> HttpResponse:
    """Take a link back; whoever opens it then is told so."""
    found = ShareLink.objects.filter(account__in=in_reach(request.actor, Can.SHARE))
    link = get_object_or_404(found, pk=link_id)
    revoke_link(link=link, actor=request.actor, now=timezone.now())
    return redirect("journeys:sharing", link.account_id)


@needs(Can.SHARE)
@require_GET
def preview(request: TenantRequest, contact_id: UUID) -> HttpResponse:
    """The shared page as one contact sees it."""
    reached = in_reach(request.actor, Can.SHARE)
    found = Contact.objects.filter(account__in=reached, archived_at=None)
    contact = get_object_or_404(found.select_related("account__owner"), pk=contact_id)
    today = timezone.localdate()
    context = {
        "shared": shared_with(contact.account, contact, today=today, until=None),
        "is_preview": True,
        "back_url": reverse("journeys:sharing", args=[contact.account_id]),
    }
    return render(request, "journeys/shared.html", context)


def _people(account: Account) -> QuerySet[Contact]:
    """Who may get a link: the contacts who are there, in order of name. One query."""
    found = Contact.objects.filter(account=account, archived_at=None, departed_on=None)
    return found.order_by("name_norm", "id")
