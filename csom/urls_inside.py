"""Addresses inside a tenant, below /<tenant>/."""

from django.urls import include, path

from csom.pages import inside

urlpatterns = [
    path("", inside.home, name="home"),
    path("", include("csom.urls_combined")),
    path("", include("tenants.urls")),
    path("", include("charter.urls")),
    path("", include("accounts.urls")),
    path("", include("pulse.urls")),
    path("", include("spiced.urls")),
    path("", include("bowtie.urls")),
    path("", include("health.urls")),
    path("", include("plays.urls")),
    path("", include("journeys.urls")),
]

handler400 = "csom.pages.outside.bad_request"
handler500 = "csom.pages.outside.failed"
