"""What health measures, one module per noun. Importing this fills the catalogue."""

from health.measures import (
    commercial,
    impact,
    onboarding,
    relationship,
    renewal,
    sentiment,
    spiced,
    support,
    usage,
)
from health.rules.catalogue import add

NOUNS = (
    usage,
    relationship,
    support,
    sentiment,
    commercial,
    renewal,
    impact,
    spiced,
    onboarding,
)
for noun in NOUNS:
    add(noun.MEASURES)
