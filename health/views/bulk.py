"""What can be done with the chosen rows of a list: give them to somebody, tag them, undo."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actions.ownership import Changed, NothingToUndo
from accounts.actions.tags import tag_accounts, undo_tagging
from health.actions.book import assign as assign_rows
from health.actions.book import unassign
from health.forms.accounts import AssignForm, TagForm, owner_choices
from health.views.chosen import chosen, told
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import plural
from tenants.models import User
from tenants.queries.people import members
from tenants.roles import Can


@needs(Can.EDIT_ACCOUNTS)
@require_POST
def bulk(request: TenantRequest) -> HttpResponse:
    """Ask what the chosen action needs: to whom, or which tag. Changes nothing."""
    if request.POST.get("do") == "assign" and request.actor.may(Can.ASSIGN_ACCOUNTS):
        return _ask(request, _assign_form(request, bound=False), "Assign", "health:assign")
    if request.POST.get("do") == "tag":
        return _ask(request, TagForm(), "Tag", "health:tag")
    return HttpResponse("There is no such action.", status=422, content_type="text/plain")


@needs(Can.ASSIGN_ACCOUNTS)
@require_POST
def assign(request: TenantRequest) -> HttpResponse:
    """Give the chosen accounts to a member or to nobody."""
    form, picked = _assign_form(request, bound=True), chosen(request)
    if picked.has_moved:
        return _ask(request, form, "Assign", "health:assign", status=409)
    if not form.is_valid():
        return _ask(request, form, "Assign", "health:assign", status=422)
    owner_id = form.cleaned_data["owner"]
    owner = None if owner_id == "none" else get_object_or_404(User, pk=owner_id)
    try:
        changed = assign_rows(
            account_ids=picked.ids, owner=owner, actor=request.actor, now=timezone.now()
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, form, "Assign", "health:assign", status=refusal.status)
    words = f"{plural(len(changed.account_ids), 'account')} given to {owner or 'nobody'}"
    return _done(request, changed, words, "health:undo_assign")


@needs(Can.EDIT_ACCOUNTS)
@require_POST
def tag(request: TenantRequest) -> HttpResponse:
    """Put a tag on the chosen accounts."""
    form, picked = TagForm(request.POST), chosen(request)
    if picked.has_moved:
        return _ask(request, form, "Tag", "health:tag", status=409)
    if not form.is_valid():
        return _ask(request, form, "Tag", "health:tag", status=422)
    name = form.cleaned_data["tag"]
    try:
        changed = tag_accounts(
            account_ids=picked.ids, tag=name, actor=request.actor, now=timezone.now()
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, form, "Tag", "health:tag", status=refusal.status)
    words = f"{plural(len(changed.account_ids), 'account')} tagged “{name}”"
    return _done(request, changed, words, "health:undo_tag")


@needs(Can.ASSIGN_ACCOUNTS)
@require_POST
def undo_assign(request: TenantRequest, batch: UUID) -> HttpResponse:
    """Give the accounts of a change back."""
    return _undo(request, batch, unassign)


@needs(Can.EDIT_ACCOUNTS)
@require_POST
def undo_tag(request: TenantRequest, batch: UUID) -> HttpResponse:
    """Take the tag of a change off again."""
    return _undo(request, batch, undo_tagging)


def _undo(request: TenantRequest, batch: UUID, undo: Callable[..., Changed]) -> HttpResponse:
    try:
        changed = undo(batch=batch, actor=request.actor, now=timezone.now())
    except NothingToUndo as refusal:
        return told(request, {"toast": {"text": str(refusal)}}, status=refusal.status)
    words = f"Undone for {plural(len(changed.account_ids), 'account')}"
    return told(request, {"toast": {"text": words}, "accounts:changed": {}})


def _done(request: TenantRequest, changed: Changed, words: str, undo: str) -> HttpResponse:
    if changed.left_out:
        words += f"; {changed.left_out} left out, not yours to change"
    toast = {"text": words}
    if changed.account_ids:
        toast["undo"] = reverse(undo, args=[changed.batch])
    return told(request, {"toast": toast, "dialog:close": {}, "accounts:changed": {}})


def _assign_form(request: TenantRequest, *, bound: bool) -> AssignForm:
    people = owner_choices(one.user for one in members(request.tenant))
    return AssignForm(request.POST if bound else None, people=people)


def _ask(
    request: TenantRequest,
    form: AssignForm | TagForm,
    verb: str,
    action: str,
    status: int = 200,
) -> HttpResponse:
    picked = chosen(request)
    if status == 409 and picked.has_moved:
        form.add_error(None, f"The list has changed: it is {picked.words} now.")
    context = {
        "title": f"{verb} {picked.words}",
        "form": form,
        "verb": verb,
        "action": f"{reverse(action)}?{request.GET.urlencode()}",
    }
    return render(request, "health/bulk.html", context | picked.fields(), status=status)
