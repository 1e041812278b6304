"""Measures of the tenant's own: made in a form, retired where nothing reads them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from health.actions.own_measures import BadMeasure, MeasureInUse, make_measure, retire_measure
from health.forms.own_measures import OwnMeasureForm
from health.models import OwnMeasure
from health.views.measures import measure_page
from tenants.access import TenantRequest, needs
from tenants.roles import Can


@needs(Can.DESIGN_HEALTH)
@require_http_methods(["GET", "POST"])
def new_measure(request: TenantRequest) -> HttpResponse:
    """Say what to measure. With GET and `reads`, the form as it is for that."""
    if request.method == "GET":
        given = {key: request.GET[key] for key in ("name", "direction") if key in request.GET}
        form = OwnMeasureForm(reads=request.GET.get("reads", ""), initial=given)
        part = "#fields" if request.htmx and "reads" in request.GET else ""
        return _page(request, form, part=part)
    form = OwnMeasureForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        row = make_measure(
            author=request.user,
            now=timezone.now(),
            name=form.cleaned_data["name"],
            **form.recipe(),
        )
    except BadMeasure as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, form, status=refusal.status)
    return redirect("health:measure", row.key)


@needs(Can.DESIGN_HEALTH)
@require_POST
def retire(request: TenantRequest, key: str) -> HttpResponse:
    """Measure it no more."""
    row = get_object_or_404(OwnMeasure, key=key, retired_at=None)
    try:
        retire_measure(row=row, author=request.user, now=timezone.now())
    except MeasureInUse as refusal:
        return measure_page(request, key, error=str(refusal))
    return redirect("health:measures")


def _page(
    request: TenantRequest, form: OwnMeasureForm, *, part: str = "", status: int = 200
) -> HttpResponse:
    return render(request, f"health/measure_new.html{part}", {"form": form}, status=status)
