"""Settings: what can be set, and who may; the company itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tenants.access import TenantRequest, needs
from tenants.actions.tenants import CurrencyInUse, UnknownTimeZone, change_tenant
from tenants.formats import joined
from tenants.forms import CompanyForm
from tenants.roles import Can, holders

PEOPLE, KEYS, AUDIT = Can.MANAGE_PEOPLE, Can.MANAGE_KEYS, Can.READ_AUDIT
SECTIONS = (
    (
        "This workspace",
        (
            ("tenants:company", "building-2", "Company", "Name, currency, time zone", PEOPLE),
            ("tenants:people", "users", "People", "Roles, teams, free time, invitations", PEOPLE),
            ("tenants:keys", "key-round", "API keys", "Ways in for other systems", KEYS),
        ),
    ),
    (
        "How you work",
        (
            (
                *("charter:charter", "scroll-text", "Charter"),
                *("Definitions, promised times, calendar, owners", Can.EDIT_CHARTER),
            ),
            (
                *("health:models", "heart-pulse", "Health models"),
                *("Drivers, weights, bands", Can.DESIGN_HEALTH),
            ),
            (
                *("plays:plays", "play", "Plays"),
                *("What starts them and who does what", Can.DESIGN_PLAYS),
            ),
            (
                *("accounts:fields", "columns-3", "Custom fields"),
                *("What you keep of accounts beside the rest", Can.EDIT_CHARTER),
            ),
            (
                *("accounts:imports", "file-up", "Data and imports"),
                *("Files, mappings, freshness", Can.IMPORT),
            ),
        ),
    ),
    (
        "What happened",
        (
            ("audit", "history", "Audit log", "Who did what, with before and after", AUDIT),
            ("tenants:jobs", "workflow", "Background work", "What runs, waits and failed", AUDIT),
        ),
    ),
)


@needs(Can.BE_MEMBER)
@require_GET
def settings(request: TenantRequest) -> HttpResponse:
    """Every setting by name, with who may change it; a link where the reader may."""
    groups = [
        {
            "label": label,
            "items": [
                {
                    "icon": icon,
                    "title": title,
                    "text": text,
                    "url": url if request.actor.may(can) else "",
                    "who": joined(holders(can)),
                }
                for view, icon, title, text, can in entries
                if (url := _address(view))
            ],
        }
        for label, entries in SECTIONS
    ]
    return render(request, "tenants/settings.html", {"title": "Settings", "groups": groups})


@needs(Can.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def company(request: TenantRequest) -> HttpResponse:
    """Name, currency and time zone of the tenant."""
    told = {field: getattr(request.tenant, field) for field in ("name", "currency", "time_zone")}
    form = CompanyForm(request.POST or None, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            change_tenant(
                tenant=request.tenant,
                author=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except UnknownTimeZone as refusal:
            form.add_error("time_zone", str(refusal))
        except CurrencyInUse as refusal:
            form.add_error("currency", str(refusal))
        else:
            messages.success(request, "Company saved.")
            return redirect("tenants:company")
    return render(
        request,
        "tenants/company.html",
        {"title": "Company", "form": form},
        status=422 if form.errors else 200,
    )


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
