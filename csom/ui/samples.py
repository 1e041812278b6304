"""Invented data for the style guide: one of everything, so that a look at one page shows the whole system."""

from datetime import date
from typing import Any

from django import forms

WEEKS = (
    "31 Aug",
    "7 Sep",
    "14 Sep",
    "21 Sep",
    "28 Sep",
    "5 Oct",
    "12 Oct",
    "19 Oct",
    "26 Oct",
    "2 Nov",
    "9 Nov",
    "16 Nov",
)
TOKENS = {
    "Surfaces": (
        "canvas",
        "surface",
        "surface-2",
        "surface-3",
        "selected",
        "overlay",
        "border",
        "border-2",
        "border-strong",
    ),
    "Text": ("text", "text-2", "text-3", "ink", "on-ink", "accent", "accent-text", "accent-soft"),
    "Health": ("good", "good-soft", "watch", "watch-soft", "risk", "risk-soft", "none"),
    "Data": (
        "fill-good",
        "fill-watch",
        "fill-risk",
        "fill-none",
        "fill-ink",
        "series-2",
        "series-3",
        "heat-1",
        "heat-2",
        "heat-3",
        "heat-4",
        "heat-5",
    ),
}
NAV = (
    ("Work", (("Today", "sun", "t", 14), ("Handoffs", "handshake", "h", 2))),
    ("Accounts", (("All accounts", "building-2", "c", ""), ("At risk", "shield-alert", "r", 23))),
    (
        "Operate",
        (
            ("Plays", "play", "p", ""),
            ("Charter", "scroll-text", "", ""),
            ("Settings", "settings", "", ""),
        ),
    ),
)
CHARTS: dict[str, dict[str, Any]] = {
    "line": {
        "title": "Approvals per week",
        "finding": "Approvals fell from 412 to 256 a week after the finance team was reorganised.",
        "labels": WEEKS,
        "values": (398, 405, 391, 410, 418, 407, 415, None, 371, 322, 281, 256),
        "low": 200, "high": 450, "tone": "risk", "marks": ((8, "Reorganisation"),), "guide": (300, "plan starts below 300"), "column": "Week", "every": 11,
    },
    "stacked": {
        "title": "ARR by health band",
        "finding": "ARR at risk fell from €3.4m to €2.1m after the usage-drop play went live, and has risen for four weeks.",
        "labels": WEEKS,
        "series": (
            ("At risk", "risk", tuple(v * 10**7 for v in (33, 34, 32, 30, 27, 25, 23, 21, 22, 24, 26, 28))),
            ("Watch", "watch", tuple(v * 10**7 for v in (53, 52, 50, 49, 50, 48, 49, 47, 46, 47, 46, 45))),
            ("Healthy", "good", tuple(v * 10**7 for v in (138, 140, 142, 146, 149, 153, 156, 160, 162, 161, 163, 166))),
        ),
        "unit": "EUR", "marks": ((4, "Usage-drop play live"),),
    },
    "calibration": {
        "title": "Does the score tell the truth?",
        "finding": "Mostly. Six months before renewal low scores churned as predicted; 45 to 60 is too pessimistic.",
        "bins": (("0–30", "risk", 0.49, 18, 36), ("30–45", "risk", 0.31, 21, 71), ("45–60", "watch", 0.20, 9, 92), ("60–80", "good", 0.08, 11, 148), ("80–100", "good", 0.03, 2, 65)),
    },
    "timeline": {
        "title": "Working back from 15 December",
        "finding": "Five milestones lead to the audit; the approver refresh is two days late.",
        "today": date(2026, 11, 19),
        "event": ("Year-end audit", date(2026, 12, 15)),
        "milestones": (
            ("Entities mapped", date(2026, 10, 26), "done"), ("Approvers refreshed", date(2026, 11, 6), "late"), ("Backlog approved", date(2026, 11, 25), "next"),
            ("Trail export tested", date(2026, 12, 2), "todo"), ("Dry run with auditor", date(2026, 12, 9), "todo"),
        ),
    },
    "bowtie": {
        "title": "Bowtie, cohort signed in 2026 H1",
        "finding": "The largest avoidable loss is between live and first impact: 14 accounts, 7 points under target.",
        "stages": (
            ("Awareness", "18,200", "prospects"), ("Education", "2,310", "leads"), ("Selection", "402", "opportunities"), ("Commit", "96", "won"),
            ("Onboarding", "81", "live"), ("Adoption", "67", "first impact"), ("Expansion", "31", "grew"),
        ),
        "rates": (("12.7%", "34 days", ""), ("17.4%", "21 days", ""), ("23.9%", "48 days", ""), ("84.4%", "31 days", ""), ("82.7%", "target 90%", "risk"), ("46.3%", "212 days", "")),
        "weakest": 5,
    },
    "waterfall": {
        "title": "Net revenue retention, last 12 months",
        "finding": "112.6%: expansion of €4.6m paid for €1.8m of churn and contraction.",
        "steps": (("Start", 2230000000, "total"), ("Upsell", 290000000, "change"), ("Cross-sell", 130000000, "change"), ("Price", 40000000, "change"), ("Contraction", -60000000, "change"), ("Churn", -120000000, "change"), ("End", 2510000000, "total")),
        "unit": "EUR",
    },
    "capacity": {
        "title": "Capacity by CSM",
        "finding": "One of four is over capacity because of onboarding load.",
        "people": (("Ines Ribeiro", (48, 34, 36), "118%, 41 accounts"), ("Maya Okafor", (22, 51, 19), "92%, 38 accounts"), ("Tom Larsen", (12, 44, 15), "71%, 35 accounts"), ("Dana Wolfe", (30, 40, 24), "94%, 40 accounts")),
    },
    "heat": {
        "title": "Logo retention by start quarter",
        "finding": "Since 2025 Q3, when first impact within 90 days became a target, more accounts stay.",
        "columns": ("Q0", "Q1", "Q2", "Q3", "Q4"),
        "rows": (("2025 Q1", "31", (1.0, 0.97, 0.93, 0.89, 0.85)), ("2025 Q2", "24", (1.0, 0.96, 0.94, 0.90, None)), ("2025 Q3", "28", (1.0, 0.99, 0.97, None, None)), ("2025 Q4", "19", (1.0, 0.98, None, None, None))),
    },
}  # fmt: skip


