"""Adds what pulse takes, and how, to what can be brought in."""

from django.apps import AppConfig


class PulseConfig(AppConfig):
    name = "pulse"

    def ready(self) -> None:
        from pulse import targets  # noqa: F401, PLC0415
        from pulse.actions import series, usage, usage_undo  # noqa: F401, PLC0415
