"""API endpoints of pulse."""

from django.urls import URLPattern, path

from accounts.api.nouns import noun_urls
from pulse.api.norms import Norm
from pulse.targets import ACTIVITIES, ANSWERS, INVOICES, SERIES, TICKETS, USAGE
from tenants.roles import Can

MOST_USAGE = 5000
USAGE_ORDER = ("account_id", "day", "feature", "person")
SERIES_ORDER = ("account_id", "series", "day", "recorded_at")

urlpatterns: list[URLPattern] = [
    pattern
    for target in (TICKETS, ANSWERS, INVOICES, ACTIVITIES)
    for pattern in noun_urls(target, read=Can.READ_PULSE, write=Can.WRITE_PULSE)
]
for target, order in ((USAGE, USAGE_ORDER), (SERIES, SERIES_ORDER)):
    urlpatterns += noun_urls(
        target, read=Can.READ_PULSE, write=Can.WRITE_PULSE, sort=order, most=MOST_USAGE
    )
urlpatterns.append(path("accounts/<uuid:id>/habit-norm/", Norm.as_view()))
