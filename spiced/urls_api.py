"""API endpoints of spiced."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
