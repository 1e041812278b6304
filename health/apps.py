from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "health"

    def ready(self) -> None:
        """Fill the catalogue of measures, register the night and the ear for news."""
        from health import measures  # noqa: F401, PLC0415
        from health.actions import (  # noqa: F401, PLC0415
            bands,
            churn_models,
            night,
            replays,
            rescore,
        )
        from health.measures import own  # noqa: PLC0415
        from health.queries import overlays  # noqa: F401, PLC0415
        from health.rules.catalogue import MEASURES  # noqa: PLC0415
        from health.rules.chapters import judge_conditions  # noqa: PLC0415

        judge_conditions()
        MEASURES.own = own.of_tenant
