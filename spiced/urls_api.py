"""API endpoints of spiced."""

from django.urls import URLPattern, path

from spiced.api.confirming import Begin, Confirm
from spiced.api.event_acts import CloseEvent, ConfirmEvent, MoveEvent, ReopenEvent, TakeBackMove
from spiced.api.events import Events, OneEvent
from spiced.api.goals import (
    ConfirmMeasurement,
    Goals,
    Measurements,
    OneGoal,
    RestoreGoal,
    RetireGoal,
)
from spiced.api.notes import Note
from spiced.api.reviews import Reviews
from spiced.api.versions import Version, Versions

urlpatterns: list[URLPattern] = [
    path("impacts/", Goals.as_view(), name="api_impacts"),
    path("impacts/<uuid:id>/", OneGoal.as_view(), name="api_impact"),
    path("impacts/<uuid:id>/retire/", RetireGoal.as_view(), name="api_retire_impact"),
    path("impacts/<uuid:id>/restore/", RestoreGoal.as_view(), name="api_restore_impact"),
    path("impacts/<uuid:id>/measurements/", Measurements.as_view(), name="api_measurements"),
    path(
        "measurements/<uuid:id>/confirm/",
        ConfirmMeasurement.as_view(),
        name="api_confirm_measurement",
    ),
    path("events/", Events.as_view(), name="api_events"),
    path("events/<uuid:id>/", OneEvent.as_view(), name="api_event"),
    path("events/<uuid:id>/confirm/", ConfirmEvent.as_view(), name="api_confirm_event"),
    path("events/<uuid:id>/move/", MoveEvent.as_view(), name="api_move_event"),
    path("events/<uuid:id>/take-back/", TakeBackMove.as_view(), name="api_take_back_move"),
    path("events/<uuid:id>/close/", CloseEvent.as_view(), name="api_close_event"),
    path("events/<uuid:id>/reopen/", ReopenEvent.as_view(), name="api_reopen_event"),
    path("reviews/", Reviews.as_view(), name="api_reviews"),
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
