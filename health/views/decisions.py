"""The decisions behind a figure of the backtest, as a page and as a file."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.queries.reach import in_reach
from accounts.rules.safe_csv import csv_lines
from health.forms.truth import LOST, DecisionsForm
from health.queries.backtest import backtest
from health.rules.proof.verdict import Seen, Verdict
from health.views.judged import address, asked, listed, query_of
from tenants.access import TenantRequest, needs
from tenants.formats import exponent
from tenants.roles import Can

ROWS = 200


@needs(Can.READ_HEALTH)
@require_GET
def decisions(request: TenantRequest) -> HttpResponse:
    """The decisions behind a figure, the largest first."""
    form = DecisionsForm(request.GET)
    until, horizon = asked(form)
    found = backtest(until, timezone.now(), horizons=(horizon,))
    rows = _chosen(found.verdicts[horizon], form)
    shown = {"band": form.cleaned_data.get("band"), "outcome": form.cleaned_data.get("outcome")}
    chosen = {key: value for key, value in shown.items() if value}
    context = {
        "title": f"Decisions: {', '.join(chosen.values())}" if chosen else "Decisions",
        "back": address(until, horizon=horizon),
        "until": until,
        "horizon": horizon,
        "n": len(rows),
        "rows": listed(rows[:ROWS]),
        "hidden": max(len(rows) - ROWS, 0),
        "undecided": found.undecided,
        "csv": f"{reverse('health:truth_export')}?{urlencode(query_of(until, horizon) | chosen)}",
        "may_export": request.actor.may(Can.EXPORT),
    }
    return render(
        request, "health/truth_decisions.html", context, status=422 if form.errors else 200
    )


@needs(Can.EXPORT)
@require_GET
def export(request: TenantRequest) -> HttpResponse:
    """The judged decisions within one's reach as a file: what was read, and what came of it."""
    form = DecisionsForm(request.GET)
    until, horizon = asked(form)
    if form.errors:
        words = "One of these filters cannot be read, so nothing is exported."
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    verdict = backtest(until, timezone.now(), horizons=(horizon,)).verdicts[horizon]
    reached = set(in_reach(request.actor, Can.EXPORT).values_list("pk", flat=True))
    currency = request.tenant.currency
    header = (
        *("account", "decided on", "due on", "score of", "score", "band", "coverage"),
        *("usage alone", "sentiment alone", "outcome", "is lost", "replayed", "play in between"),
        *(f"ARR before {currency}", f"ARR after {currency}"),
    )
    lines = [
        (
            each.decision.name,
            each.decision.decided_on,
            each.decision.due_on,
            each.day or "",
            "" if each.score is None else each.score,
            each.band,
            each.coverage,
            "" if each.usage is None else each.usage,
            "" if each.sentiment is None else each.sentiment,
            str(each.decision.outcome),
            int(each.is_lost),
            int(each.is_replayed),
            int(each.is_treated),
            Decimal(each.decision.before_minor).scaleb(-exponent(currency)),
            Decimal(each.decision.after_minor).scaleb(-exponent(currency)),
        )
        for each in _chosen(verdict, form)
        if each.decision.account_id in reached
    ]
    file = HttpResponse(
        "".join(csv_lines(header, lines, byte_order_mark=True)),
        content_type="text/csv; charset=utf-8",
    )
    name = f"{request.tenant.slug}-decisions-{until}-{horizon}.csv"
    file["Content-Disposition"] = f'attachment; filename="{name}"'
    return file


def _chosen(verdict: Verdict, form: DecisionsForm) -> list[Seen]:
    band, outcome = form.cleaned_data.get("band"), form.cleaned_data.get("outcome")
    found = [
        each
        for each in verdict.cases
        if (not band or each.band == band) and (not outcome or each.is_lost == (outcome == LOST))
    ]
    return sorted(found, key=lambda each: (-each.decision.before_minor, each.decision.name))
