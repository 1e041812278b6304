"""Addresses of journeys."""

from django.urls import path

from journeys.views import answers, handoff, inbox, sharing

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
    path("accounts/<uuid:account_id>/sharing/", sharing.sharing, name="sharing"),
    path("accounts/<uuid:account_id>/sharing/new/", sharing.new_link, name="new_link"),
    path("sharing/<uuid:link_id>/revoke/", sharing.revoke, name="revoke_link"),
    path("sharing/preview/<uuid:contact_id>/", sharing.preview, name="preview_shared"),
]
