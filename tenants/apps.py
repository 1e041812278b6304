from django.apps import AppConfig
from django.db.models.signals import post_migrate

from tenants.grants import grant


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        post_migrate.connect(grant, sender=self)
