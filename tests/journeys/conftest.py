"""A committed account with its handoff, and an account that shares a page with its contact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from bowtie.actions.moves import place
from bowtie.rules.stages import Stage
from charter.actions import install_defaults
from journeys.actions.drafts import draft_missing
from journeys.actions.handoff_answers import accept_handoff
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.actions.links import make_link
from journeys.actions.templates import install_defaults as install_templates
from journeys.models import Handoff, ShareLink
from journeys.queries.onboardings import of_account
from spiced.actions.goals import save_rational_goal
from spiced.actions.measurements import measure_goal
from spiced.models import Element, ImpactGoal, ImpactMeasurement, Note
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.onboarded import Begun
from tests.make import NOW

WHOLE = {
    "terms": "€164,000, 12 months, renews 1 Nov 2027",
    "discount": "none",
    "trigger": "Audit finding",
    "event": "Year end",
    "goal_1": "Close in five days",
    "criterion_1": "5 days by March",
    "goal_2": "No late fees",
    "criterion_2": "0 by June",
    "in_scope": "Three entities",
    "technical": "SSO",
    "risks": "IT is busy in December",
    "commitments": "none",
    "growth": "Two more entities",
    "use_cases": "Treasury",
    "style": "Weekly calls",
    "channel": "German, mail",
    "ours": "Maya leads, Sam keeps the contract",
    "theirs": "Priya",
    "kickoff_on": "2026-11-26",
    "first_step": "Data export",
    "documents": "https://docs.example.com/contract",
    "recordings": "https://docs.example.com/call",
}


@dataclass
class Deal:
    """The people and things of one handoff."""

    tenant: Tenant
    csm: Actor
    seller: Actor
    manager: Actor
    account: Account
    handoff: Handoff
    said: dict[str, str]


@pytest.fixture
def deal(acme: Tenant, csm: Actor) -> Iterator[Deal]:
    seller = make.member(acme, Role.SALES, "Sam Berg")
    manager = make.member(acme, Role.MANAGER, "Lena Fox")
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        account = make.account(owner=csm.user, seller=seller.user, touch_model="low")
        priya = make.contact(account, roles=["champion"])
        place(accounts=[account], stage=Stage.COMMITTED, actor=None, now=NOW)
        note = Note.objects.create(account=account, version=1, saved_at=NOW)
        for letter in ("S", "P", "I", "CE", "D"):
            Element.objects.create(note=note, letter=letter, score=2)
        (handoff,) = draft_missing(now=NOW)
        said = WHOLE | {"champion": str(priya.pk), "sponsor": str(priya.pk)}
        account.refresh_from_db()
    yield Deal(acme, csm, seller, manager, account, handoff, said)


@dataclass
class Shares:
    """An account with a measured goal, and the link of one of its contacts."""

    tenant: Tenant
    csm: Actor
    account: Account
    priya: Contact
    goal: ImpactGoal
    measurement: ImpactMeasurement
    link: ShareLink
    address: str

    def say(self, what: str, words: str = "", of: Any = None) -> Any:
        at = f"{self.address}answers/{of or self.measurement.pk}/"
        return Client().post(at, {"say": what, "words": words})

    def stored(self) -> ImpactMeasurement:
        with act_for(self.tenant.pk):
            found = ImpactMeasurement.objects.select_related("goal", "confirmed_by", "doubted_by")
            return found.get(pk=self.measurement.pk)


@pytest.fixture
def shares(acme: Tenant) -> Shares:
    csm = make.member(acme, Role.CSM, "Nora Vell")
    now = timezone.now()
    with act_for(acme.pk):
        account = make.account("Northwind", owner=csm.user)
        priya = make.contact(account, email="priya@northwind.example")
        goal = save_rational_goal(
            account=account, actor=csm, now=now - timedelta(days=40),
            statement="Approvals take hours, not days", measure="Days to approve", unit="days",
            baseline=8, target=2, deadline_on=date(2027, 3, 31),
        )  # fmt: skip
        measurement = measure_goal(
            goal=goal, actor=csm, now=now, value=2, measured_on=timezone.localdate(now),
            evidence="Report nobody outside should read",
        )  # fmt: skip
        link, token = make_link(account=account, contact=priya, actor=csm, now=now, days=30)
    return Shares(acme, csm, account, priya, goal, measurement, link, f"/s/{token}/")


@pytest.fixture
def begun(deal: Deal) -> Iterator[Begun]:
    """An onboarding by the template of a low touch, from an accepted handoff."""
    with act_for(deal.tenant.pk):
        install_templates(author=None, now=NOW)
        saved = save_handoff(
            handoff=deal.handoff, actor=deal.seller.user, now=NOW, seen_version=1, given=deal.said
        )
        submit_handoff(handoff=saved, actor=deal.seller.user, now=NOW)
        accept_handoff(handoff=deal.handoff, actor=deal.csm.user, now=NOW)
        deal.account.refresh_from_db()
        found = of_account(deal.account.pk)
        assert found is not None
        yield Begun(deal, deal.csm, found)
