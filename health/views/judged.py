"""What pages of the backtest ask for, their addresses, and decisions as tables show them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from health.forms.truth import TruthForm
from health.queries.backtest import MAIN
from health.queries.today import today_of_tenant
from health.rules.proof.verdict import Seen

OUTCOMES = {"churned": "Left", "contracted": "Contracted", "renewed": "Stayed"}


def asked(form: TruthForm) -> tuple[date, int]:
    """Which day and distance are asked for; what cannot be read is as if it were not asked."""
    today = today_of_tenant(timezone.now())
    form.is_valid()
    until = form.cleaned_data.get("until") or today
    return min(until, today), form.cleaned_data.get("horizon") or MAIN


def query_of(until: date, horizon: int) -> dict[str, str]:
    return {"until": until.isoformat(), "horizon": str(horizon)}


def address(until: date, horizon: int) -> str:
    return f"{reverse('health:truth')}?{urlencode(query_of(until, horizon))}"


def rows_url(until: date, horizon: int) -> str:
    return f"{reverse('health:truth_decisions')}?{urlencode(query_of(until, horizon))}"


def url_of(until: date, horizon: int, band: str, outcome: str) -> str:
    return f"{rows_url(until, horizon)}&{urlencode({'band': band, 'outcome': outcome})}"


def listed(cases: Sequence[Seen]) -> list[dict[str, Any]]:
    return [
        {"seen": each, "outcome": OUTCOMES[each.decision.outcome], "decision": each.decision}
        for each in cases
    ]
