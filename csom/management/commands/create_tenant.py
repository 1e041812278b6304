"""`manage.py create_tenant acme "Acme Ltd" --email ada@acme.example --name "Ada Berg"`."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.forms import Form
from django.utils import timezone

from csom.pages.sign_up import USUAL, FounderForm, WorkspaceForm
from csom.provision import open_workspace
from tenants.errors import Refused
from tenants.models import User


class Command(BaseCommand):
    """Opens a company where sign-up is closed, as the page for signing up does where it is open."""

    help = "Open a tenant with its first administrator, ready to work in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the tenant's address, as in /acme/")
        parser.add_argument("company", help="what the company is called")
        parser.add_argument("--email", required=True, help="of the first administrator")
        parser.add_argument("--name", default="", help="of the first administrator, if new here")
        parser.add_argument("--currency", default=USUAL["currency"])
        parser.add_argument("--time-zone", default=USUAL["time_zone"])

    def handle(self, *_: Any, slug: str, company: str, email: str, name: str, **said: Any) -> None:
        shape = {key: said[key] for key in USUAL} | {"slug": slug, "name": company}
        opened = _valid(WorkspaceForm(shape))
        known = User.objects.filter(email=email.lower()).first()
        founder: Any = known
        if known is None:
            founder = _valid(FounderForm({"email": email, "name": name, "password": _password()}))
        try:
            tenant, person = open_workspace(
                company=opened, founder=founder, is_confirmed=True, now=timezone.now()
            )
        except Refused as refusal:
            raise CommandError(f"{refusal} Nothing was opened.") from None
        self.stdout.write(
            f"{tenant.name} answers at /{tenant.slug}/. {person.name} ({person.email}) is its "
            f"administrator{' and signs in as before' if known else ''}; others are invited there "
            "under Settings, People."
        )


def _password() -> str:
    """Asked for twice at a terminal; else one line of the standard input, never an argument."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass("Password of the administrator: ")
    if getpass("The same again: ") != first:
        raise CommandError("These are two different passwords. Nothing was opened.")
    return first


def _valid(form: Form) -> dict[str, Any]:
    """What was entered, checked as the page checks it. Raises CommandError naming the fields."""
    if form.is_valid():
        return form.cleaned_data
    told = [
        f"{form.fields[key].label or key}: {' '.join(map(str, errors))}"
        for key, errors in form.errors.items()
    ]
    raise CommandError(" ".join([*told, "Nothing was opened."]))
