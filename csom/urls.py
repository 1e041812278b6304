"""Addresses outside every tenant. What belongs to a tenant stands in urls_inside."""

from django.urls import include, path

from csom.pages import metrics, outside, sign_up, styleguide

urlpatterns = [
    path("", outside.home, name="home"),
    path("livez", outside.livez, name="livez"),
    path("readyz", outside.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("styleguide/", styleguide.style_guide, name="styleguide"),
    path("styleguide/palette", styleguide.palette, name="styleguide-palette"),
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("auth/", include("allauth.urls")),
    path("", include("tenants.urls_outside")),
    path("s/", include("journeys.urls_outside")),
    path("api/v1/", include("csom.urls_api")),
]

handler400 = outside.bad_request
handler404 = outside.not_found
handler500 = outside.failed
