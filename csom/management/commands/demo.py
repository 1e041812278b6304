"""`manage.py demo`: make the two companies of the demo, or say how to sign in to them."""

import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from csom.demo.make import make_company, sign_ins
from csom.demo.worlds import PASSWORD, WORLDS, World
from tenants.models import Tenant


class Command(BaseCommand):
    """Make the companies of the demo that are missing, side by side, each of them whole."""

    help = "Make two companies with fourteen months behind them, to look around in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="only where no other tenant exists"
        )
        parser.add_argument("--sign-ins", action="store_true", help="say how to sign in, only")
        parser.add_argument("--scale", type=float, default=1.0, help="share of accounts and past")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["sign_ins"]:
            self._say_sign_ins()
            return
        here = set(Tenant.objects.values_list("slug", flat=True))
        missing = [world for world in WORLDS if world.slug not in here]
        others = here - {world.slug for world in WORLDS}
        if options["if_empty"] and (others or not missing):
            return
        if not missing:
            raise CommandError("The demo is here already; use an empty database for a new one.")
        begun, now = time.monotonic(), timezone.now()

        def make(world: World) -> None:
            try:
                make_company(world, now=now, scale=options["scale"])
            finally:
                connection.close()

        with ThreadPoolExecutor() as pool:
            list(pool.map(make, missing))
        self.stdout.write(f"Demo data made in {time.monotonic() - begun:.0f} s")

    def _say_sign_ins(self) -> None:
        known = set(
            Tenant.objects.filter(slug__in=[world.slug for world in WORLDS]).values_list(
                "slug", flat=True
            )
        )
        if not known:
            return
        self.stdout.write(f"  Sign in at /auth/login/ with the password {PASSWORD}\n\n")
        for world, people in sign_ins():
            if world.slug not in known:
                continue
            self.stdout.write(
                f"  {world.name} ({world.currency}, {world.time_zone}), /{world.slug}/"
            )
            for person, email in people:
                team = f"team {person.team}" if person.team else ""
                self.stdout.write(
                    f"    {person.role.label:<14} {person.name:<18} {email:<40} {team}".rstrip()
                )
            self.stdout.write("")
