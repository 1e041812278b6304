"""Addresses of plays."""

from django.urls import URLPattern

app_name = "plays"
urlpatterns: list[URLPattern] = []
