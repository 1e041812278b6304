"""The journeys of an account: work that changes hands, the way to First Impact, joint plans."""

from journeys.models.commitments import Commitment
from journeys.models.handoff import Handoff, ShareLink
from journeys.models.joint import JointAgreement, JointGoal, JointPlan, JointRisk, JointStep
from journeys.models.onboarding import Onboarding, OnboardingTemplate, PlanTask, Turn

__all__ = [
    "Commitment",
    "Handoff",
    "JointAgreement",
    "JointGoal",
    "JointPlan",
    "JointRisk",
    "JointStep",
    "Onboarding",
    "OnboardingTemplate",
    "PlanTask",
    "ShareLink",
    "Turn",
]
