"""The playbook: every play as a sentence, how it has done, what it did and why, and its numbers."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from accounts.rules.names import normalised
from health.forms.conditions import PRESSED, ConditionField, Setting, reach
from health.rules.catalogue import is_known, shown
from health.views.conditions import setting_of
from plays.actions.definitions import publish, retire, save_draft
from plays.forms.definitions import PlayForm, SeenForm, WhyForm
from plays.forms.whole import WholePlayForm
from plays.models import Play
from plays.queries.definitions import FIRED_DAYS, Record, latest, records, versions
from plays.queries.rehearsal import rehearse
from plays.queries.runs import CAUSES, MOST_ROWS, held_by_cause, held_of, runs_of, why
from plays.rules.bodies import read
from plays.rules.sentences import PRIORITIES, pace, sentence, step_words, worked
from plays.views.answers import refused, said
from plays.views.moments import moments
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can

MOST_OTHERS = 12

EXAMPLE: dict[str, Any] = {
    "when": {"measure": "days_since_two_way", "op": ">", "value": 45},
    "because": "No answer from them for {days_since_two_way}",
    "scope": {"field": "stage", "op": "in", "value": ["recurring_impact"]},
    "priority": 3,
    "is_proactive": True,
    "first_action_hours": 16,
    "cooldown_days": 45,
    "steps": [
        {"title": "Reach out", "owner": "csm", "due_hours": 16, "kind": "email", "minutes": 15}
    ],
    "success": {
        "when": {"measure": "days_since_two_way", "op": "<=", "value": 14},
        "within_days": 14,
    },
}


@needs(Can.READ_HEALTH)
@require_GET
def plays(request: TenantRequest) -> HttpResponse:
    """Every play: what it says, whether it is on, and how it has done."""
    now, _, _ = moments(request)
    done = records(now)
    rows = [_row(play, done.get(play.key, Record())) for play in latest()]
    rows.sort(key=lambda row: (not row["is_on"], row["body"].priority, row["play"].name))
    context = {
        "rows": rows,
        "days": FIRED_DAYS,
        "as_of": now,
        "may_edit": request.actor.may(Can.DESIGN_PLAYS),
    }
    return render(request, "plays/plays.html", context)


@needs(Can.READ_HEALTH)
@require_GET
def play(request: TenantRequest, key: str) -> HttpResponse:
    """One play: its sentence and steps, what it started and held, and why on a chosen account."""
    found, chosen = _versions(key)
    now, today, _ = moments(request)
    state = request.GET.get("state", "")
    if state not in ("", "open", "closed"):
        raise Http404
    runs = runs_of(key, state)
    context: dict[str, Any] = _row(chosen, records(now).get(key, Record()))
    body = context["body"]
    context |= {
        "pace": pace(body),
        "worked": worked(body),
        "steps": [step_words(step) for step in body.steps],
        "versions": found,
        "draft": next((each for each in found if each.state == Play.State.DRAFT), None),
        "runs": list(runs[:MOST_ROWS]),
        "runs_n": runs.count(),
        "state": state,
        "held": [(CAUSES[row.cause], row) for row in held_of(key)[:MOST_ROWS]],
        "fired_note": f"in {FIRED_DAYS} days",
        "held_causes": [(CAUSES[cause], n) for cause, n in held_by_cause(key).items()],
        "days": FIRED_DAYS,
        "as_of": now,
        "may_edit": request.actor.may(Can.DESIGN_PLAYS),
    }
    context |= _why(request, chosen, today)
    if "rehearse" in request.GET:
        tried = context["draft"] or chosen
        context |= {
            "tried": tried,
            "tried_sentence": sentence(read(tried.body)),
            "rehearsal": rehearse(read(tried.body), today, request.tenant),
        }
    status = 422 if context["why_form"].is_bound and not context["why_form"].is_valid() else 200
    return render(request, "plays/play.html", context, status=status)


@needs(Can.DESIGN_PLAYS)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, key: str) -> HttpResponse:
    """Change the numbers of a play; saved as a draft until somebody publishes it."""
    found, chosen = _versions(key)
    newest = found[0]
    base = newest if newest.state == Play.State.DRAFT else chosen
    form = PlayForm(base.body, base.name, newest.version, *([request.POST] if request.POST else []))
    context = {"play": base, "form": form, "title": f"Change {base.name}"}
    if request.method == "GET":
        return render(request, "plays/edit.html", context)
    if not form.is_valid():
        return render(request, "plays/edit.html", context, status=422)
    now, _, _ = moments(request)
    try:
        draft = save_draft(
            key=key,
            name=form.cleaned_data["name"],
            body=form.to_body(),
            author=request.user,
            now=now,
            seen_version=form.cleaned_data["seen_version"],
        )
        if "publish" in request.POST:
            publish(play=draft, author=request.user, now=now)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "plays/edit.html", context, status=refusal.status)
    return redirect("plays:play", key)


@needs(Can.DESIGN_PLAYS)
@require_http_methods(["GET", "POST"])
def write(request: TenantRequest, key: str = "") -> HttpResponse:
    """Write a play as a whole: a new one, or the conditions and steps of one there is."""
    base = _latest(key) if key else None
    body, setting = base.body if base else EXAMPLE, setting_of(request)
    form = WholePlayForm(
        body,
        request.POST or None,
        conditions={place: ConditionField(setting) for place, _ in WholePlayForm.PLACES},
        others=[(each.key, each.name) for each in latest() if each.key != key],
        initial={"seen_version": base.version, "key": key, "name": base.name} if base else {},
    )
    if base:
        form.fields["key"].disabled = True
    title = f"Write {base.name}" if base else "New play"
    context = {"play": base, "form": form, "title": title}
    if request.method == "GET" or PRESSED in request.POST:
        return render(request, "plays/write.html", context)
    if not form.is_valid():
        return render(request, "plays/write.html", context, status=422)
    entered = form.cleaned_data
    now, _, _ = moments(request)
    try:
        save_draft(
            key=key or entered["key"],
            name=entered["name"],
            body=form.to_body(),
            author=request.user,
            now=now,
            seen_version=entered["seen_version"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "plays/write.html", context, status=refusal.status)
    _warn(request, form.to_body(), setting)
    return redirect(f"{reverse('plays:play', args=[key or entered['key']])}?rehearse=1#rehearsal")


@needs(Can.DESIGN_PLAYS)
@require_POST
def switch_on(request: TenantRequest, key: str) -> HttpResponse:
    """Publish the draft there is, else the version last in force as a new one."""
    found, _ = _versions(key)
    now, _, _ = moments(request)
    newest = found[0]
    seen = SeenForm(request.POST)
    if not seen.is_valid():
        return HttpResponse("Say which version you saw.", status=422, content_type="text/plain")
    try:
        if newest.state == Play.State.DRAFT:
            seen_version = seen.cleaned_data["seen_version"]
            publish(play=newest, author=request.user, now=now, seen_version=seen_version)
        else:
            newest = save_draft(
                key=key, name=newest.name, body=newest.body, author=request.user, now=now
            )
            publish(play=newest, author=request.user, now=now)
    except Refused as refusal:
        return refused(request, refusal)
    return _to_play(request, key, f"{newest.name} is on")


@needs(Can.DESIGN_PLAYS)
@require_POST
def switch_off(request: TenantRequest, key: str) -> HttpResponse:
    """Start nothing new; what runs goes on."""
    _versions(key)
    now, _, _ = moments(request)
    try:
        retired = retire(key=key, author=request.user, now=now)
    except Refused as refusal:
        return refused(request, refusal)
    return _to_play(request, key, f"{retired.name} is off")


def _to_play(request: TenantRequest, key: str, words: str) -> HttpResponse:
    return said(request, words) if request.htmx else redirect("plays:play", key)


def _versions(key: str) -> tuple[list[Play], Play]:
    """All versions, and the one in force or else the newest. Raises Http404."""
    found = versions(key)
    if not found:
        raise Http404
    in_force = next((each for each in found if each.state == Play.State.PUBLISHED), found[0])
    return found, in_force


def _latest(key: str) -> Play:
    """The newest version. Raises Http404."""
    return _versions(key)[0][0]


def _warn(request: TenantRequest, body: dict[str, Any], setting: Setting) -> None:
    """Say where the play, as saved, would start nowhere or everywhere today."""
    if warning := reach(read(body).trigger, setting.today)["warning"]:
        messages.warning(request, warning)


def _row(play: Play, record: Record) -> dict[str, Any]:
    body = read(play.body)
    return {
        "play": play,
        "body": body,
        "sentence": sentence(body),
        "priority": PRIORITIES[body.priority],
        "record": record,
        "is_on": play.state == Play.State.PUBLISHED,
        "url": reverse("plays:play", args=[play.key]),
    }


def _why(request: TenantRequest, play: Play, today: date) -> dict[str, Any]:
    """The answer to “why did it, or did it not, start on this account that day”."""
    if "account" not in request.GET:
        return {"why_form": WhyForm(initial={"day": today})}
    form = WhyForm(request.GET)
    if not form.is_valid():
        return {"why_form": form}
    account, others = _meant(form.cleaned_data["account"])
    if account is None:
        if not others:
            form.add_error("account", "There is no such account.")
        return {"why_form": form, "why_others": others, "why_day": form.cleaned_data["day"]}
    found = why(play, read(play.body), account.pk, form.cleaned_data["day"])
    parts = [(part, _shown(part.key, part.value)) for part in found.parts]
    blocking = [(part, _shown(part.key, part.value)) for part in found.suppressed]
    return {
        "why_form": form,
        "why": found,
        "why_account": account,
        "why_parts": parts,
        "why_suppressed": blocking,
        "why_held": [(CAUSES[row.cause], row) for row in found.held],
    }


def _meant(text: str) -> tuple[Account | None, list[Account]]:
    """The account of an id or name; where a name begins several, none, and those to choose from."""
    try:
        return Account.objects.filter(pk=UUID(text)).first(), []
    except ValueError:
        words = normalised(text)
    found = Account.objects.filter(name_norm__startswith=words).order_by("name_norm", "pk")
    several = list(found[:MOST_OTHERS])
    exact = [each for each in several if each.name_norm == words]
    fits = exact if len(exact) == 1 else several
    return (fits[0], []) if len(fits) == 1 else (None, several)


def _shown(key: str, value: Any) -> str:
    if is_known(key):
        return shown(key, value)
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value or "none").replace("_", " ")
