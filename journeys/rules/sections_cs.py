"""What handoffs within CS ask: when onboarding ends, and when an account gets another CSM.

Source: the operating model, section 12.1.
"""

from journeys.rules.sections import Ask, Section

PROMISES = Ask("commitments", "New promises made to them", "text", "One on each line, or “none”.")

ONBOARDING = (
    Section(
        "scope",
        "Scope",
        (
            Ask("delivered", "Delivered", "text", "What works today."),
            Ask("not_delivered", "Not delivered", "text", "What they still expect, or “none”."),
        ),
    ),
    Section(
        "adoption",
        "Adoption",
        (
            Ask("trained", "Users trained", "line", "How many of how many, in percent."),
            Ask("habits", "How they use it", "line"),
        ),
    ),
    Section(
        "issues",
        "Open issues",
        (
            Ask("issues", "Open issues", "text", "Each with who solves it, or “none”."),
            Ask("risks", "Risks", "text"),
        ),
    ),
    Section(
        "people",
        "People",
        (
            Ask("sentiment", "How they feel about it", "line", "In their words, and whose."),
            Ask("changes", "Who came or left", "text", "Since Sales handed over, or “none”."),
        ),
    ),
    Section(
        "goals",
        "Goals",
        (
            Ask("goals", "Goals and baselines", "text", "What is measured, from what to what."),
            Ask("plan", "Joint plan", "line", "Where it stands, or why there is none."),
        ),
    ),
    Section("promises", "Promises", (PROMISES,)),
    Section(
        "next_steps",
        "Next steps",
        (
            Ask("call_on", "Joint call proposed for", "date"),
            Ask("first_step", "First step agreed", "line"),
        ),
    ),
)
ONBOARDING_ITEMS = {
    "scope": ("scope delivered and not delivered", "scope", ("delivered", "not_delivered")),
    "training": ("users trained", "training", ("trained",)),
    "issues": ("open issues with owners, or “none”", "issues", ("issues",)),
    "sentiment": ("how they feel", "sentiment", ("sentiment",)),
    "changes": ("who came or left, or “none”", "people", ("changes",)),
    "goals": ("goals and baselines", "goals", ("goals",)),
    "plan": ("the joint plan", "plan", ("plan",)),
    "commitments": ("promises made, or “none”", "promises", ("commitments",)),
}

CSM = (
    Section(
        "why",
        "Why it changes hands",
        (
            Ask("reason", "Why", "line", "As they will hear it."),
            Ask("told", "What they know of it", "line"),
        ),
    ),
    Section(
        "people",
        "People",
        (
            Ask("sponsor", "Sponsor", "contact", "Who answers for the purchase."),
            Ask("champion", "Champion", "contact", "Who wants it to succeed, day by day."),
        ),
    ),
    Section(
        "relationship",
        "Relationship",
        (
            Ask("style", "How they like to work", "line", "Rhythm, language, channel."),
            Ask("history", "What to know before the first call", "text"),
        ),
    ),
    Section(
        "goals",
        "Goals",
        (
            Ask("goals", "Goals and where they stand", "text"),
            Ask("plan", "Joint plan", "line", "Where it stands, or why there is none."),
        ),
    ),
    Section(
        "work",
        "Open work",
        (
            Ask("plays", "Open plays and tasks", "text", "Or “none”."),
            Ask("risks", "Risks", "text"),
        ),
    ),
    Section(
        "renewal",
        "Renewal",
        (
            Ask("renewal", "Renewal", "line", "When, how much, and how it stands."),
            Ask("growth", "Where it may grow", "line"),
        ),
    ),
    Section("promises", "Promises", (PROMISES,)),
    Section(
        "next_steps",
        "Next steps",
        (
            Ask("introduced_on", "Introduction on", "date", "Both of you with the account."),
            Ask("first_step", "First step agreed", "line"),
        ),
    ),
)
CSM_ITEMS = {
    "plan": ("the joint plan", "plan", ("plan",)),
    "plays": ("open plays and tasks, or “none”", "plays", ("plays",)),
    "commitments": ("promises made, or “none”", "promises", ("commitments",)),
    "renewal": ("how the renewal stands", "renewal", ("renewal",)),
    "introduced": ("the day of the introduction", "introduction", ("introduced_on",)),
}
