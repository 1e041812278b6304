"""Addresses of spiced."""

from django.urls import URLPattern

app_name = "spiced"
urlpatterns: list[URLPattern] = []
