"""Says where accounts of a file can start, keeps the steps of deals, and commits the won."""

from django.apps import AppConfig


class BowtieConfig(AppConfig):
    name = "bowtie"

    def ready(self) -> None:
        from bowtie.actions import commits, imported, pipeline  # noqa: F401, PLC0415
