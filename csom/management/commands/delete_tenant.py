"""`manage.py delete_tenant acme`: delete a company with everything of it, after asking."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from csom.deletion import NotTheOwner, delete_tenant
from tenants.models import Membership, Tenant


class Command(BaseCommand):
    """Runs as the owner of the tables: the application's role could not reach all rows."""

    help = "Delete a tenant for ever: rows, files, keys, and logins of people who have no other."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the tenant's address, as in /acme/")
        parser.add_argument("--confirm", metavar="SLUG", help="the same again, instead of asking")

    def handle(self, *_: Any, slug: str, confirm: str | None, **__: Any) -> None:
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            raise CommandError(f"No tenant answers at “{slug}”.")
        people = Membership.objects.filter(tenant=tenant, ended_at=None).count()
        self.stdout.write(
            f"{tenant.name} (/{slug}/, {people} people, since {tenant.created_at:%Y-%m-%d}) will "
            "be deleted with everything of it. There is no way back but a backup."
        )
        if confirm is None:
            confirm = input("Type its address to go on: ")
        if confirm.strip().strip("/") != slug:
            raise CommandError("That is not its address. Nothing was deleted.")
        try:
            gone = delete_tenant(tenant)
        except NotTheOwner:
            raise CommandError(
                "This needs the owner of the tables: set DATABASE_OWNER_URL. Nothing was deleted."
            ) from None
        for table, rows in gone.items():
            self.stdout.write(f"{rows:>9,}  {table}")
        self.stdout.write(
            f"{sum(gone.values()):>9,}  rows are gone. {tenant.name} no longer exists."
        )
