"""Addresses of bowtie."""

from django.urls import URLPattern

app_name = "bowtie"
urlpatterns: list[URLPattern] = []
