"""The API. Each app brings its own endpoints; the tenant comes from the key."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from csom.pages import reference
from tenants.access import open_to_all

urlpatterns: list[URLPattern | URLResolver] = [
    path("openapi.json", open_to_all(SpectacularJSONAPIView.as_view()), name="openapi"),
    path("docs/", reference.reference, name="api_docs"),
    path("", include("accounts.urls_api")),
    path("", include("pulse.urls_api")),
    path("", include("spiced.urls_api")),
    path("", include("bowtie.urls_api")),
    path("", include("health.urls_api")),
    path("", include("plays.urls_api")),
    path("", include("journeys.urls_api")),
]
