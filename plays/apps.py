"""Puts the playbook to work: its job, and its ear for news."""

from django.apps import AppConfig


class PlaysConfig(AppConfig):
    name = "plays"

    def ready(self) -> None:
        from plays.actions import evaluate, postmortems  # noqa: F401, PLC0415
        from plays.queries import readers  # noqa: F401, PLC0415
