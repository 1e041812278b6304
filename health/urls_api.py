"""API endpoints of health."""

from django.urls import URLPattern, path

from health.api.health import AllHealth, History, OneHealth

urlpatterns: list[URLPattern] = [
    path("health/", AllHealth.as_view(), name="api_health"),
    path("accounts/<uuid:account_id>/health/", OneHealth.as_view(), name="api_account_health"),
    path(
        "accounts/<uuid:account_id>/health/history/",
        History.as_view(),
        name="api_health_history",
    ),
]
