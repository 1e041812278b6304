"""Addresses of spiced."""

from django.urls import path

from spiced.views import notes, versions

app_name = "spiced"
urlpatterns = [
    path("accounts/<uuid:account_id>/spiced/", notes.note, name="note"),
    path("accounts/<uuid:account_id>/spiced/drawer/", notes.drawer, name="drawer"),
    path("accounts/<uuid:account_id>/spiced/versions/", versions.versions, name="versions"),
    path("accounts/<uuid:account_id>/spiced/<str:letter>/save/", notes.save, name="save"),
    path("accounts/<uuid:account_id>/spiced/<str:letter>/confirm/", notes.confirm, name="confirm"),
]
