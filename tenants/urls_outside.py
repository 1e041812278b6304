"""Addresses of tenants outside any of them: the switcher, one's profile, invitations."""

from django.urls import path

from tenants.views import outside

app_name = "tenants"
urlpatterns = [
    path("switch/", outside.switch, name="switch"),
    path("auth/profile/", outside.profile, name="profile"),
    path("join/<str:token>/", outside.join, name="join"),
]
