"""Addresses of tenants outside any of them: sign-up, invitations, the switcher."""

from django.urls import URLPattern

app_name = "tenants"
urlpatterns: list[URLPattern] = []
