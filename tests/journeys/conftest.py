"""A committed account with a CSM and a seller, and its handoff."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.rules.stages import Stage
from charter.actions import install_defaults
from journeys.actions.drafts import draft_missing
from journeys.models import Handoff
from spiced.models import Element, Note
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
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
    "risks": "none",
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
