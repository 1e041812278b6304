"""Says where accounts of a file can start, keeps steps of deals, follows deals and the ledger."""

from django.apps import AppConfig


class BowtieConfig(AppConfig):
    name = "bowtie"

    def ready(self) -> None:
        from bowtie.actions import commits, departures, imported, pipeline  # noqa: F401, PLC0415
