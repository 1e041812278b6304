"""Health models: read them as sentences, change them in a draft, part them by segment."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from health.actions.models import draft_for_segment, save_draft
from health.forms.conditions import PRESSED, reach
from health.forms.models import ModelForm
from health.forms.publishing import SegmentForm
from health.models import HealthModel
from health.queries.backtest import MAIN, backtest, backtest_of
from health.queries.models import drafts, published
from health.queries.preview import preview
from health.queries.segments import segment_choices
from health.queries.today import today_of_tenant
from health.rules import model_words
from health.rules.conditions import parse
from health.rules.models import Model, read
from health.rules.scoring import BANDS, UNKNOWN
from health.views.conditions import setting_of
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can

MOVERS = 5


@needs(Can.READ_HEALTH)
@require_GET
def models(request: TenantRequest) -> HttpResponse:
    """The models in force, for whom they are, and the drafts."""
    today, waiting, names = today_of_tenant(timezone.now()), drafts(), _segment_names()
    in_force = published().on(today)
    known = {each.key for each in in_force}
    new = [each for key, each in waiting.items() if key not in known]
    rows = [
        {
            "version": version,
            "scope": model_words.scope(model, names),
            "dimensions": [
                (each.name, model_words.share(model, each)) for each in model.dimensions
            ],
            "draft": waiting.get(version.key),
        }
        for version in [*in_force, *new]
        for model in [read(version.body)]
    ]
    return render(request, "health/models.html", {"rows": rows})


@needs(Can.READ_HEALTH)
@require_GET
def model(request: TenantRequest, key: str) -> HttpResponse:
    """One model in words, with its draft and its versions."""
    return _model(request, key)


def _model(request: TenantRequest, key: str, error: str = "", status: int = 200) -> HttpResponse:
    versions = list(
        HealthModel.objects.filter(key=key).select_related("author").order_by("-version")
    )
    if not versions:
        raise Http404
    in_force, draft = _in_force(key), drafts().get(key)
    shown = in_force or versions[0]
    found = read(shown.body)
    own = [each for each in segment_choices() if found.is_for(each[0])]
    may_part = in_force is not None and draft is None and len(own) > 1
    context = {
        "version": shown,
        "is_in_force": in_force is not None,
        "told": _told(found, _segment_names()),
        "draft": draft,
        "versions": versions,
        "segment_form": SegmentForm(own) if may_part else None,
        "error": error,
        "may_design": request.actor.may(Can.DESIGN_HEALTH),
    }
    return render(request, "health/model.html", context, status=status)


@needs(Can.DESIGN_HEALTH)
@require_POST
def for_segment(request: TenantRequest, key: str) -> HttpResponse:
    """Draft a model of its own for one segment, and this one without it."""
    in_force, choices = _in_force(key), segment_choices()
    if in_force is None:
        raise Http404
    form = SegmentForm(choices, request.POST)
    if not form.is_valid():
        return _model(request, key, "There is no such segment any more.", status=422)
    segment = form.cleaned_data["segment"]
    try:
        made = draft_for_segment(
            model=in_force,
            segment=segment,
            label=dict(choices)[segment],
            author=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        return _model(request, key, str(refusal), status=refusal.status)
    return redirect("health:model_edit", made.key)


@needs(Can.DESIGN_HEALTH)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, key: str) -> HttpResponse:
    """Change a model in a draft: whom it scores, what it reads, its numbers."""
    newest = HealthModel.objects.filter(key=key).order_by("-version").first()
    if newest is None:
        raise Http404
    if request.method == "GET":
        seen = _seen(newest)
        form = ModelForm(newest.body, initial=seen, setting=setting_of(request, "cap"))
        return _edit(request, newest, form)
    setting = setting_of(request, "cap")
    form = ModelForm(newest.body, request.POST, setting=setting)
    if PRESSED in request.POST:
        return _edit(request, newest, form)
    if not form.is_valid():
        return _edit(request, newest, form, status=422)
    try:
        save_draft(
            key=key,
            body=form.to_body(),
            seen_version=form.cleaned_data["seen_version"],
            author=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _edit(request, newest, form, status=refusal.status)
    for cap in form.to_body()["caps"]:
        if warning := reach(parse(cap["condition"]), setting.today)["warning"]:
            messages.warning(request, f"{cap['name']}: {warning}")
    return redirect("health:model_edit" if form.is_rebuilt else "health:model", key)


@needs(Can.DESIGN_HEALTH)
@require_POST
def attempt(request: TenantRequest, key: str) -> HttpResponse:
    """What the form as it stands would move, or with `judge` have foretold; stores nothing."""
    newest = HealthModel.objects.filter(key=key).order_by("-version").first()
    if newest is None:
        raise Http404
    form = ModelForm(newest.body, request.POST, setting=setting_of(request, "cap"))
    if not form.is_valid():
        return render(request, "health/_attempt.html", {"form": form}, status=200)
    draft = HealthModel(key=key, version=newest.version, name=newest.name, body=form.to_body())
    context = _foretold(draft) if "judge" in request.GET else _moved(draft)
    return render(request, "health/_attempt.html", context)


def _moved(draft: HealthModel) -> dict[str, Any]:
    found = preview(draft)
    before, after = found.bands(after=False), found.bands(after=True)
    return {
        "preview": found,
        "bands": [
            {
                "band": band,
                "before": before[band],
                "after": after[band],
                "arr": found.arr(band, after=True) - found.arr(band, after=False),
            }
            for band in (*reversed(BANDS), UNKNOWN)
        ],
        "movers": found.movers[:MOVERS],
    }


def _foretold(draft: HealthModel) -> dict[str, Any]:
    now = timezone.now()
    today = today_of_tenant(now)
    given, drafted = backtest(today, now, (MAIN,)).main, backtest_of(draft, today, now).main
    return {
        "judged": [
            ("As given", given),
            ("With this", drafted),
        ]
    }


def _told(model: Model, names: dict[str, str]) -> dict[str, Any]:
    """A model in words, as the pages lay them out."""
    return {
        "scope": model_words.scope(model, names),
        "bands": model_words.bands(model),
        "missing": model_words.missing(model),
        "caps": model_words.caps(model),
        "dimensions": [
            {
                "name": each.name,
                "share": model_words.share(model, each),
                "metrics": [model_words.metric(each, one) for one in each.metrics],
            }
            for each in model.dimensions
        ],
    }


def _in_force(key: str) -> HealthModel | None:
    found = published().on(today_of_tenant(timezone.now()))
    return next((version for version in found if version.key == key), None)


def _segment_names() -> dict[str, str]:
    return dict(segment_choices())


def _seen(newest: HealthModel) -> dict[str, int]:
    return {"seen_version": newest.version}


def _edit(
    request: TenantRequest, newest: HealthModel, form: ModelForm, status: int = 200
) -> HttpResponse:
    return render(
        request, "health/model_edit.html", {"newest": newest, "form": form}, status=status
    )
