"""The page of a handoff, and what its sender does there."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.queries.reach import in_reach
from charter.queries import touch_models
from journeys.actions.handoff_holding import HandoffMoved, StaleHandoff
from journeys.actions.handoffs import StrangerNamed, save_handoff, submit_handoff
from journeys.forms.handoffs import HandoffForm, people_choices
from journeys.models import Handoff
from journeys.queries.commitments import promises_of
from journeys.queries.handoffs import (
    Case,
    cases,
    hours,
    kind_of,
    may_be_written,
    step_of,
)
from journeys.queries.takers import answers, taker_of, writes
from journeys.rules.judgement import (
    RATED,
    RATING_TARGET,
    mean_rating,
    named,
)
from journeys.rules.kinds import HandoffKind
from journeys.rules.sections import signed_by, signed_on
from journeys.views.sides import handoff_of, of_ones_side
from journeys.views.since import spiced_since
from journeys.views.words import clock_words
from spiced.queries.notes import contacts
from spiced.queries.records import pain_and_decision
from spiced.rules.elements import PARTS
from tenants.access import TenantRequest, needs
from tenants.formats import day, effort, joined
from tenants.roles import Can, Reach

REFUSALS = (HandoffMoved, StaleHandoff, StrangerNamed)


@needs(Can.READ_ACCOUNTS)
@require_GET
def handoff(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """What is handed over, what is missing, and the clock."""
    found = handoff_of(request, Can.READ_ACCOUNTS, handoff_id)
    return page(request, found, _form(found))


@needs(Can.HAND_OVER)
@require_POST
@of_ones_side
def save(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Save what was written."""
    return _write(request, handoff_id, is_final=False)


