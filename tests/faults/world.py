"""A small tenant in which everything has begun: the ground on which faults are planted."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.rules.stages import Stage
from csom.provision import provision
from journeys.actions.drafts import draft_missing
from journeys.actions.handoffs import submit_handoff
from journeys.models import Handoff
from pulse.models import Ticket
from spiced.models import Element, Note
from tenants.actor import Actor
from tenants.models import Job
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import WHOLE


def midday_zone() -> str:
    """A zone in which it is about noon now, so that no local day ends during a test."""
    east = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-east:+d}"


class World:
    """One tenant, its people by role, and accounts that plays will start on."""

    def __init__(self, slug: str, *, accounts: int = 4) -> None:
        self.now = timezone.now()
        self.tenant = make.tenant(slug, time_zone=midday_zone(), name="Company")
        self.people = {
            role: make.member(self.tenant, role, f"Person {role}")
            for role in (Role.ADMIN, Role.REVOPS, Role.MANAGER, Role.CSM, Role.SALES)
        }
        admin = self.people[Role.ADMIN].user
        assert admin is not None
        provision(self.tenant, admin, self.now)
        with act_for(self.tenant.pk):
            self.accounts = [self._account(number) for number in range(accounts)]
        self.local_day = self.now.astimezone(ZoneInfo(self.tenant.time_zone)).date()
        self.day = self.local_day.isoformat()

    def _account(self, number: int) -> Account:
        """Live, with a ticket open that starts a play."""
        made = make.account(
            f"Account {number}", external_id=f"A{number}", owner=self.people[Role.CSM].user,
            stage="first_impact", touch_model="mid", segment="mid_market",
            customer_since=date(2025, 1, 1), arr_minor=1_000_00 * (number + 1),
        )  # fmt: skip
        at = self.now - timedelta(hours=20)
        Ticket.objects.create(
            account=made, external_id=f"t-{number}", priority=1, opened_at=at, recorded_at=at
        )
        return made

    def client(self, role: Role, **how: Any) -> Client:
        """A browser of a person, to whom a failure is an answer and no exception."""
        client = Client(raise_request_exception=False, **how)
        user = self.people[role].user
        assert user is not None
        client.force_login(user)
        return client

    @cached_property
    def api(self) -> Client:
        """A caller with a key of every scope."""
        with act_for(self.tenant.pk):
            secret = make.api_key(self.people[Role.ADMIN])
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})

    def url(self, rest: str) -> str:
        return f"/{self.tenant.slug}/{rest}"

    def handoff(self) -> Handoff:
        """A handoff that waits for an answer, nothing missing."""
        csm, seller = self.people[Role.CSM], self.people[Role.SALES]
        assert seller.user is not None
        with act_for(self.tenant.pk):
            account = make.account(
                "Fresh", external_id="F1", owner=csm.user, seller=seller.user, touch_model="low"
            )
            priya = make.contact(account, external_id="P1", roles=["champion"])
            place(accounts=[account], stage=Stage.COMMITTED, actor=None, now=self.now)
            note = Note.objects.create(account=account, version=1, saved_at=self.now)
            for letter in ("S", "P", "I", "CE", "D"):
                Element.objects.create(note=note, letter=letter, score=2)
            (handoff,) = draft_missing(now=self.now)
            handoff.fields = WHOLE | {"champion": str(priya.pk), "sponsor": str(priya.pk)}
            handoff.save()
            return submit_handoff(handoff=handoff, actor=seller.user, now=self.now)

    def job(self, kind: str) -> Job:
        """The one job of a kind that is not done."""
        with act_for(self.tenant.pk):
            return Job.objects.exclude(state="done").get(kind=kind)

    def actor(self, role: Role) -> Actor:
        return self.people[role]
