"""Sign-up: a company opens its own workspace, ready to work in."""

import re
import unicodedata
from typing import Any, cast

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from csom.provision import open_workspace
from tenants.access import open_to_all
from tenants.actions.people import AddressInUse
from tenants.actions.tenants import AddressTaken
from tenants.addresses import RESERVED, inside, outside
from tenants.forms import CompanyForm, JoinForm
from tenants.models import Tenant, User

LONGEST_SLUG = 40
USUAL = {"currency": "EUR", "time_zone": "Europe/Berlin"}


class WorkspaceForm(CompanyForm):
    """The company that opens a workspace."""

    slug = forms.SlugField(
        label="Address",
        max_length=LONGEST_SLUG,
        min_length=2,
        required=False,
        help_text="Part of every link. Left empty, it is made from the name.",
    )
    field_order = ("name", "slug", "currency", "time_zone")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "slug" in cleaned:
            cleaned["slug"] = cleaned["slug"].lower() or suggested(cleaned.get("name", ""))
            if cleaned["slug"] in RESERVED:
                self.add_error("slug", "This address is reserved; choose another one.")
        return cleaned


class FounderForm(JoinForm):
    """The person who opens it, where nobody is signed in."""

    email = forms.EmailField(
        label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("name", "email", "password")


@open_to_all
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open a workspace: as who is signed in, or with a new login."""
    if not settings.CSOM_SIGNUP_IS_OPEN:
        raise Http404
    if limited := ratelimit.consume_or_429(request, app="allauth.account", action="signup"):
        return limited
    is_new = not request.user.is_authenticated
    posted = request.POST if request.method == "POST" else None
    company = WorkspaceForm(posted, prefix="company", initial=USUAL)
    founder = FounderForm(posted, prefix="you") if is_new else None
    if posted is not None and company.is_valid() and (founder is None or founder.is_valid()):
        try:
            return _open(request, company, founder)
        except AddressTaken as refusal:
            company.add_error("slug", str(refusal))
        except AddressInUse as refusal:
            if account_settings.EMAIL_VERIFICATION == "mandatory" and founder:
                get_adapter(request).send_account_already_exists_mail(founder.cleaned_data["email"])
                return redirect(outside("account_email_verification_sent"))
            if founder:
                founder.add_error("email", f"{refusal} Sign in first, then open the workspace.")
    has_errors = bool(company.errors or (founder and founder.errors))
    return render(
        request,
        "tenants/sign_up.html",
        {"title": "Open a workspace", "company": company, "founder": founder},
        status=422 if has_errors else 200,
    )


def _open(
    request: HttpRequest, company: WorkspaceForm, founder: FounderForm | None
) -> HttpResponse:
    """All or nothing: the login, the tenant and what it is born with."""
    tenant, person = open_workspace(
        company=company.cleaned_data,
        founder=cast(User, request.user) if founder is None else founder.cleaned_data,
        is_confirmed=False,
        now=timezone.now(),
    )
    start = inside(tenant.slug, "first_run")
    if founder is None:
        return redirect(start)
    return perform_login(request, person, redirect_url=start, signup=True)


def suggested(name: str) -> str:
    """An address made of a company's name that nobody has: "Müller & Co." is "muller-co"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_SLUG - 4].strip("-")
    stem = words if len(words) > 1 else "workspace"
    taken = set(Tenant.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    free = (stem if not n else f"{stem}-{n}" for n in range(1000))
    return next(slug for slug in free if slug not in taken | RESERVED)
