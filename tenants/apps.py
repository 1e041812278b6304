from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tenants.grants import grant


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants.actions import calls  # noqa: F401, PLC0415 - registers its job

        post_migrate.connect(grant, sender=self)
