"""Addresses of what is shared with customers: outside every tenant, opened by a link."""

from django.urls import path

from journeys.views import shared

app_name = "shared"
urlpatterns = [
    path("<str:token>/", shared.page, name="page"),
    path("<str:token>/code/", shared.code, name="code"),
    path("<str:token>/answers/<uuid:measurement_id>/", shared.answer, name="answer"),
    path("<str:token>/goals/<uuid:goal_id>/", shared.agree, name="agree"),
    path("<str:token>/plan/<uuid:joint_plan_id>/", shared.agree_plan, name="agree_plan"),
]
