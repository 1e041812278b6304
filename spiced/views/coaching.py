"""Coaching: what reviews of calls say of a team, and of one person over time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spiced.queries.reviews import Call, Coached, agreement, coached, waiting
from spiced.rules.coaching import (
    AGREED,
    BEHAVIOURS,
    CERTIFYING,
    IN_A_ROW,
    ITEMS,
    MOST,
    PASSED,
)
from tenants.access import TenantRequest, needs
from tenants.formats import day, plural
from tenants.roles import Can, Reach

LISTED = 100  # calls of one person on the page, the newest


@needs(Can.READ_REVIEWS)
@require_GET
def coaching(request: TenantRequest) -> HttpResponse:
    """Everybody whose reviews one may see, and the calls that wait; one's own where that is all."""
    if request.actor.reach(Can.READ_REVIEWS) is Reach.OWN:
        return _person(request, request.user.pk)
    now = timezone.now()
    people = coached(request.actor, now)
    context: dict[str, Any] = {
        "people": [_row(each) for each in people if each.n or each.person.pk != request.user.pk],
        "agreement": agreement(people),
        "agreed": AGREED,
        "as_of": now,
        "passed": PASSED,
        "certifying": CERTIFYING,
        "in_a_row": IN_A_ROW,
        "waiting": waiting(request.actor, now) if request.actor.may(Can.REVIEW_CALLS) else [],
    }
    return render(request, "spiced/coaching.html", context)


@needs(Can.READ_REVIEWS)
@require_GET
def person(request: TenantRequest, user_id: UUID) -> HttpResponse:
    """One person's calls: their scores over time, and what the scores are made of."""
    return _person(request, user_id)


def _person(request: TenantRequest, user_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = {each.person.pk: each for each in coached(request.actor, now)}
    if user_id not in found:
        raise Http404
    shown = found[user_id]
    context: dict[str, Any] = {
        "person": shown.person,
        "is_me": user_id == request.actor.user_id,
        "leads": request.actor.reach(Can.READ_REVIEWS) is not Reach.OWN,
        "n": shown.n,
        "as_of": now,
        "stats": _stats(shown, now),
        "chart": _chart(shown.calls, now) if shown.n > 1 else None,
        "items": _items(shown),
        "behaviours": _behaviours(shown),
        "n_reviews": len(shown.reviews),
        "most": MOST,
        "calls": shown.calls[:LISTED],
    }
    return render(request, "spiced/coached.html", context)


def _row(each: Coached) -> dict[str, Any]:
    lowest = each.weakest
    return {
        "person": each.person,
        "n": each.n,
        "mean": each.mean,
        "newest": each.calls[0] if each.calls else None,
        "course": [call.score for call in reversed(each.calls[:12])],
        "weakest": ITEMS[lowest[0]] if lowest else "",
        "weakest_mean": lowest[1] if lowest else None,
        "is_certified": each.is_certified,
    }


def _stats(shown: Coached, now: datetime) -> list[dict[str, str]]:
    if shown.mean is None:
        return []
    newest, lowest = shown.calls[0], shown.weakest
    certified = "yes" if shown.is_certified else "not yet"
    return [
        {
            "label": "Mean score",
            "value": f"{shown.mean:.1f}",
            "note": f"of {plural(shown.n, 'call')}, {PASSED} passes",
            "tone": "" if shown.mean >= PASSED else "watch",
        },
        {
            "label": "Newest call",
            "value": f"{newest.score:.1f}",
            "note": day(newest.newest.held_on, now.date()),
            "tone": "" if newest.score >= PASSED else "watch",
        },
        {
            "label": "Lowest item",
            "value": ITEMS[lowest[0]] if lowest else "",
            "note": f"{lowest[1]:.1f} of {MOST} on average" if lowest else "",
        },
        {
            "label": "Certified",
            "value": certified,
            "note": f"{IN_A_ROW} calls in a row at {CERTIFYING} or more",
        },
    ]


def _chart(calls: Sequence[Call], now: datetime) -> dict[str, Any]:
    """Scores in the order of the calls, as a line with the score that passes."""
    drawn = list(reversed(calls[:LISTED]))
    passed = sum(each.score >= PASSED for each in drawn)
    return {
        "title": "How did the calls score?",
        "finding": f"{passed} of {plural(len(drawn), 'call')} passed, from "
        f"{drawn[0].score:.1f} to {drawn[-1].score:.1f}.",
        "labels": [day(each.newest.held_on, now.date()) for each in drawn],
        "values": [round(each.score, 1) for each in drawn],
        "low": 0,
        "high": 100,
        "guide": (PASSED, "passes"),
    }


def _items(shown: Coached) -> list[tuple[str, float]]:
    """The mean of each item over all reviews, 0 to 3."""
    every = shown.reviews
    if not every:
        return []
    return [(label, sum(r.items[key] for r in every) / len(every)) for key, label in ITEMS.items()]


def _behaviours(shown: Coached) -> list[tuple[str, int, int]]:
    """(behaviour, reviews that saw it, reviews)."""
    every = shown.reviews
    return [
        (label, sum(key in review.behaviours for review in every), len(every))
        for key, label in BEHAVIOURS.items()
    ]
