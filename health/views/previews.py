"""What a draft of a health model would change, and its publication."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from health.actions.models import StaleModel, drop_draft, note_preview
from health.actions.publishing import publish
from health.forms.publishing import LookedForm, PublishForm
from health.models import HealthModel
from health.queries.backtest import MAIN, backtest, backtest_of
from health.queries.models import drafts, published
from health.queries.preview import Preview, preview
from health.queries.today import today_of_tenant
from health.rules.models import read
from health.rules.proof.verdict import Verdict
from health.rules.proof.words import sentence
from health.rules.scoring import BANDS, UNKNOWN
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import plural
from tenants.roles import Can

SHOWN_CHANGES = 50


@needs(Can.DESIGN_HEALTH)
@require_http_methods(["GET", "POST"])
def model_preview(request: TenantRequest, key: str) -> HttpResponse:
    """What a draft would change. POST notes that somebody looked, which publishing asks for."""
    draft = _draft(key)
    if request.method == "POST":
        return _looked(request, draft, LookedForm(request.POST))
    return _preview(request, draft, _publish_form(draft))


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
    draft = _draft(key)
    form = _publish_form(draft, request.POST)
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
            together=form.chosen_together,
            ending=form.cleaned_data.get("ending", ()),
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
    if HealthModel.objects.filter(key=key).exists():
        return redirect("health:model", key)
    return redirect("health:models")


def _draft(key: str) -> HealthModel:
    if draft := drafts().get(key):
        return draft
    raise Http404


def _publish_form(draft: HealthModel, data: Any = None) -> PublishForm:
    """With the other drafts, those for the segments this one is about chosen, and other models."""
    today = today_of_tenant(timezone.now())
    waiting = {key: each for key, each in drafts().items() if key != draft.key}
    about = set(read(draft.body).segments)
    needed = [
        f"{key}:{each.version}"
        for key, each in waiting.items()
        if about & set(read(each.body).segments)
    ]
    in_force = {
        each.key: each
        for each in published().on(today)
        if each.key != draft.key and each.key not in waiting
    }
    initial = {
        "effective_on": today + timedelta(days=1),
        "seen_version": draft.version,
        "together": needed,
    }
    return PublishForm(data, others=waiting, in_force=in_force, initial=initial)


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
