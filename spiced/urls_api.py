"""API endpoints of spiced."""

from django.urls import URLPattern, path

from spiced.api.confirming import Begin, Confirm
from spiced.api.notes import Note
from spiced.api.register import Impacts
from spiced.api.versions import Version, Versions

urlpatterns: list[URLPattern] = [
    path("impacts/", Impacts.as_view(), name="api_impacts"),
    path("accounts/<uuid:account_id>/spiced/", Note.as_view(), name="api_spiced"),
    path("accounts/<uuid:account_id>/spiced/confirm/", Confirm.as_view(), name="api_confirm"),
    path("accounts/<uuid:account_id>/spiced/begin/", Begin.as_view(), name="api_begin"),
    path("accounts/<uuid:account_id>/spiced/versions/", Versions.as_view(), name="api_versions"),
    path(
        "accounts/<uuid:account_id>/spiced/versions/<int:version>/",
        Version.as_view(),
        name="api_version",
    ),
]
