"""Settings, People: roles, teams, free time, invitations."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants.access import TenantRequest, needs
from tenants.actions.invitations import AlreadyMember, invite
from tenants.actions.people import LastAdmin, RoleAboveYours, change_member, end_membership
from tenants.actions.withdrawals import withdraw
from tenants.actor import Actor
from tenants.addresses import outside
from tenants.forms import InviteForm, MemberForm
from tenants.models import Invitation, Membership
from tenants.queries.people import former_members, members, open_invitations
from tenants.roles import Can, Role


@needs(Can.MANAGE_PEOPLE)
@require_GET
def people(request: TenantRequest) -> HttpResponse:
    """Members, open invitations, and those who left."""
    return render(
        request,
        "tenants/people.html",
        {
            "title": "People",
            "members": list(members(request.tenant)),
            "invitations": [
                {"invitation": one, "role": Role(one.role).label}
                for one in open_invitations(timezone.now())
            ],
            "former": list(former_members(request.tenant)),
        },
    )


@needs(Can.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def invite_person(request: TenantRequest) -> HttpResponse:
    """Ask somebody in; the link goes out once the invitation is stored."""
    form = InviteForm(request.POST or None, own_role=request.actor.role)
    if request.method == "POST" and form.is_valid():
        author = _membership(request.actor)
        try:
            invitation, token = invite(**form.cleaned_data, author=author, now=timezone.now())
        except (AlreadyMember, RoleAboveYours) as refusal:
            form.add_error(None, str(refusal))
        else:
            _send(request, invitation, token)
            messages.success(request, f"An invitation is on its way to {invitation.email}.")
            return redirect("tenants:people")
    return render(
        request,
        "tenants/invite.html",
        {"title": "Invite somebody", "form": form},
        status=422 if form.errors else 200,
    )


@needs(Can.MANAGE_PEOPLE)
@require_POST
def withdraw_invitation(request: TenantRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    withdraw(invitation=invitation, author=request.user, now=timezone.now())
    messages.success(request, f"The invitation to {invitation.email} no longer holds.")
    return redirect("tenants:people")


@needs(Can.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def member(request: TenantRequest, membership_id: UUID) -> HttpResponse:
    """Change a member's role, team or free time."""
    found = get_object_or_404(members(request.tenant), pk=membership_id)
    told = {
        "role": found.role,
        "team": found.team,
        "capacity_minutes": found.capacity_minutes,
    }
    form = MemberForm(request.POST or None, initial=told, own_role=request.actor.role)
    if request.method == "POST" and form.is_valid():
        author = _membership(request.actor)
        try:
            change_member(membership=found, author=author, now=timezone.now(), **form.cleaned_data)
        except (LastAdmin, RoleAboveYours) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found.user} is changed.")
            return redirect("tenants:people")
    return render(
        request,
        "tenants/member.html",
        {"title": str(found.user), "form": form, "member": found},
        status=422 if form.errors else 200,
    )


@needs(Can.MANAGE_PEOPLE)
@require_POST
def end_member(request: TenantRequest, membership_id: UUID) -> HttpResponse:
    """Take a member out of the tenant."""
    found = get_object_or_404(members(request.tenant), pk=membership_id)
    try:
        end_membership(membership=found, author=_membership(request.actor), now=timezone.now())
    except (LastAdmin, RoleAboveYours) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.user} no longer gets in.")
    return redirect("tenants:people")


def _send(request: TenantRequest, invitation: Invitation, token: str) -> None:
    """Mail the link after commit; the token is nowhere else."""
    address = request.build_absolute_uri(outside("tenants:join", token=token))
    told = {"invitation": invitation, "tenant": request.tenant, "address": address}
    body = render_to_string("tenants/mail/invitation.txt", told)
    subject = f"{request.user} invites you to {request.tenant.name} on CSOM"
    transaction.on_commit(
        lambda: send_mail(
            " ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [invitation.email]
        ),
        robust=True,
    )


def _membership(actor: Actor) -> Membership:
    assert actor.membership is not None  # noqa: S101 - pages are for people
    return actor.membership
