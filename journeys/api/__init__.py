"""API endpoints of journeys."""
