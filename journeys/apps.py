"""Registers the jobs and the listener of handoffs."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"

    def ready(self) -> None:
        from journeys.actions import clocks, drafts, repairs  # noqa: F401, PLC0415
