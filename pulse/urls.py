"""Addresses of pulse."""

from django.urls import path

from pulse.views import activities, norms

app_name = "pulse"
urlpatterns = [
    path("accounts/<uuid:account_id>/log/", activities.log, name="log"),
    path("accounts/<uuid:account_id>/norm/", norms.norm, name="norm"),
    path("accounts/<uuid:account_id>/norm/drop/", norms.drop, name="norm_drop"),
]
