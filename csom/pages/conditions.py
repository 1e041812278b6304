"""Chapters of the charter that state conditions: changed row by row, looked at, then published."""

import hashlib
import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from charter.actions import InvalidChapter, StaleChapter, publish
from charter.forms import FORMS
from charter.forms.chapter import Body, ChapterForm
from charter.models import Document
from charter.rules.documents import problems
from charter.views import TITLES
from health.forms.conditions import PRESSED, ConditionField, Setting, reach
from health.queries.definitions import InForce, in_force
from health.queries.listed import definition
from health.queries.shifts import shift
from health.rules.conditions import parse
from health.rules.definitions import inlined, read
from health.rules.sentences import sentence
from health.rules.tree import Condition, Defined
from health.views.conditions import setting_of
from tenants.access import TenantRequest, needs
from tenants.formats import plural
from tenants.roles import Can

LOOKED_AT = "looked_at"


@needs(Can.EDIT_CHARTER)
@require_http_methods(["GET", "POST"])
def edit_definitions(request: TenantRequest) -> HttpResponse:
    """Change what our words mean; whom that moves is shown before it holds."""
    return _edit(request, "definitions")


@needs(Can.EDIT_CHARTER)
@require_http_methods(["GET", "POST"])
def edit_segments(request: TenantRequest) -> HttpResponse:
    """Change segments and touch models the same way."""
    return _edit(request, "segments")


@needs(Can.READ_HEALTH)
@require_GET
def definitions_now(request: TenantRequest) -> HttpResponse:
    """Each shared definition in words, with the accounts it holds for now and its version."""
    setting, known = setting_of(request), in_force()
    rows = []
    for key in known.conditions:
        found = definition(key, setting.today, known)
        where = json.dumps({"definition": key})
        words = sentence(known.conditions[key], setting.vocabulary.names)
        url = f"{reverse('health:accounts')}?{urlencode({'owner': 'all', 'where': where})}"
        rows.append({"label": found.label, "words": words, "url": url, "version": found.version}
                    | reach(found.condition, setting.today))  # fmt: skip
    context = {"rows": rows, "version": known.version, "today": setting.today}
    return render(request, "csom/definitions.html", context)


def _edit(request: TenantRequest, kind: str) -> HttpResponse:
    document = get_object_or_404(Document, kind=kind, state=Document.State.PUBLISHED)
    setting = setting_of(request)

    def condition_of(label: str, condition: Body) -> ConditionField:
        return ConditionField(setting, label=label, initial=condition)

    if request.method == "GET":
        seen = {"seen_version": document.version}
        form = FORMS[kind](document.body, initial=seen, condition_of=condition_of)
        return _page(request, kind, form)
    form = FORMS[kind](document.body, request.POST, condition_of=condition_of)
    if PRESSED in request.POST:  # a row was added or taken out without script
        return _page(request, kind, form)
    if not form.is_valid():
        return _page(request, kind, form, status=422)
    body = form.to_body()
    if found := problems(kind, body):
        form.add_error(None, " ".join(found))
        return _page(request, kind, form, status=422)
    changes, mark = _changes(kind, document.body, body, setting), _mark(body)
    if changes and request.POST.get(LOOKED_AT) != mark:
        return _page(request, kind, form, changes=changes, looked_at=mark)
    try:
        publish(
            kind=kind,
            body=body,
            note=form.cleaned_data["note"],
            seen_version=form.cleaned_data["seen_version"],
            author=request.user,
            now=timezone.now(),
        )
    except (InvalidChapter, StaleChapter) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, kind, form, status=refusal.status)
    return redirect("charter:charter")


def _page(
    request: TenantRequest, kind: str, form: ChapterForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    title, lead = TITLES[kind]
    context: dict[str, Any] = {"kind": kind, "title": title, "lead": lead, "form": form}
    return render(request, "charter/edit.html", context | more, status=status)


def _mark(body: Body) -> str:
    """What was looked at, so that something else is not published in its place."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _changes(kind: str, before: Body, after: Body, setting: Setting) -> list[dict[str, Any]]:
    """Each part whose condition means something else now, with whom that moves."""
    was, now = _conditions(kind, before), _conditions(kind, after)
    found = []
    for part in after[kind]:
        old, new = was.get(part["key"]), now[part["key"]]
        if old is None or old == new:
            continue
        moved = shift(old, new, setting.today)
        warning = ""
        if moved.of and not moved.after.n:
            warning = f"None of {plural(moved.of, 'account')} would match."
        elif moved.of and moved.after.n == moved.of:
            warning = f"Every one of {plural(moved.of, 'account')} would match."
        words = sentence(parse(part["condition"]), setting.vocabulary.names)
        found.append({"label": part["label"], "words": words, "moved": moved, "warning": warning})
    return found


def _conditions(kind: str, body: Body) -> dict[str, Condition]:
    """The conditions of a body by key, with definitions in their place."""
    if kind == "definitions":
        own = InForce(0, read(body[kind]), {})
        return {key: own.of(Defined(key)) for key in own.conditions}
    known = in_force()
    return {each["key"]: inlined(parse(each["condition"]), known.conditions) for each in body[kind]}
