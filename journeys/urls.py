"""Addresses of journeys."""

from django.urls import path

from journeys.views import answers, handoff, inbox

app_name = "journeys"
urlpatterns = [
    path("handoffs/", inbox.handoffs, name="handoffs"),
    path("handoffs/<uuid:handoff_id>/", handoff.handoff, name="handoff"),
    path("handoffs/<uuid:handoff_id>/save/", handoff.save, name="save"),
    path("handoffs/<uuid:handoff_id>/submit/", handoff.submit, name="submit"),
    path("handoffs/<uuid:handoff_id>/accept/", answers.accept, name="accept"),
    path("handoffs/<uuid:handoff_id>/return/", answers.send_back, name="return"),
    path("handoffs/<uuid:handoff_id>/waive/", answers.waive, name="waive"),
    path("handoffs/<uuid:handoff_id>/rate/", answers.rate, name="rate"),
    path("handoffs/<uuid:handoff_id>/steps/<slug:key>/", answers.step, name="step"),
]
