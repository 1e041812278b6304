"""Says where accounts that a file brings can start, and keeps the steps of opportunities."""

from django.apps import AppConfig


class BowtieConfig(AppConfig):
    name = "bowtie"

    def ready(self) -> None:
        from bowtie.actions import imported, pipeline  # noqa: F401, PLC0415
