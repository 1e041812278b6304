"""API endpoints of pulse."""

from django.urls import URLPattern, path

from accounts.api.nouns import noun_urls
from pulse.api.norms import Norm
from pulse.targets import ACTIVITIES, ANSWERS, INVOICES, TICKETS, USAGE
from tenants.roles import Can

MOST_USAGE = 5000
USAGE_ORDER = ("account_id", "day", "feature", "person")

urlpatterns: list[URLPattern] = (
    [
        pattern
        for target in (TICKETS, ANSWERS, INVOICES, ACTIVITIES)
        for pattern in noun_urls(target, read=Can.READ_PULSE, write=Can.WRITE_PULSE)
    ]
    + noun_urls(
        USAGE, read=Can.READ_PULSE, write=Can.WRITE_PULSE, sort=USAGE_ORDER, most=MOST_USAGE
    )
    + [path("accounts/<uuid:id>/habit-norm/", Norm.as_view())]
)
