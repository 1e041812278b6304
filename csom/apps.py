"""The project itself as an app: its own background work."""

from django.apps import AppConfig


class CsomConfig(AppConfig):
    """Registers the jobs that combine all apps."""

    name = "csom"

    def ready(self) -> None:
        from csom.demo import sample  # noqa: F401, PLC0415 - models load after the apps
