"""The retention page."""

from collections import Counter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import ChurnRecord
from accounts.queries.rates import awaited
from bowtie.forms import BoardForm, RetentionForm
from bowtie.queries.board import Asked
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import departures, movers, rollup, standing_at
from bowtie.queries.money import renewals
from bowtie.queries.ways import choices
from bowtie.rules.cohorts import Cohort
from bowtie.rules.lifetime import DISCOUNT, YEARS, lifetime_of, of_a_year
from bowtie.rules.money import Renewal, Signing, renewal_rates
from bowtie.rules.retention import Retention
from bowtie.views.board import as_query
from charter.queries import body_at, causes
from tenants.access import TenantRequest, needs
from tenants.formats import money, money_short, plural, rate
from tenants.roles import Can

MOVERS = 5
KIND_LABELS = {
    "new": "New",
    "reactivation": "Came back",
    "restore": "Restored",
    "expansion": "Expansion",
    "contraction": "Contraction",
    "churn": "Churn",
    "adjustment": "Adjustment",
    "fx": "Exchange rates",
}
COHORT_MONTHS = (0, 3, 6, 9, 12, 18, 24, 30, 36)
MOST_COHORTS = 12
NOT_RECORDED = "Not recorded"
SIGNINGS = (
    ("on_time", "Signed by the due day"),
    ("early", "Signed more than 30 days before it"),
    ("late", "Signed after it"),
    ("unknown", "Renewed, signing day not known"),
)
STATES = (("renewed", "Renewed, also for less"), ("open", "Open, past due"), ("lost", "Lost"))


@needs(Can.READ_INSIGHT)
@require_GET
def retention_page(request: TenantRequest) -> HttpResponse:
    """GRR, NRR and logo retention from the ledger, with what moved them."""
    form, asked = asked_retention(request)
    of = (asked.eve, asked.until, asked.as_of, asked.chosen)
    result = rollup(*of)
    left = departures(*of)
    dues = renewals(asked.eve, asked.until, asked.as_of, asked.today, asked.chosen)
    context = shared(form, asked) | {
        "result": result,
        "stats": [
            *_retention_stats(result, request.tenant.currency, as_query(form)),
            *_yearly_stats(result, asked, request.tenant.currency, as_query(form)),
        ],
        "chart": _waterfall(result, request.tenant.currency)
        if result.opening or result.movements
        else None,
        "heat": _heat(cohorts(asked.until, asked.as_of, asked.chosen), as_query(form)),
        "kinds": [
            {"kind": kind, "label": label, "amount": result.movements[kind]}
            for kind, label in KIND_LABELS.items()
            if kind in result.movements
        ],
        "movers": movers(*of, most=MOVERS),
        "reasons": _reasons(left, as_query(form)),
        "left": len(left),
        "still_pay": sum(arr > 0 for arr in arr_of(left, asked).values()),
        "renewals": _renewals(dues, request.tenant.currency, as_query(form)),
        "awaited": [(*place, n) for place, n in awaited(asked.today).items()],
        "may_export": request.actor.may(Can.EXPORT),
    }
    return render(request, "bowtie/retention.html", context)


def asked_retention(request: TenantRequest) -> tuple[BoardForm, Asked]:
    """The form of the address, and the window, slice and day of knowledge it asks for."""
    found = choices()
    form = RetentionForm(found, request.GET or None)
    asked = form.asked(timezone.now(), ZoneInfo(request.tenant.time_zone))
    if not form.is_bound:
        given = {"since": asked.since, "until": asked.until}
        form = RetentionForm(found, initial=given)
    return form, asked


def shared(form: BoardForm, asked: Asked) -> dict[str, Any]:
    return {
        "form": form,
        "query": as_query(form),
        "since": asked.since,
        "until": asked.until,
        "as_of": asked.as_of,
        "is_past": bool(form.is_bound and form.is_valid() and form.cleaned_data["as_of"]),
        "is_sliced": not asked.chosen.is_whole,
    }


def arr_of(records: list[ChurnRecord], asked: Asked) -> dict[UUID, int]:
    """What the accounts of churn records have at the end of the window, by the ledger."""
    return standing_at({each.account_id for each in records}, asked.until, asked.as_of)


def _reasons(records: list[ChurnRecord], query: str) -> list[dict[str, Any]]:
    """Who decided and why, two axes, by the ARR they took; what nobody wrote is said so."""
    sums: dict[tuple[str, str], list[int]] = {}
    missing: Counter[tuple[str, str]] = Counter()
    for record in records:
        place = record.initiation, record.cause
        sums.setdefault(place, []).append(record.arr_minor)
        missing[place] += record.postmortem_at is None
    words = causes()
    found = [
        {
            "initiation": who_decided(who),
            "cause": words.label(why) or NOT_RECORDED,
            "n": len(arr),
            "missing": missing[who, why],
            "arr_minor": sum(arr),
            "url": f"{reverse('bowtie:left')}?{query}&{urlencode({'who': who, 'why': why})}",
        }
        for (who, why), arr in sums.items()
    ]
    return sorted(found, key=lambda row: (-row["arr_minor"], row["initiation"], row["cause"]))


