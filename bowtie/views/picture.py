"""The board's figures in the shape its page shows: the picture, its sentence, its tables."""

from typing import Any

from django.urls import reverse

from bowtie.queries.board import (
    AFTER_IMPACT,
    BEFORE_IMPACT,
    FIRST_EXPANSION,
    FIRST_REFERRAL,
    FIRST_RENEWAL,
    UNPROVEN_IMPACT,
    Board,
)
from bowtie.rules.funnel import PERIOD, Rate
from bowtie.rules.stages import LEFT, Stage
from tenants.formats import money, money_short, plural, rate

PARTS = (  # phase, what is counted, its conversion
    ("Awareness", "prospects", "cr1"),
    ("Education", "qualified", "selected"),
    ("Selection", "opportunities", "cr4"),
    ("Commit", "signed", "cr5a"),
    ("Onboarding", "live", "cr5b"),
    ("Adoption", "First Impact", "again"),
    ("Expansion", "Recurring Impact", "most"),
)
LEADS_TO = {
    "cr1": 1,
    "cr2": 2,
    "cr3": 2,
    "cr4": 3,
    "cr5a": 4,
    "cr5": 5,
    "cr5b": 5,
    "cr6": 6,
    "cr7": 6,
}
FLOWS = {
    "opening": "At the start",
    "came_in": "Came in",
    "went_out": "Went out",
    "closing": "At the end",
}
ORDER = (
    *("cr1", "cr2", "cr3", "cr4", "cr5", "cr5a", "cr5b", "again", "most", "cr6", "cr7", "cr8"),
)
WAITS = {"cr6": FIRST_RENEWAL, "cr7": FIRST_EXPANSION, "cr8": FIRST_REFERRAL}  # times beside them
NOTHING = "Nothing was opened or signed in this window."


def picture(found: Board, weak: Rate | None, currency: str) -> dict[str, Any]:
    """The bowtie: volume, conversion and days; the weakest step named in its sentence."""
    at = LEADS_TO.get(weak.key) if weak else None
    asked, rates = found.asked, [found.rates[key] for _, _, key in PARTS]
    return {
        "title": f"Entered {asked.since:%-d %b %Y} to {asked.until:%-d %b %Y}",
        "finding": sentence(found, weak, currency),
        "stages": [
            (phase, f"{each.n:,}", counted)
            for (phase, counted, _), each in zip(PARTS, rates, strict=True)
        ],
        "rates": [
            (
                rate(each.value),
                "" if each.median_days is None else f"{each.median_days:.0f} days",
                "risk" if at == position + 1 else "",
            )
            for position, each in enumerate(rates[:-1])
        ],
        "weakest": at,
    }


def sentence(found: Board, weak: Rate | None, currency: str) -> str:
    """The step furthest under its target, in one sentence."""
    if not any(each.n for each in found.rates.values()):
        return NOTHING
    if weak is None:
        return "No step is under its target."
    label = found.labels[weak.key]
    what = f"{weak.reached:,} of {weak.n:,}"
    if weak.is_money:
        what = f"{money_short(weak.reached, currency)} of {money_short(weak.n, currency)}"
    caution = " Fewer than 30 stand behind it." if weak.is_low_n else ""
    return (
        f"{label} is furthest under its target: {what} ({rate(weak.value)}), "
        f"target {rate(weak.target, 0)}.{caution}"
    )


def stats(found: Board, currency: str, query: str) -> list[dict[str, Any]]:
    """The right end in numbers: time to First Impact, what stayed, what grew, who left when."""
    cr5, cr6, cr7 = (found.rates[key] for key in ("cr5", "cr6", "cr7"))
    before, after, unproven = (
        found.churn[key] for key in (BEFORE_IMPACT, AFTER_IMPACT, UNPROVEN_IMPACT)
    )
    days = "n/a" if cr5.km_days is None else f"{cr5.km_days:.0f} days"
    return [
        _stat("Time to First Impact", days, f"half of {plural(cr5.n, 'account')}", "cr5", query),
        _stat(
            "Renewed of what was due",
            rate(cr6.value),
            f"{money(cr6.reached, currency)} of {money(cr6.n, currency)}",
            "cr6",
            query,
        ),
        _stat(
            "Growth on what stayed",
            rate(cr7.value),
            f"{money(cr7.n, currency)} to {money(cr7.reached, currency)}",
            "cr7",
            query,
        ),
        _stat(
            "Left before First Impact", f"{len(before):,}", "onboarding churn", BEFORE_IMPACT, query
        ),
        _stat("Left after it", f"{len(after):,}", "usage churn", AFTER_IMPACT, query),
        *(
            [
                _stat(
                    "Left after one nobody confirmed",
                    f"{len(unproven):,}",
                    "by proxy or override, told apart",
                    UNPROVEN_IMPACT,
                    query,
                )
            ]
            if unproven
            else []
        ),
    ]


def _stat(label: str, value: str, note: str, key: str, query: str) -> dict[str, str]:
    url = f"{reverse('bowtie:part', args=[key])}?{query}"
    return {"label": label, "value": value, "note": note, "url": url}


def rate_rows(found: Board, weak: Rate | None) -> list[dict[str, Any]]:
    """Every conversion, in the order of the bowtie."""
    return [
        {
            "key": key,
            "rate": each,
            "label": found.labels[key],
            "code": key.upper() if key[:2] == "cr" else "",
            "arr": found.arr(each),
            "waits": WAITS.get(key, ""),
            "times": (each.median_days, each.p90_days, each.km_days),
            "is_weakest": weak is not None and weak.key == key,
            "is_immature": each.is_mature is False and found.asked.method != PERIOD,
        }
        for key in ORDER
        if (each := found.rates.get(key)) is not None
    ]


def flow_rows(found: Board) -> list[dict[str, Any]]:
    """Opening, in, out and closing of each stage."""
    return [
        {
            "stage": stage,
            "label": Stage(stage).label,
            "is_deal": stage in LEFT,
            "cells": [(what, len(getattr(flow, what))) for what in FLOWS],
        }
        for stage, flow in found.flows.items()
    ]
