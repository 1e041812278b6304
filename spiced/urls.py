"""Addresses of spiced."""

from django.urls import path

from spiced.views import coaching, events, impact, known, notes, reviews, versions, worksheet

app_name = "spiced"
urlpatterns = [
    path("accounts/<uuid:account_id>/spiced/", notes.note, name="note"),
    path("accounts/<uuid:account_id>/spiced/drawer/", notes.drawer, name="drawer"),
    path("accounts/<uuid:account_id>/spiced/versions/", versions.versions, name="versions"),
    path("accounts/<uuid:account_id>/spiced/known/", known.known, name="known"),
    path("accounts/<uuid:account_id>/spiced/worksheet/", worksheet.worksheet, name="worksheet"),
    path("accounts/<uuid:account_id>/spiced/begin/", known.begin, name="begin"),
    path("accounts/<uuid:account_id>/spiced/<str:letter>/save/", notes.save, name="save"),
    path("accounts/<uuid:account_id>/spiced/<str:letter>/resolve/", notes.resolve, name="resolve"),
    path("accounts/<uuid:account_id>/spiced/<str:letter>/confirm/", notes.confirm, name="confirm"),
    path("accounts/<uuid:account_id>/goals/", impact.goals, name="goals"),
    path("accounts/<uuid:account_id>/goals/new/<str:kind>/", impact.new_goal, name="new_goal"),
    path("notes/<uuid:note_id>/review/", reviews.review_note, name="review_note"),
    path("notes/<uuid:note_id>/questions/", reviews.count, name="count"),
    path("reviews/<uuid:review_id>/", reviews.review, name="review"),
    path("coaching/", coaching.coaching, name="coaching"),
    path("coaching/<uuid:user_id>/", coaching.person, name="coached"),
    path("goals/<uuid:goal_id>/edit/", impact.edit, name="edit_goal"),
    path("goals/<uuid:goal_id>/measure/", impact.measure, name="measure"),
    path("goals/<uuid:goal_id>/retire/", impact.retire, name="retire_goal"),
    path("goals/<uuid:goal_id>/restore/", impact.restore, name="restore_goal"),
    path("accounts/<uuid:account_id>/events/new/", events.new, name="new_event"),
    path("events/<uuid:event_id>/consequence/", events.consequence, name="event_consequence"),
    path("events/<uuid:event_id>/confirm/", events.confirm, name="confirm_event"),
    path("events/<uuid:event_id>/move/", events.move, name="move_event"),
    path("events/<uuid:event_id>/take-back/", events.take_back, name="take_back_move"),
    path("events/<uuid:event_id>/close/", events.close, name="close_event"),
    path("events/<uuid:event_id>/reopen/", events.reopen, name="reopen_event"),
    path("measurements/<uuid:measurement_id>/confirm/", impact.confirm, name="confirm_measurement"),
]
