"""Registers the jobs and the listeners of handoffs, onboardings and joint plans."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "journeys"

    def ready(self) -> None:
        from journeys.actions import (  # noqa: F401, PLC0415
            asks,
            clocks,
            drafts,
            heard,
            joint_room,
            repairs,
        )
