"""The board of onboardings: a column for each phase, a card for each account."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from journeys.queries.onboardings import OnboardingCase, cases, open_onboardings, owners
from journeys.queries.reports import share_within
from journeys.queries.templates import lacking
from journeys.rules.templates import PHASES
from tenants.access import TenantRequest, needs
from tenants.actor import Actor
from tenants.formats import day, number, plural, rate
from tenants.roles import Can, Role

MOST_CARDS = 300
SHOWS = {"all": "All", "stuck": "Stuck", "late": "Late", "them": "Waiting on them"}
STARTS_AT = {Role.CSM: "mine", Role.MANAGER: "team"}


class WhoseForm(forms.Form):
    """Whose onboardings."""

    whose = forms.ChoiceField(label="Owner", required=False)

    def __init__(self, people: list[tuple[UUID, str, int]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(pk), f"{name} ({n})") for pk, name, n in people]
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            ("mine", "Mine"), ("team", "My team’s"), ("all", "Everybody’s"), *named,
        ]  # fmt: skip


@needs(Can.READ_ONBOARDING)
@require_GET
def onboardings(request: TenantRequest) -> HttpResponse:
    """Open onboardings by phase; narrowed to an owner, and to what is stuck, late or theirs."""
    now = timezone.now()
    people = owners()
    whose = _whose(request, people)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "all"
    rows = list(open_onboardings(request.actor, whose=whose)[: MOST_CARDS + 1])
    found = cases(rows[:MOST_CARDS], now)
    kinds = {key: [each for each in found if is_of(each, key)] for key in SHOWS}
    shown = kinds[show]
    context = {
        "form": WhoseForm(people, initial={"whose": whose}),
        "whose": whose,
        "tabs": [
            {"label": label, "count": len(kinds[key]), "current": key == show,
             "url": f"{reverse('journeys:onboardings')}?{urlencode({'whose': whose, 'show': key})}"}
            for key, label in SHOWS.items()
        ],
        "show": show,
        "columns": [
            {"label": label, "cards": [card(c, now) for c in shown if c.standing.phase == key]}
            for key, label in PHASES.items()
        ],
        "n": len(shown),
        "n_open": len(found),
        "is_cut": len(rows) > MOST_CARDS,
        "most": MOST_CARDS,
        "within": share_within(now),
        "as_of": now,
        "may_design": request.actor.may(Can.DESIGN_ONBOARDING),
        "lacks": lacking(),
    }  # fmt: skip
    return render(request, "journeys/onboardings.html", context)


def is_of(case: OnboardingCase, kind: str) -> bool:
    """Whether an onboarding belongs to what a tab shows."""
    match kind:
        case "stuck":
            return bool(case.standing.stuck)
        case "late":
            return bool(case.standing.late_days or case.standing.late_tasks)
        case "them":
            return case.turn is not None and case.turn.side == "them"
    return True


def card(case: OnboardingCase, now: Any) -> dict[str, Any]:
    """One account on the board, formatted."""
    found, standing = case.onboarding, case.standing
    window = max(1, (found.agreed_on - found.anchor_on).days)
    ahead = case.next_task
    waits = ""
    if case.turn is not None and case.turn.side == "them":
        waits = f"them, {plural((now - case.turn.began_at).days, 'day')}"
    return {
        "id": found.pk,
        "name": found.account.name,
        "owner": found.owner.name if found.owner else "",
        "day": case.day,
        "window": window,
        "tone": standing.tone,
        "word": standing.word,
        "why": "; ".join([*standing.stuck, *standing.warnings]),
        "agreed": day(found.agreed_on),
        "projected": day(standing.projected_on) if standing.projected_on else "",
        "pace": number(standing.pace, 2) if standing.pace is not None else "",
        "progress": rate(standing.progress, 0),
        "next": ahead.label if ahead else "Record First Impact",
        "next_due": day(ahead.due_on) if ahead else "",
        "waits": waits,
        "late_tasks": standing.late_tasks,
    }


def _whose(request: TenantRequest, people: list[tuple[UUID, str, int]]) -> str:
    wanted = request.GET.get("whose", "")
    if wanted in ("mine", "team", "all") or wanted in {str(pk) for pk, _, _ in people}:
        return wanted
    return _start(request.actor)


def _start(actor: Actor) -> str:
    found = STARTS_AT.get(actor.role, "all")
    return "all" if found == "team" and not actor.team else found