class SampleForm(forms.Form):
    """Every kind of field, one of them wrong."""

    name = forms.CharField(label="Account name", help_text="As it stands in the contract.")
    segment = forms.ChoiceField(
        label="Segment", choices=[("ent", "Enterprise"), ("mid", "Mid-market")], required=False
    )
    renews_on = forms.DateField(label="Renews on", widget=forms.DateInput(attrs={"type": "date"}))
    pain = forms.CharField(label="Pain", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    touch = forms.ChoiceField(
        label="Touch model", choices=[("high", "High"), ("tech", "Tech")], widget=forms.RadioSelect
    )
    confirmed = forms.BooleanField(
        label="Confirmed by the account", help_text="Say who, in the note.", required=False
    )


def style_guide() -> dict[str, Any]:
    """Everything the style guide template shows."""
    form = SampleForm(
        {
            "name": "",
            "segment": "ent",
            "renews_on": "2027-02-28",
            "pain": "Late approvals forfeit early-payment discounts.",
            "touch": "high",
        }
    )
    form.is_valid()
    return {
        "title": "Style guide",
        "nav": [
            {"label": label, "items": [{"label": name, "icon": icon, "key": key, "count": count, "url": f"#{name}", "alarm": name == "Handoffs", "current": name == "At risk"} for name, icon, key, count in entries]}
            for label, entries in NAV
        ],
        "tokens": TOKENS,
        "charts": CHARTS,
        "form": form,
        "bands": (("good", 81), ("watch", 63), ("risk", 41), ("none", None)),
        "rows": _rows(),
        "drivers": (
            {"name": "Approvals per week", "note": "412 to 256", "points": -17}, {"name": "Decision out of date", "note": "new procurement step", "points": -6},
            {"name": "Support", "note": "0 breaches in 90 days", "points": 2}, {"name": "Impact achieved", "note": "2 of 4, one confirmed", "points": 4},
        ),
        "feed": (
            {"icon": "activity", "title": "Health moved from watch to at risk", "text": "Approvals per week crossed −30%, play started for you", "when": "Today 06:00"},
            {"icon": "phone", "title": "Monthly call, 25 min", "text": "Two of eight approver groups have no owner yet.", "when": "21 Oct"},
        ),
        "stats": (
            {"label": "ARR at risk", "value": "€2.84m", "note": "+€0.74m in 4 weeks, 11.9%", "tone": "risk"}, {"label": "Gross retention, forecast", "value": "91.2%", "note": "range 89.8 to 92.6, target 90", "tone": "good"},
            {"label": "At risk without a play", "value": "6", "note": "€0.51m, oldest 9 days", "tone": "watch"}, {"label": "Touched in 14 days", "value": "83%", "note": "19 of 23 accounts"},
        ),
        "tabs": ({"label": "All at risk", "url": "#", "count": 23, "current": True}, {"label": "No active play", "url": "#", "count": 6}, {"label": "Green but silent", "url": "#", "count": 11}),
        "segments": ({"label": "Mine", "url": "#", "count": 14, "current": True}, {"label": "Team", "url": "#", "count": 61}, {"label": "Done", "url": "#", "count": 6}),
        "chips": ({"name": "Band", "value": "At risk", "remove_url": "#"}, {"name": "Team", "value": "EMEA", "remove_url": "#"}),
        "find": {"url": "", "label": "Find in this list"},
        "actions": ({"name": "Start play", "value": "play", "icon": "play"}, {"name": "Assign", "value": "assign", "icon": "user-round"}),
        "conflict": ({"name": "pain", "label": "Pain", "theirs": "Audit finding in 2025.", "mine": "Late approvals forfeit discounts."},),
        "loads": (("accent", 55), ("risk", 34)),
    }  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    names = (
        (
            "Kestrel Air",
            "€210k",
            38,
            -11,
            "risk",
            "SEV-2 open for two days",
            "ccpps",
            "1 Dec, hedge close",
        ),
        (
            "Northwind Logistics",
            "€164k",
            41,
            -14,
            "risk",
            "Approvals per week down 38%",
            "ccpcs",
            "15 Dec, year-end audit",
        ),
        (
            "Castellan Foods",
            "€132k",
            47,
            -19,
            "risk",
            "Sponsor left, no champion",
            "ccpnn",
            "none recorded",
        ),
        (
            "Alder & Finch",
            "€38k",
            63,
            4,
            "watch",
            "Day 61 of 90, nothing measured",
            "cpnnn",
            "none recorded",
        ),
        (
            "Meridian Labs",
            "€96k",
            81,
            0,
            "good",
            "Two impacts wait for confirmation",
            "ccccc",
            "8 Jan, plant go-live",
        ),
    )
    return [
        {
            "id": i, "name": name, "arr": arr, "score": score, "change": change, "band": band, "why": why, "spiced": states, "event": event,
            "trend": [score - change * (1 - min(1, j / 9)) + (j * 37 + i * 11) % 5 for j in range(11)] + [score],
        }
        for i, (name, arr, score, change, band, why, states, event) in enumerate(names, 1)
    ]  # fmt: skip


def palette() -> list[dict[str, Any]]:
    """The part of the palette that does not depend on what is typed."""
    places = [
        {"label": name, "icon": icon, "url": f"#{name}", "keys": f"g {key}" if key else ""}
        for _, entries in NAV
        for name, icon, key, _ in entries
    ]
    actions = [
        {"label": "Mark as done", "icon": "check", "keys": "e", "key": "e"},
        {"label": "Filter the list", "icon": "filter", "keys": "f", "words": "narrow", "key": "f"},
    ]
    return [{"label": "Actions", "items": actions}, {"label": "Go to", "items": places}]


def found(words: str) -> list[dict[str, Any]]:
    """Accounts whose name holds the words."""
    items = [
        {
            "label": row["name"],
            "mono": row["name"],
            "url": f"#row-{row['id']}",
            "band": row["band"],
            "score": row["score"],
            "note": row["arr"],
        }
        for row in _rows()
        if words.lower() in row["name"].lower()
    ]
    return [{"label": "Accounts", "items": items}] if items else []
