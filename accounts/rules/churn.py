"""Why accounts leave, on two levels (operating model, 10.5); who decided is an axis of its own."""

CAUSES = {
    "Circumstance": ("budget_cut", "acquired_or_closed", "strategy_change", "regulatory"),
    "Failure": (
        "no_impact",
        "product_gap",
        "reliability",
        "onboarding_failed",
        "service_support",
        "overpromised",
        "relationship_lost",
        "billing_dispute",
    ),
    "Competition or price": ("price", "competitor"),
}


def cause_label(cause: str) -> str:
    """A cause in words: "Failure: product gap"; one that is in no group stands alone."""
    words = cause.replace("_", " ")
    for group, causes in CAUSES.items():
        if cause in causes:
            return f"{group}: {words}"
    return words.capitalize()
