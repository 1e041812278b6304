"""Addresses of journeys."""

from django.urls import path

from journeys.views import (
    answers,
    boards,
    handoff,
    inbox,
    plan_acts,
    plans,
    reports,
    sharing,
    templates,
)

app_name = "journeys"
urlpatterns = [
    path("onboarding/", boards.onboardings, name="onboardings"),
    path("onboarding/report/", reports.report, name="onboarding_report"),
    path("onboarding/templates/", templates.templates, name="templates"),
    path("onboarding/templates/new/", templates.new_template, name="new_template"),
    path("onboarding/templates/defaults/", templates.default_templates, name="default_templates"),
    path("onboarding/templates/<slug:key>/", templates.template, name="template"),
    path("onboarding/templates/<slug:key>/edit/", templates.edit_template, name="edit_template"),
    path(
        "onboarding/templates/<slug:key>/publish/",
        templates.publish_template,
        name="publish_template",
    ),
    path(
        "onboarding/templates/<slug:key>/retire/", templates.retire_template, name="retire_template"
    ),
    path("onboarding/<uuid:onboarding_id>/", plans.onboarding, name="onboarding"),
    path("onboarding/<uuid:onboarding_id>/tasks/new/", plan_acts.add, name="plan_add"),
    path("onboarding/<uuid:onboarding_id>/agree/", plan_acts.agree, name="agree"),
    path("onboarding/<uuid:onboarding_id>/end/", plan_acts.end, name="end"),
    path("onboarding/<uuid:onboarding_id>/leave/", plan_acts.leave, name="leave"),
    path("onboarding/tasks/<uuid:plan_task_id>/done/", plan_acts.done, name="plan_done"),
    path("onboarding/tasks/<uuid:plan_task_id>/reopen/", plan_acts.reopen, name="plan_reopen"),
    path("onboarding/tasks/<uuid:plan_task_id>/skip/", plan_acts.skip, name="plan_skip"),
    path("onboarding/tasks/<uuid:plan_task_id>/wait/", plan_acts.wait, name="plan_wait"),
    path("onboarding/tasks/<uuid:plan_task_id>/change/", plan_acts.change, name="plan_change"),
    path("accounts/<uuid:account_id>/onboarding/begin/", plan_acts.begin, name="begin"),
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
