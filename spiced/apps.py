from django.apps import AppConfig


class SpicedConfig(AppConfig):
    name = "spiced"

    def ready(self) -> None:
        """Register the night's work."""
        from spiced.actions import renewals  # noqa: F401, PLC0415
