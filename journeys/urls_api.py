"""API endpoints of journeys."""

from django.urls import URLPattern, path

from journeys.api.onboardings import Onboardings, OneOnboarding, PlanTaskState

urlpatterns: list[URLPattern] = [
    path("onboardings/", Onboardings.as_view(), name="api_onboardings"),
    path("onboardings/<uuid:id>/", OneOnboarding.as_view(), name="api_onboarding"),
    path("plan-tasks/<uuid:id>/state/", PlanTaskState.as_view(), name="api_plan_task_state"),
]
