"""The living style guide, and the palette it answers with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from csom.ui import samples
from tenants.access import open_to_all


@open_to_all
@require_GET
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every token, component and chart, with invented data."""
    context = samples.style_guide() | {"palette_url": reverse("styleguide-palette")}
    return render(request, "styleguide.html", context)


@open_to_all
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """What the palette of the style guide offers: actions and places, and accounts for ?q=."""
    words = request.GET.get("q", "")
    groups = samples.found(words) if words else samples.palette()
    context = {"groups": groups, "prefix": "found" if words else "fixed"}
    return render(request, "components/palette.html", context)
