"""Pages outside every tenant: the switcher, one's own profile, accepting an invitation."""

from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tenants.access import needs_sign_in, open_to_all
from tenants.actions.invitations import AnotherAddress, InvitationClosed, accept
from tenants.actions.people import AddressInUse, change_profile, create_person
from tenants.addresses import inside, outside
from tenants.forms import JoinForm, ProfileForm
from tenants.keys import digest
from tenants.models import Invitation, InvitationLookup, Membership, User
from tenants.scope import act_for

ONE_YEAR = 365 * 24 * 60 * 60


@needs_sign_in
@require_GET
def switch(request: HttpRequest) -> HttpResponse:
    """The workspaces somebody belongs to."""
    memberships = (
        Membership.objects.filter(user=_person(request), ended_at=None, tenant__is_active=True)
        .select_related("tenant")
        .order_by("tenant__name", "id")
    )
    places = [
        {
            "name": membership.tenant.name,
            "role": membership.get_role_display(),
            "url": inside(membership.tenant.slug, "home"),
        }
        for membership in memberships
    ]
    return render(request, "tenants/switch.html", {"title": "Your workspaces", "places": places})


@needs_sign_in
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, colours and keys of the person signed in."""
    person = _person(request)
    told = {
        "name": person.name,
        "uses_single_keys": person.uses_single_keys,
        "theme": request.COOKIES.get("theme", "auto"),
    }
    form = ProfileForm(request.POST or None, initial=told)
    if request.method == "POST" and form.is_valid():
        change_profile(
            user=person,
            name=form.cleaned_data["name"],
            uses_single_keys=form.cleaned_data["uses_single_keys"],
            now=timezone.now(),
        )
        messages.success(request, "Your profile is saved.")
        answer: HttpResponse = redirect(outside("tenants:profile"))
        answer.set_cookie("theme", form.cleaned_data["theme"], max_age=ONE_YEAR, samesite="Lax")
        return answer
    return render(
        request,
        "tenants/profile.html",
        {"title": "Profile", "form": form},
        status=422 if form.errors else 200,
    )


@open_to_all
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: as who is signed in, by signing in, or as somebody new."""
    found = InvitationLookup.objects.filter(token_hash=digest(token)).first()
    if found is None:
        return _closed(request)
    with act_for(found.tenant_id):
        invitation = (
            Invitation.objects.select_related("tenant", "invited_by")
            .filter(pk=found.invitation_id)
            .first()
        )
        if (
            not invitation
            or not invitation.tenant.is_active
            or not invitation.is_open(timezone.now())
        ):
            return _closed(request)
        return _joining(request, invitation)


def _joining(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    is_posted = request.method == "POST"
    if request.user.is_authenticated:
        return (
            _join_as(request, invitation, _person(request))
            if is_posted
            else _asked(request, invitation)
        )
    if User.objects.filter(email=invitation.email).exists():
        return _asked(request, invitation, has_login=True)
    if limited := ratelimit.consume_or_429(request, app="allauth.account", action="signup"):
        return limited
    form = JoinForm(request.POST if is_posted else None, email=invitation.email)
    if is_posted and form.is_valid():
        try:
            return _join_as_new(request, invitation, form)
        except AddressInUse as refusal:
            form.add_error(None, str(refusal))
    return _asked(request, invitation, form=form)


def _join_as(request: HttpRequest, invitation: Invitation, person: User) -> HttpResponse:
    try:
        accept(invitation=invitation, user=person, now=timezone.now())
    except InvitationClosed:
        return _closed(request)
    except AnotherAddress as refusal:
        return _asked(request, invitation, status=refusal.status)
    messages.success(request, f"Welcome to {invitation.tenant.name}.")
    return redirect(inside(invitation.tenant.slug, "home"))


def _join_as_new(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    """The link came by e-mail, so the address is confirmed."""
    now = timezone.now()
    with transaction.atomic():
        person = create_person(
            email=invitation.email,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            is_confirmed=True,
            now=now,
        )
        accept(invitation=invitation, user=person, now=now)
    place = inside(invitation.tenant.slug, "home")
    return perform_login(request, person, email_verification="none", redirect_url=place)


def _asked(
    request: HttpRequest,
    invitation: Invitation,
    *,
    form: JoinForm | None = None,
    has_login: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page that asks whether to join, in the way this person can."""
    own = "" if isinstance(request.user, AnonymousUser) else _person(request).email.lower()
    return render(
        request,
        "tenants/join.html",
        {
            "title": f"Join {invitation.tenant.name}",
            "invitation": invitation,
            "role": dict(Membership._meta.get_field("role").choices or ())[invitation.role],
            "form": form,
            "has_login": has_login,
            "own": own,
            "is_other": bool(own) and own != invitation.email,
        },
        status=422 if form and form.errors else status,
    )


def _closed(request: HttpRequest) -> HttpResponse:
    """One answer for a used, old, withdrawn and unknown link."""
    return render(request, "tenants/join_closed.html", {"title": "Invitation"}, status=404)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - needs_sign_in saw to it
    return request.user