def who_decided(initiation: str) -> str:
    """Who decided, in words."""
    return dict(ChurnRecord.Initiation.choices).get(initiation, "") or NOT_RECORDED


def _renewals(found: list[Renewal], currency: str, query: str) -> dict[str, Any]:
    """Due, renewed, open and lost, by count and by ARR, each open to its rows."""
    url = f"{reverse('bowtie:renewals')}?{query}"
    told = renewal_rates(found)
    states = [(label, getattr(told, state), state) for state, label in STATES]
    rows = [
        {
            "label": label,
            "n": share.n,
            "amount": money(share.due_minor, currency, cents=True),
            "url": f"{url}&state={state}",
        }
        for label, share, state in [("Due", told.due, ""), *states]
    ]
    return {
        "rows": rows,
        "n": told.due.n,
        "logo": rate(told.logo),
        "dollar": rate(told.dollar),
        "is_low_n": told.is_low_n,
        "signing": _signing(told.signing, url),
    }


def _signing(told: Signing, url: str) -> dict[str, Any]:
    """How timely what renewed was signed, each part open to its rows."""
    counts = {
        "on_time": (told.n_on_time, rate(told.on_time)),
        "early": (told.n_early, rate(told.early)),
        "late": (told.n - told.n_on_time, ""),
        "unknown": (told.n_unknown, ""),
    }
    return {
        "n": told.n,
        "is_low_n": told.is_low_n,
        **{
            key: {"n": n, "share": share, "url": f"{url}&signed={key}"}
            for key, (n, share) in counts.items()
        },
    }


def _heat(found: list[Cohort], query: str) -> dict[str, Any] | None:
    if not found:
        return None
    shown = found[-MOST_COHORTS:]
    return {
        "title": "ARR kept by start quarter",
        "finding": "Of the ARR won in a quarter, what is left so many months later; "
        "empty until the whole quarter is that old.",
        "columns": [f"M{month}" for month in COHORT_MONTHS],
        "rows": [
            (each.label, str(each.n), [each.arr[month] for month in COHORT_MONTHS])
            for each in shown
        ],
        "urls": [
            [f"{reverse('bowtie:cell', args=[each.quarter, m])}?{query}" for m in COHORT_MONTHS]
            for each in shown
        ],
    }


def _retention_stats(result: Retention, currency: str, query: str) -> list[dict[str, Any]]:
    low = ", low n" if result.is_low_n else ""
    base = f"{result.n} accounts at the start{low}"
    url = f"{reverse('bowtie:cohort')}?{query}"
    ratio = "n/a" if result.quick_ratio is None else f"{result.quick_ratio:.1f}"
    return [
        {"label": "Net revenue retention", "value": rate(result.nrr), "note": base, "url": url},
        {"label": "Gross revenue retention", "value": rate(result.grr), "note": base, "url": url},
        {
            "label": "Logo retention",
            "value": rate(result.logo),
            "note": f"{result.stayed} of {result.n} accounts stayed{low}",
            "url": url,
        },
        {
            "label": "Quick ratio",
            "value": ratio,
            "note": "gains ÷ losses of ARR",
            "url": f"{reverse('bowtie:ledger')}?{query}",
        },
        {
            "label": "ARR at the end",
            "value": money_short(result.closing, currency),
            "note": money(result.closing, currency, cents=True),
        },
    ]


def _yearly_stats(
    result: Retention, asked: Asked, currency: str, query: str
) -> list[dict[str, Any]]:
    """Logo churn of a year, and what an account is worth over its life."""
    url = f"{reverse('bowtie:cohort')}?{query}"
    days = asked.days
    left = None if result.logo is None else 1 - of_a_year(result.logo, days)
    margin = body_at("bowtie", asked.as_of)[1].get("gross_margin")
    low = ", low n" if result.is_low_n else ""
    churn = f"{plural(result.n - result.stayed, 'account')} of {result.n} in {plural(days, 'day')}"
    found = lifetime_of(result, days, margin)
    value, note = "n/a", "the charter has no gross margin" if margin is None else "nothing to go by"
    if found:
        value = money_short(round(found.minor), currency)
        note = (
            f"{money(round(found.arpa_minor), currency)} a year × {rate(found.margin, 0)} margin "
        )
        note += (
            f"× {rate(found.nrr)} NRR, {YEARS} years at {rate(DISCOUNT, 0)}"
            if found.is_capped
            else f"÷ {rate(found.churn)} churn"
        )
    return [
        {"label": "Logo churn a year", "value": rate(left), "note": f"{churn}{low}", "url": url},
        {"label": "Lifetime value of an account", "value": value, "note": note, "url": url},
    ]


def _waterfall(result: Retention, currency: str) -> dict[str, Any]:
    steps: list[tuple[str, int, str]] = [("Start", result.opening, "total")]
    steps += [
        (label, result.movements[kind], "change")
        for kind, label in KIND_LABELS.items()
        if result.movements.get(kind)
    ]
    return {
        "title": "What moved ARR",
        "finding": f"From {money(result.opening, currency, cents=True)} to "
        f"{money(result.closing, currency, cents=True)}.",
        "steps": [*steps, ("End", result.closing, "total")],
        "unit": currency,
    }
