"""What CS says as it hands something to Sales, Support, Finance or Marketing.

Source: the operating model, sections 8, 12.1 and 12.4.
"""

from journeys.rules.sections import Ask, Section

Items = dict[str, tuple[str, str, tuple[str, ...]]]
SEVERITIES = (
    ("s1", "1: outage, data loss, security, or they say they will leave"),
    ("s2", "2: a major function is down and there is no way around it"),
    ("s3", "3: it works badly, but it works"),
    ("s4", "4: a question or a wish"),
)
MOTIONS = (
    ("upsell", "Upsell: more of the same, same buyer"),
    ("cross_sell", "Cross-sell: a new use"),
    ("resell", "Resell: same use, new buyer"),
)
WISHES = (
    ("reference", "Reference call"),
    ("case_study", "Case study"),
    ("quote", "Quote or logo"),
    ("review", "Public review"),
    ("speaker", "Speaker at an event"),
    ("board", "Advisory board"),
)

SALES = (
    Section(
        "deal",
        "The deal",
        (
            Ask("motion", "Kind of growth", "choice", options=MOTIONS),
            Ask("amount", "Amount", "line", "ARR a year on top of what they pay."),
        ),
    ),
    Section(
        "use",
        "What for",
        (
            Ask("use_case", "Use case", "line", "Who would do what with it."),
            Ask("goal_1", "Impact goal it serves", "line"),
        ),
    ),
    Section(
        "buyer",
        "Buyer",
        (
            Ask("sponsor", "Who decides", "contact", "With authority, or the way to it."),
            Ask("interest", "How they said they are interested", "text", "Their words, and when."),
        ),
    ),
    Section(
        "timing",
        "Timing",
        (
            Ask("event", "Critical event", "line", "By when, and what happens if it passes."),
            Ask("decide_on", "They decide by", "date"),
        ),
    ),
    Section(
        "evidence",
        "Evidence",
        (
            Ask("evidence", "What we saw", "text", "Use, a request, a goal reached; links."),
            Ask("risks", "What may come between", "text"),
        ),
    ),
)
SALES_ITEMS: Items = {
    "motion": ("the kind of growth", "kind", ("motion",)),
    "amount": ("the amount", "amount", ("amount",)),
    "use_case": ("the use case", "use case", ("use_case",)),
    "goal": ("the impact goal it serves", "goal", ("goal_1",)),
    "buyer": ("a buyer who confirmed interest", "buyer", ("sponsor", "interest")),
    "timing": ("the critical event or timing", "timing", ("event",)),
    "evidence": ("the evidence", "evidence", ("evidence",)),
}

SUPPORT = (
    Section(
        "impact",
        "Impact",
        (
            Ask("blocked", "Which goal it keeps them from", "line", "And how it shows."),
            Ask("severity", "Severity we propose", "choice", options=SEVERITIES),
        ),
    ),
    Section(
        "evidence",
        "Evidence",
        (
            Ask("evidence", "What happens", "text", "Steps, screens, times; links."),
            Ask("who", "Whom to ask there", "contact"),
        ),
    ),
    Section(
        "tried",
        "Tried so far",
        (
            Ask("tried", "What was tried, and what came of it", "text"),
            Ask("around", "A way around it", "line", "Or “none”."),
        ),
    ),
    Section(
        "update",
        "Promised to them",
        (
            Ask("update_at", "They hear from us by", "line", "The day and the hour."),
            Ask("channel", "How", "line", "Call, mail, ticket."),
        ),
    ),
)
SUPPORT_ITEMS: Items = {
    "impact": ("the impact on a goal", "impact", ("blocked",)),
    "severity": ("the severity proposed", "severity", ("severity",)),
    "evidence": ("the evidence", "evidence", ("evidence",)),
    "tried": ("what was tried so far", "tried", ("tried",)),
    "update": ("when they hear from us", "update", ("update_at",)),
}

FINANCE = (
    Section(
        "terms",
        "Terms",
        (
            Ask("terms", "Terms", "line", "ARR, term and renewal date, as signed."),
            Ask("discount", "Discount", "line", "How much and until when, or “none”."),
        ),
    ),
    Section(
        "order",
        "Order",
        (
            Ask("po", "Purchase order", "line", "Its number, or that they need none."),
            Ask("documents", "Signed order", "line", "Link."),
        ),
    ),
    Section(
        "billing",
        "Billing",
        (
            Ask("billing", "Billing contact", "contact"),
            Ask("invoice", "How they want the invoice", "line", "Address, portal, currency, tax."),
        ),
    ),
)
FINANCE_ITEMS: Items = {
    "terms": ("the terms", "terms", ("terms",)),
    "po": ("the purchase order", "order", ("po",)),
    "billing": ("the billing contact", "billing", ("billing",)),
}

MARKETING = (
    Section(
        "ask",
        "What we ask for",
        (
            Ask("wish", "Kind", "choice", options=WISHES),
            Ask("story", "What they can tell", "text", "The result, in their numbers."),
        ),
    ),
    Section(
        "consent",
        "Consent",
        (
            Ask("who", "Who would do it", "contact"),
            Ask("consent", "What they agreed to", "line", "To be asked, or to more; and when."),
        ),
    ),
    Section(
        "limits",
        "Limits",
        (
            Ask("not_on", "Not to be contacted", "line", "Days, or “none”."),
            Ask("last_asked", "Asked last", "line", "No more than once in 90 days."),
        ),
    ),
)
MARKETING_ITEMS: Items = {
    "consent": ("who consented, and to what", "consent", ("who", "consent")),
    "wish": ("the kind of request", "kind", ("wish",)),
    "limits": ("days not to be contacted, or “none”", "limits", ("not_on",)),
}
