"""Says where accounts that a file brings can start."""

from django.apps import AppConfig


class BowtieConfig(AppConfig):
    name = "bowtie"

    def ready(self) -> None:
        from bowtie.actions import imported  # noqa: F401, PLC0415
