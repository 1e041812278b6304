"""Registers the jobs of accounts and what follows a batch of contacts or contracts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.actions import (  # noqa: PLC0415
            contacts,  # noqa: F401
            conversion,  # noqa: F401
            import_undo,  # noqa: F401
            imports,  # noqa: F401
            revenue,  # noqa: F401
        )
