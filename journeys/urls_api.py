"""API endpoints of journeys."""

from django.urls import URLPattern, path

from journeys.api.joint import JointPlans, JointStepState, OneJointPlan
from journeys.api.onboardings import Onboardings, OneOnboarding, PlanTaskState

urlpatterns: list[URLPattern] = [
    path("onboardings/", Onboardings.as_view(), name="api_onboardings"),
    path("onboardings/<uuid:id>/", OneOnboarding.as_view(), name="api_onboarding"),
    path("plan-tasks/<uuid:id>/state/", PlanTaskState.as_view(), name="api_plan_task_state"),
    path("joint-plans/", JointPlans.as_view(), name="api_joint_plans"),
    path("joint-plans/<uuid:id>/", OneJointPlan.as_view(), name="api_joint_plan"),
    path("joint-steps/<uuid:id>/state/", JointStepState.as_view(), name="api_joint_step_state"),
]
