from django.apps import AppConfig


class SpicedConfig(AppConfig):
    name = "spiced"

    def ready(self) -> None:
        """Register the night's work, and what follows when people go."""
        from spiced.actions import forgetting, renewals  # noqa: F401, PLC0415
