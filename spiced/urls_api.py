"""API endpoints of spiced."""

from django.urls import URLPattern, path

from spiced.api.notes import Note

urlpatterns: list[URLPattern] = [
    path("accounts/<uuid:account_id>/spiced/", Note.as_view(), name="api_spiced"),
]
