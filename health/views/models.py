"""Health models: read them as sentences, change the numbers, see what moves, publish."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from health.actions.models import StaleModel, drop_draft, note_preview, publish, save_draft
from health.forms.models import LookedForm, ModelForm, PublishForm
from health.models import HealthModel
from health.queries.backtest import MAIN, backtest, backtest_of
from health.queries.models import drafts, published
from health.queries.preview import Preview, preview
from health.queries.today import today_of_tenant
from health.rules import model_words
from health.rules.models import Model, read
from health.rules.proof.verdict import Verdict
from health.rules.proof.words import sentence
from health.rules.scoring import BANDS, UNKNOWN
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import plural
from tenants.roles import Can

SHOWN_CHANGES = 50


@needs(Can.READ_HEALTH)
@require_GET
def models(request: TenantRequest) -> HttpResponse:
    """The models in force, for whom they are, and the drafts."""
    today, waiting = today_of_tenant(timezone.now()), drafts()
    rows = [
        {
            "version": version,
            "scope": model_words.scope(model),
            "dimensions": [
                (each.name, model_words.share(model, each)) for each in model.dimensions
            ],
            "draft": waiting.get(version.key),
        }
        for version in published().on(today)
        for model in [read(version.body)]
    ]
    return render(request, "health/models.html", {"rows": rows})


@needs(Can.READ_HEALTH)
@require_GET
def model(request: TenantRequest, key: str) -> HttpResponse:
    """One model in words, with its draft and its versions."""
    in_force, draft = _in_force(key), drafts().get(key)
    versions = HealthModel.objects.filter(key=key).select_related("author").order_by("-version")
    context = {
        "version": in_force,
        "told": _told(read(in_force.body)),
        "draft": draft,
        "versions": versions,
        "may_design": request.actor.may(Can.DESIGN_HEALTH),
    }
    return render(request, "health/model.html", context)


@needs(Can.DESIGN_HEALTH)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, key: str) -> HttpResponse:
    """Change the numbers of a model in a draft."""
    newest = HealthModel.objects.filter(key=key).order_by("-version").first()
    if newest is None:
        raise Http404
    if request.method == "GET":
        return _edit(request, newest, ModelForm(newest.body, initial=_seen(newest)))
    form = ModelForm(newest.body, request.POST)
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
    return redirect("health:model", key)


@needs(Can.DESIGN_HEALTH)
@require_http_methods(["GET", "POST"])
def model_preview(request: TenantRequest, key: str) -> HttpResponse:
    """What a draft would change. POST notes that somebody looked, which publishing asks for."""
    draft = _draft(key)
    if request.method == "POST":
        return _looked(request, draft, LookedForm(request.POST))
    return _preview(request, draft, PublishForm(initial=_tomorrow() | _seen(draft)))


def _looked(request: TenantRequest, draft: HealthModel, form: LookedForm) -> HttpResponse:
    if not form.is_valid():
        return _preview(request, draft, form, status=422)
    seen = form.cleaned_data["seen_version"]
    try:
        note_preview(draft=draft, author=request.user, now=timezone.now(), seen_version=seen)
    except StaleModel as refusal:
        form.add_error(None, str(refusal))
        return _preview(request, draft, form, status=refusal.status)
    return redirect("health:model_preview", draft.key)


@needs(Can.DESIGN_HEALTH)
@require_POST
def publish_model(request: TenantRequest, key: str) -> HttpResponse:
    """Let a draft score from a day on."""
    draft, form = _draft(key), PublishForm(request.POST)
    if not form.is_valid():
        return _preview(request, draft, form, status=422)
    effective_on = form.cleaned_data["effective_on"]
    try:
        publish(
            draft=draft,
            effective_on=effective_on,
            author=request.user,
            now=timezone.now(),
            seen_version=form.cleaned_data["seen_version"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _preview(request, draft, form, status=refusal.status)
    return redirect("health:model", key)


@needs(Can.DESIGN_HEALTH)
@require_POST
def drop(request: TenantRequest, key: str) -> HttpResponse:
    """Throw the draft away."""
    drop_draft(draft=_draft(key), author=request.user, now=timezone.now())
    return redirect("health:model", key)


def _told(model: Model) -> dict[str, Any]:
    """A model in words, as the pages lay them out."""
    return {
        "scope": model_words.scope(model),
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


def _in_force(key: str) -> HealthModel:
    for version in published().on(today_of_tenant(timezone.now())):
        if version.key == key:
            return version
    raise Http404


def _draft(key: str) -> HealthModel:
    if draft := drafts().get(key):
        return draft
    raise Http404


def _seen(newest: HealthModel) -> dict[str, int]:
    return {"seen_version": newest.version}


def _tomorrow() -> dict[str, Any]:
    return {"effective_on": today_of_tenant(timezone.now()) + timedelta(days=1)}


def _edit(
    request: TenantRequest, newest: HealthModel, form: ModelForm, status: int = 200
) -> HttpResponse:
    return render(
        request, "health/model_edit.html", {"newest": newest, "form": form}, status=status
    )


def _preview(
    request: TenantRequest, draft: HealthModel, form: LookedForm, status: int = 200
) -> HttpResponse:
    found = preview(draft)
    before, after = found.bands(after=False), found.bands(after=True)
    bands = [
        {
            "band": band,
            "before": before[band],
            "after": after[band],
            "arr_before": found.arr(band, after=False),
            "arr_after": found.arr(band, after=True),
        }
        for band in (*reversed(BANDS), UNKNOWN)
    ]
    context = {
        "draft": draft,
        "preview": found,
        "bands": bands,
        "charts": [_histogram(found, after=False), _histogram(found, after=True)],
        "changed": found.changed[:SHOWN_CHANGES],
        "hidden": max(len(found.changed) - SHOWN_CHANGES, 0),
        "is_previewed": "preview" in draft.body,
        "judged": _judged(draft),
        "form": form,
    }
    return render(request, "health/model_preview.html", context, status=status)


def _judged(draft: HealthModel) -> list[tuple[str, Verdict, str]]:
    """How scores did that were given, and how the draft would have done on the same decisions."""
    now = timezone.now()
    today = today_of_tenant(now)
    given, drafted = backtest(today, now, (MAIN,)).main, backtest_of(draft, today, now).main
    return [
        (name, verdict, sentence(verdict))
        for name, verdict in (("As they were given", given), ("With the draft", drafted))
    ]


def _histogram(found: Preview, *, after: bool) -> dict[str, Any]:
    counts = found.histogram(after=after)
    return {
        "title": "Scores with the draft" if after else "Scores now",
        "finding": f"{plural(sum(counts), 'account')} with a score, of {found.n}.",
        "labels": [f"{low}–{low + 9 if low < 90 else 100}" for low in range(0, 100, 10)],
        "series": [("Accounts", "accent" if after else "ink", counts)],
        "column": "Score",
        "height": 180,
    }
