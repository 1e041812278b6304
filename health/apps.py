from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"

    def ready(self) -> None:
        """Fill the catalogue of measures."""
        from health import measures  # noqa: F401, PLC0415
