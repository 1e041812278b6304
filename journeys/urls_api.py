"""API endpoints of journeys."""

from django.urls import URLPattern, path

from journeys.api.handoff_answers import Accept, Rate, Return, Step, Waive
from journeys.api.handoffs import Handoffs, OneHandoff, Submit
from journeys.api.joint import Agree, EndJoint, JointPlans, MoveAnchor, OneJointPlan
from journeys.api.joint_frame import Frame, NoteRisk, RiskState
from journeys.api.joint_steps import AddStep, ChangeStep, JointStepState, RemoveStep
from journeys.api.onboardings import Onboardings, OneOnboarding, PlanTaskState
from journeys.api.promises import Promises, PromiseState

urlpatterns: list[URLPattern] = [
    path("handoffs/", Handoffs.as_view(), name="api_handoffs"),
    path("handoffs/<uuid:id>/", OneHandoff.as_view(), name="api_handoff"),
    path("handoffs/<uuid:id>/submit/", Submit.as_view(), name="api_submit_handoff"),
    path("handoffs/<uuid:id>/accept/", Accept.as_view(), name="api_accept_handoff"),
    path("handoffs/<uuid:id>/return/", Return.as_view(), name="api_return_handoff"),
    path("handoffs/<uuid:id>/waive/", Waive.as_view(), name="api_waive_handoff"),
    path("handoffs/<uuid:id>/rate/", Rate.as_view(), name="api_rate_handoff"),
    path("handoffs/<uuid:id>/steps/", Step.as_view(), name="api_handoff_step"),
    path("promises/", Promises.as_view(), name="api_promises"),
    path("promises/<uuid:id>/state/", PromiseState.as_view(), name="api_promise_state"),
    path("onboardings/", Onboardings.as_view(), name="api_onboardings"),
    path("onboardings/<uuid:id>/", OneOnboarding.as_view(), name="api_onboarding"),
    path("plan-tasks/<uuid:id>/state/", PlanTaskState.as_view(), name="api_plan_task_state"),
    path("joint-plans/", JointPlans.as_view(), name="api_joint_plans"),
    path("joint-plans/<uuid:id>/", OneJointPlan.as_view(), name="api_joint_plan"),
    path("joint-plans/<uuid:id>/anchor/", MoveAnchor.as_view(), name="api_move_joint_plan"),
    path("joint-plans/<uuid:id>/agree/", Agree.as_view(), name="api_agree_joint_plan"),
    path("joint-plans/<uuid:id>/end/", EndJoint.as_view(), name="api_end_joint_plan"),
    path("joint-plans/<uuid:id>/steps/", AddStep.as_view(), name="api_add_joint_step"),
    path("joint-plans/<uuid:id>/frame/", Frame.as_view(), name="api_frame_joint_plan"),
    path("joint-plans/<uuid:id>/risks/", NoteRisk.as_view(), name="api_note_joint_risk"),
    path("joint-risks/<uuid:id>/state/", RiskState.as_view(), name="api_joint_risk_state"),
    path("joint-steps/<uuid:id>/", ChangeStep.as_view(), name="api_joint_step"),
    path("joint-steps/<uuid:id>/remove/", RemoveStep.as_view(), name="api_remove_joint_step"),
    path("joint-steps/<uuid:id>/state/", JointStepState.as_view(), name="api_joint_step_state"),
]
