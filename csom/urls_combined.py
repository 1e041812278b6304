"""Pages that combine apps: the account page, the palette, first run."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
