"""Registers the jobs and the listeners of handoffs and onboardings."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"

    def ready(self) -> None:
        from journeys.actions import asks, clocks, drafts, heard, repairs  # noqa: F401, PLC0415
