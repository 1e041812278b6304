"""Addresses of pulse."""

from django.urls import path

from pulse.views import activities

app_name = "pulse"
urlpatterns = [
    path("accounts/<uuid:account_id>/log/", activities.log, name="log"),
]
