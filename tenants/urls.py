"""Addresses of the tenant's own settings."""

from django.urls import URLPattern

app_name = "tenants"
urlpatterns: list[URLPattern] = []
