"""The page of a handoff, and what its sender does there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.queries.reach import account_in_reach, in_reach
from charter.queries import touch_models
from journeys.actions.handoffs import (
    HandoffMoved,
    StaleHandoff,
    StrangerNamed,
    save_handoff,
    submit_handoff,
)
from journeys.forms.handoffs import HandoffForm, people_choices
from journeys.models import Handoff
from journeys.queries.handoffs import Case, cases, hours, may_be_written
from journeys.rules.clocks import AFTER_ACCEPTANCE, DONE_WORDS, step_in_hand
from journeys.rules.judgement import (
    ITEMS,
    MANDATORY,
    MOST_POINTS,
    RATED,
    RATING_TARGET,
    mean_rating,
    named,
)
from journeys.rules.sections import ASKS
from journeys.views.words import clock_words
from spiced.queries.notes import contacts
from spiced.rules.elements import PARTS
from tenants.access import TenantRequest, needs
from tenants.formats import effort, joined
from tenants.roles import Can, Reach

REFUSALS = (HandoffMoved, StaleHandoff, StrangerNamed)


@needs(Can.READ_ACCOUNTS)
@require_GET
def handoff(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """What Sales hands over, what is missing, and the clock."""
    found = handoff_of(request, Can.READ_ACCOUNTS, handoff_id)
    return page(request, found, _form(found))


@needs(Can.HAND_OVER)
@require_POST
def save(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Save what was written."""
    return _write(request, handoff_id, is_final=False)


@needs(Can.HAND_OVER)
@require_POST
def submit(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Save and hand over to CS."""
    return _write(request, handoff_id, is_final=True)


def _write(request: TenantRequest, handoff_id: UUID, *, is_final: bool) -> HttpResponse:
    found = handoff_of(request, Can.HAND_OVER, handoff_id)
    form = HandoffForm(people_choices(contacts(found.account)), request.POST)
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
        )
        if is_final:
            saved = submit_handoff(handoff=saved, actor=request.user, now=now)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return page(request, found, form, status=refusal.status)
    if saved.state == Handoff.State.RETURNED and is_final:
        messages.warning(request, f"Not handed over yet. Missing: {named(saved.gaps)}.")
    else:
        messages.success(request, "Handed over to CS." if is_final else "Saved.")
    return redirect("journeys:handoff", found.pk)


def handoff_of(request: TenantRequest, can: Can, handoff_id: UUID) -> Handoff:
    """A handoff whose account a capability covers. Raises Http404."""
    found = get_object_or_404(
        Handoff.objects.select_related(
            "account",
            "account__owner",
            "account__seller",
            "sender",
            "receiver",
            "repair_task__owner",
        ),
        pk=handoff_id,
    )
    account_in_reach(request.actor, can, found.account_id)
    return found


def page(
    request: TenantRequest, found: Handoff, form: HandoffForm, status: int = 200
) -> HttpResponse:
    """The page with its form, as it came or as it was sent."""
    now = timezone.now()
    (case,) = cases([found], now)
    actor = request.actor
    is_theirs = _reaches(request, Can.HAND_OVER, found)
    answers = _reaches(request, Can.ACCEPT_HANDOFF, found)
    may_write = is_theirs and may_be_written(found)
    leads = answers and actor.reach(Can.ACCEPT_HANDOFF) is not Reach.OWN
    context: dict[str, Any] = {
        "title": f"Handoff of {found.account.name}",
        "handoff": found,
        "account": found.account,
        "state": Handoff.State(found.state).label,
        "form": form,
        "sections": [
            {"key": section.key, "label": section.label, "score": section.score(found.fields),
             "fields": fields, "said": [(each.label, _shown(each)) for each in fields]}
            for section, fields in form.by_section()
        ],
        "case": case,
        "waived_words": ITEMS.get(found.waived_item, ""),
        "most_points": MOST_POINTS,
        "gap_words": f"Missing: {named(found.gaps)}.",
        "clock": clock_words(case.clock, found.due_at),
        "elapsed": _elapsed(found),
        "items": _items(case),
        "spiced": _spiced(case, touch_models().version),
        "returns": case.judgement.returns if may_write else [],
        "may_write": may_write,
        "may_submit": is_theirs and found.state in ("draft", "returned"),
        "may_answer": answers and found.state == "submitted",
        "may_waive": leads and found.state == "submitted" and len(case.judgement.missing) == 1,
        "may_rate": answers and found.accepted_at is not None,
        "steps": _steps(found, answers),
        "ratings": [(label, found.ratings.get(key)) for key, label in RATED.items()],
        "mean": mean_rating(found.ratings),
        "rating_target": RATING_TARGET,
    }  # fmt: skip
    return render(request, "journeys/handoff.html", context, status=status)


def _form(found: Handoff) -> HandoffForm:
    said = {key: found.fields.get(key, "") for key in ASKS}
    people = people_choices(contacts(found.account))
    return HandoffForm(people, initial=said | {"version": found.version})


def _shown(field: BoundField) -> str:
    """What a field says, a person by name; empty where nothing is said."""
    value = field.value() or ""
    choices = getattr(field.field, "choices", ())
    return dict(choices).get(value, "") if value and choices else str(value)


def _reaches(request: TenantRequest, can: Can, found: Handoff) -> bool:
    return in_reach(request.actor, can).filter(pk=found.account_id).exists()


def _elapsed(found: Handoff) -> str:
    """Business hours from signature to acceptance, or to now where it is not accepted."""
    end = found.accepted_at or timezone.now()
    return effort(round(hours().calendar.hours_between(found.signed_at, end) * 60))


def _items(case: Case) -> list[dict[str, Any]]:
    missing = set(case.judgement.missing)
    return [
        {
            "words": words[0].upper() + words[1:],
            "is_there": key not in missing,
            "is_waived": key in case.waived and key in missing,
            "section": next(iter(MANDATORY[key][1]), "") if key in MANDATORY else "",
        }
        for key, words in ITEMS.items()
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
    }


def _steps(found: Handoff, may_finish: bool) -> list[dict[str, Any]]:
    if found.accepted_at is None:
        return []
    ahead = step_in_hand(found.state, found.steps)
    return [
        {
            "key": step,
            "label": DONE_WORDS[step],
            "done_at": datetime.fromisoformat(found.steps[step]) if step in found.steps else None,
            "is_next": step == ahead and may_finish,
        }
        for step in AFTER_ACCEPTANCE
    ]
