"""An account made or edited by hand, in a dialog or on a page."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.actions.accounts import StaleAccount
from accounts.models import Account
from accounts.queries.custom import fields_in_use
from accounts.queries.reach import account_in_reach
from health.actions.book import add_account, change_account
from health.forms.accounts import AccountForm, initial, owner_choices
from health.queries.segments import segment_choices
from health.views.listing import PLACE, account_url
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.models import Membership, User
from tenants.queries.people import members
from tenants.roles import Can, Reach


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def new_account(request: TenantRequest) -> HttpResponse:
    """Make an account. Who reaches only their own becomes its owner."""
    form = _form(request, {"owner": str(request.actor.user_id or "")}, may_assign=_assigns(request))
    if request.method == "GET":
        return _shown(request, form, "New account")
    if not form.is_valid():
        return _shown(request, form, "New account", status=422)
    owner = _owner(request, form) if "owner" in form.fields else request.user
    if not _covers(request, owner):
        form.add_error("owner", "You cannot make accounts for this person.")
        return _shown(request, form, "New account", status=422)
    account = add_account(
        values=form.values(), owner=owner, actor=request.actor, now=timezone.now()
    )
    return _to(request, account)


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def edit_account(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Edit an account. Answers 409 with theirs and yours where somebody was faster."""
    account = account_in_reach(request.actor, Can.EDIT_ACCOUNTS, account_id)
    may_assign = request.actor.may(Can.ASSIGN_ACCOUNTS)
    form = _form(request, initial(account), may_assign=may_assign)
    title = f"Edit {account.name}"
    if request.method == "GET":
        return _shown(request, form, title, account)
    if not form.is_valid():
        return _shown(request, form, title, account, status=422)
    owner = _owner(request, form) if may_assign else None
    try:
        change_account(
            account=account,
            seen_version=form.cleaned_data["version"] or 0,
            values=form.values(),
            actor=request.actor,
            now=timezone.now(),
            owner=owner,
            gives_away=may_assign and "owner" in form.changed_data,
        )
    except StaleAccount as stale:
        return _conflict(request, form, stale.account)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _shown(request, form, title, account, status=refusal.status)
    return _to(request, account)


def _form(request: TenantRequest, start: dict[str, Any], *, may_assign: bool) -> AccountForm:
    people = [one.user for one in members(request.tenant)] if may_assign else []
    return AccountForm(
        request.POST or None,
        initial=start,
        people=owner_choices(people),
        segments=segment_choices(),
        custom=fields_in_use(),
    )


def _assigns(request: TenantRequest) -> bool:
    """Whether a new account may be given to somebody else."""
    return request.actor.reach(Can.EDIT_ACCOUNTS) is not Reach.OWN


def _owner(request: TenantRequest, form: AccountForm) -> User | None:
    owner_id = form.cleaned_data.get("owner")
    if not owner_id:
        return None
    return get_object_or_404(User, pk=owner_id, memberships__tenant=request.tenant)


def _covers(request: TenantRequest, owner: User | None) -> bool:
    team = ""
    if owner is not None:
        found = Membership.objects.filter(tenant=request.tenant, user=owner)
        team = found.values_list("team", flat=True).first() or ""
    owner_id = owner.pk if owner else None
    return request.actor.covers(Can.EDIT_ACCOUNTS, owner_id=owner_id, team=team)


def _shown(
    request: TenantRequest,
    form: AccountForm,
    title: str,
    account: Account | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"title": title, "form": form, "account": account}
    return render(request, "health/account_form.html", context, status=status)


def _conflict(request: TenantRequest, form: AccountForm, account: Account) -> HttpResponse:
    theirs = initial(account)
    rows = [
        {
            "name": name,
            "label": field.label or name.capitalize(),
            "theirs": _words(field, theirs.get(name, "")),
            "mine": form.data.get(name, ""),
        }
        for name, field in form.fields.items()
        if name != "version"
    ]
    context = {
        "title": f"Edit {account.name}",
        "account": account,
        "conflict": rows,
        "version": account.version,
        "edit_url": reverse("health:edit_account", args=[account.pk]),
    }
    return render(request, "health/account_form.html", context, status=409)


def _words(field: Any, value: Any) -> str:
    choices = dict(getattr(field, "choices", []))
    return str(choices.get(value, "" if value is None else value))


def _to(request: TenantRequest, account: Account) -> HttpResponse:
    url = account_url() or account_url("health:peek")
    url = url.replace(PLACE, str(account.pk))
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
