"""What the page hears after something was done to a task or a play."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from tenants.access import TenantRequest
from tenants.errors import Refused


def said(request: TenantRequest, text: str, undo: str = "") -> HttpResponse:
    """A toast with Undo, and lists told to look again; without script back to the page before."""
    if not request.htmx:
        return HttpResponseRedirect(_before(request))
    answer = HttpResponse(status=204)
    toast = {"text": text} | ({"undo": undo} if undo else {})
    trigger_client_event(answer, "toast", toast)
    trigger_client_event(answer, "tasks:changed", {})
    trigger_client_event(answer, "dialog:close", {})
    return answer


def refused(request: TenantRequest, refusal: Refused) -> HttpResponse:
    """A refusal of something done with one click, as a toast or a page."""
    if request.htmx:
        answer = HttpResponse(status=refusal.status)
        answer["HX-Reswap"] = "none"
        trigger_client_event(answer, "toast", {"text": str(refusal)})
        return trigger_client_event(answer, "tasks:changed", {})
    context: dict[str, Any] = {"title": "Not done", "text": str(refusal)}
    return render(request, "plays/refused.html", context, status=refusal.status)


def _before(request: TenantRequest) -> str:
    """The page somebody came from, where it is ours; not a word that could be a view's name."""
    url = request.POST.get("next") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()})
    is_whole = url.startswith(("/", "http://", "https://"))
    return url if is_ours and is_whole else reverse("plays:today")
