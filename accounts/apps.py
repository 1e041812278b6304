"""Registers the jobs of accounts and what follows a batch of contracts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.actions import import_undo, imports, revenue  # noqa: F401, PLC0415
