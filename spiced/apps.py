from django.apps import AppConfig


class SpicedConfig(AppConfig):
    name = "spiced"
