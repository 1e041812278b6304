"""Onboarding templates: what is in force, what a version says, and changing it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from charter.queries import calendar
from journeys.actions.templates import install_defaults, publish, retire, save_draft
from journeys.forms.templates import TOUCH, NewTemplateForm, TaskRows, TemplateForm, initial_rows
from journeys.models import OnboardingTemplate
from journeys.queries.templates import latest, versions
from journeys.rules.schedule import schedule
from journeys.rules.templates import PHASES, TemplateBody, read
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can

State = OnboardingTemplate.State


@needs(Can.READ_ONBOARDING)
@require_GET
def templates(request: TenantRequest) -> HttpResponse:
    """Every template: for whom, how long, and whether it is in force."""
    rows = [_row(each) for each in latest()]
    rows.sort(key=lambda row: (not row["is_on"], row["template"].name))
    context = {"rows": rows, "may_edit": request.actor.may(Can.DESIGN_ONBOARDING)}
    return render(request, "journeys/templates.html", context)


@needs(Can.READ_ONBOARDING)
@require_GET
def template(request: TenantRequest, key: str) -> HttpResponse:
    """One template by phase, with its dates from a commit today, and its versions."""
    found, chosen = _versions(key)
    number = request.GET.get("version", "")
    if number:
        chosen = next((each for each in found if str(each.version) == number), found[0])
    body = read(chosen.body)
    today = timezone.localdate()
    spans = schedule([task.node for task in body.tasks], today, calendar())
    labels = {task.key: n for n, task in enumerate(body.tasks, start=1)}
    context = _row(chosen) | {
        "tasks": [
            {
                "n": n,
                "task": task,
                "phase": PHASES[task.phase],
                "after": [labels[each] for each in task.after],
                "due_on": spans[task.key].due_on,
                "day": (spans[task.key].due_on - today).days,
            }
            for n, task in enumerate(body.tasks, start=1)
        ],
        "versions": found,
        "draft": next((each for each in found if each.state == State.DRAFT), None),
        "newest": found[0],
        "today": today,
        "may_edit": request.actor.may(Can.DESIGN_ONBOARDING),
    }
    return render(request, "journeys/template.html", context)


@needs(Can.DESIGN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def edit_template(request: TenantRequest, key: str) -> HttpResponse:
    """Change a template; saved as a draft until somebody publishes it."""
    found, chosen = _versions(key)
    base = found[0] if found[0].state == State.DRAFT else chosen
    body = read(base.body)
    initial = {
        "name": base.name,
        "touch_models": body.touch_models,
        "seen_version": found[0].version,
    }
    form = TemplateForm(request.POST or None, initial=initial)
    rows = TaskRows(request.POST or None, initial=initial_rows(body))
    return _edited(request, form, rows, key, f"Change {base.name}")


@needs(Can.DESIGN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def new_template(request: TenantRequest) -> HttpResponse:
    """Write a template from scratch, or from one there is (?from=key)."""
    source = request.GET.get("from", "")
    start: TemplateBody | None = read(_versions(source)[1].body) if source else None
    form = NewTemplateForm(request.POST or None, initial={"seen_version": 0})
    rows = TaskRows(request.POST or None, initial=initial_rows(start) if start else [])
    return _edited(request, form, rows, "", "New template")


@needs(Can.DESIGN_ONBOARDING)
@require_POST
def publish_template(request: TenantRequest, key: str) -> HttpResponse:
    """Put the draft in force."""
    found, _ = _versions(key)
    seen = request.POST.get("seen_version", "")
    try:
        publish(
            template=found[0],
            author=request.user,
            now=timezone.now(),
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        )
    except Refused as refusal:
        return _refused(request, key, refusal)
    return redirect("journeys:template", key)


@needs(Can.DESIGN_ONBOARDING)
@require_POST
def retire_template(request: TenantRequest, key: str) -> HttpResponse:
    """Take a template out of force."""
    _versions(key)
    try:
        retire(key=key, author=request.user, now=timezone.now())
    except Refused as refusal:
        return _refused(request, key, refusal)
    return redirect("journeys:template", key)


@needs(Can.DESIGN_ONBOARDING)
@require_POST
def default_templates(request: TenantRequest) -> HttpResponse:
    """Bring in the defaults that are missing."""
    install_defaults(author=request.user, now=timezone.now())
    return redirect("journeys:templates")


def _edited(
    request: TenantRequest, form: TemplateForm, rows: Any, key: str, title: str
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        are_valid = [form.is_valid(), rows.is_valid()]
        if all(are_valid):
            got = form.cleaned_data
            body = {"touch_models": got["touch_models"], "tasks": rows.tasks()}
            try:
                draft = save_draft(
                    key=key or got["key"],
                    name=got["name"],
                    body=body,
                    author=request.user,
                    now=timezone.now(),
                    seen_version=got["seen_version"],
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                address = reverse("journeys:template", args=[draft.key])
                return redirect(f"{address}?version={draft.version}")
    back = reverse("journeys:template", args=[key]) if key else reverse("journeys:templates")
    context = {
        "title": title,
        "form": form,
        "rows": rows,
        "back": back,
        "url": request.get_full_path(),
    }
    return render(request, "journeys/template_edit.html", context, status=status)


def _versions(key: str) -> tuple[list[OnboardingTemplate], OnboardingTemplate]:
    """All versions, and the one in force or else the newest. Raises Http404."""
    found = versions(key)
    if not found:
        raise Http404
    return found, next((each for each in found if each.state == State.PUBLISHED), found[0])


def _row(template: OnboardingTemplate) -> dict[str, Any]:
    body = read(template.body)
    return {
        "template": template,
        "is_on": template.state == State.PUBLISHED,
        "touch": [TOUCH[each] for each in body.touch_models],
        "n_tasks": len(body.tasks),
        "n_theirs": sum(task.side == "them" for task in body.tasks),
        "n_gates": sum(task.is_gate for task in body.tasks),
    }


def _refused(request: TenantRequest, key: str, refusal: Refused) -> HttpResponse:
    context = {
        "title": "Not done",
        "text": str(refusal),
        "back": reverse("journeys:template", args=[key]),
    }
    return render(request, "journeys/template_refused.html", context, status=refusal.status)
