"""The dated motions after the deal: handoff, onboarding, review, renewal."""
