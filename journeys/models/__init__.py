"""The journeys of an account: work that changes hands, and the way to First Impact."""

from journeys.models.handoff import Handoff, ShareLink
from journeys.models.onboarding import Onboarding, OnboardingTemplate, PlanTask, Turn

__all__ = ["Handoff", "Onboarding", "OnboardingTemplate", "PlanTask", "ShareLink", "Turn"]