@needs(Can.HAND_OVER)
@require_POST
@of_ones_side
def submit(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Save and hand over."""
    return _write(request, handoff_id, is_final=True)


def _write(request: TenantRequest, handoff_id: UUID, *, is_final: bool) -> HttpResponse:
    found = handoff_of(request, Can.HAND_OVER, handoff_id)
    kind = kind_of(found)
    form = HandoffForm(kind, people_choices(contacts(found.account)), request.POST)
    if not form.is_valid():
        return page(request, found, form, status=422)
    now = timezone.now()
    try:
        saved = save_handoff(
            handoff=found,
            actor=request.user,
            now=now,
            seen_version=form.cleaned_data["version"],
            given=form.said(),
            signed=form.signed(),
        )
        if is_final:
            saved = submit_handoff(handoff=saved, actor=request.user, now=now)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return page(request, found, form, status=refusal.status)
    if saved.state == Handoff.State.RETURNED and is_final:
        messages.warning(request, f"Not handed over yet. Missing: {named(saved.gaps)}.")
    else:
        messages.success(request, f"Handed over to {kind.taker}." if is_final else "Saved.")
    return redirect("journeys:handoff", found.pk)


def page(
    request: TenantRequest, found: Handoff, form: HandoffForm, status: int = 200
) -> HttpResponse:
    """The page with its form, as it came or as it was sent."""
    now = timezone.now()
    (case,) = cases([found], now)
    actor = request.actor
    kind = kind_of(found)
    is_theirs, is_taker = writes(actor, found), answers(actor, found)
    may_write = is_theirs and may_be_written(found)
    leads = is_taker and actor.reach(Can.ACCEPT_HANDOFF) is not Reach.OWN
    context: dict[str, Any] = {
        "title": f"Handoff of {found.account.name}",
        "kind": kind,
        "taker": taker_of(found),
        "promises": promises_of(found.account),
        "may_close": is_theirs,
        "handoff": found,
        "account": found.account,
        "state": Handoff.State(found.state).label,
        "form": form,
        "sections": [
            {"key": section.key, "label": section.label, "score": section.score(found.fields),
             "fields": fields, "said": _said(found, kind, fields)}
            for section, fields in form.by_section()
        ],
        "case": case,
        "waived_words": kind.words(found.waived_item),
        "most_points": kind.most_points,
        "gap_words": f"Missing: {'; '.join(gap.rstrip(' .') for gap in found.gaps)}.",
        "clock": clock_words(case.clock, found.due_at),
        "elapsed": _elapsed(found),
        "items": _items(case),
        **_known(request, found),
        "spiced": _spiced(case, touch_models().version),
        "returns": case.judgement.returns if may_write else [],
        "may_write": may_write,
        "may_submit": is_theirs and found.state in ("draft", "returned"),
        "may_answer": is_taker and found.state == "submitted",
        "may_waive": leads and found.state == "submitted" and len(case.judgement.missing) == 1,
        "may_rate": is_taker and found.accepted_at is not None,
        "steps": _steps(found, is_taker),
        "ratings": [(label, found.ratings.get(key)) for key, label in RATED.items()],
        "mean": mean_rating(found.ratings),
        "rating_target": RATING_TARGET,
    }  # fmt: skip
    return render(request, "journeys/handoff.html", context, status=status)


def _form(found: Handoff) -> HandoffForm:
    kind = kind_of(found)
    said = {key: found.fields.get(key, "") for key in (*kind.asks, *found.fields)}
    people = people_choices(contacts(found.account))
    return HandoffForm(kind, people, initial=said | {"version": found.version})


def _said(found: Handoff, kind: HandoffKind, fields: list[BoundField]) -> list[tuple[str, str]]:
    """What is said by label, with who signed that there is none."""
    shown = []
    for field in fields:
        if field.name not in kind.asks:
            continue
        text, on = _shown(field), found.fields.get(signed_on(field.name), "")
        if text and on:
            who = found.fields.get(signed_by(field.name)) or "somebody"
            text += f"\nSigned by {who} on {day(date.fromisoformat(on))}."
        shown.append((str(field.label), text))
    return shown


def _shown(field: BoundField) -> str:
    """What a field says, a person by name; empty where nothing is said."""
    value = field.value() or ""
    choices = getattr(field.field, "choices", ())
    return dict(choices).get(value, "") if value and choices else str(value)


def _reaches(request: TenantRequest, can: Can, found: Handoff) -> bool:
    return in_reach(request.actor, can).filter(pk=found.account_id).exists()


def _known(request: TenantRequest, found: Handoff) -> dict[str, Any]:
    """What SPICED says of pain and decision, and how it changed, for those who may read it."""
    if not _reaches(request, Can.READ_SPICED, found):
        return {}
    return {
        "since": spiced_since(request, found),
        "known": pain_and_decision(found.account, request.tenant.currency),
    }


def _elapsed(found: Handoff) -> str:
    """Business hours from its beginning to acceptance, or to now where it is not accepted."""
    end = found.accepted_at or timezone.now()
    return effort(round(hours().calendar.hours_between(found.signed_at, end) * 60))


def _items(case: Case) -> list[dict[str, Any]]:
    missing, kind = set(case.judgement.missing), case.judgement.kind
    return [
        {
            "words": kind.words(key)[0].upper() + kind.words(key)[1:],
            "is_there": key not in missing,
            "is_waived": key in case.waived and key in missing,
            "section": next(iter(kind.asked_for(key)), ""),
        }
        for key in case.judgement.mandatory
    ]


def _spiced(case: Case, in_force: int) -> dict[str, Any]:
    """The SPICED scores beside the minimum of the account's touch model, and whose it is."""
    least = case.least
    return {
        "total": sum(case.scores.values()),
        "least": least.total,
        "each": least.each,
        "letters": joined(least.letters),
        "version": case.minima_version,
        "is_past": bool(case.handoff.minima_version) and case.minima_version != in_force,
        "parts": [
            {
                "name": part.name,
                "score": case.scores.get(letter, 0),
                "is_low": letter in least.letters and case.scores.get(letter, 0) < least.each,
            }
            for letter, part in PARTS.items()
        ],
        "is_reached": "spiced" not in case.judgement.missing,
        "is_asked": "spiced" in case.judgement.mandatory,
    }


def _steps(found: Handoff, may_finish: bool) -> list[dict[str, Any]]:
    if found.accepted_at is None:
        return []
    ahead, kind = step_of(found), kind_of(found)
    return [
        {
            "key": step,
            "label": kind.steps[step].done,
            "done_at": datetime.fromisoformat(found.steps[step]) if step in found.steps else None,
            "is_next": step == ahead and may_finish,
        }
        for step in kind.after
    ]
