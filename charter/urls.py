"""Addresses of the charter."""

from django.urls import path

from charter import views

app_name = "charter"
urlpatterns = [
    path("charter/", views.charter, name="charter"),
    path("charter/<slug:kind>/", views.history, name="history"),
    path("charter/<slug:kind>/edit/", views.edit, name="edit"),
]
