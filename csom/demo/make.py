"""Making the demo: companies with their people, then everything that happened to their accounts."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import FormerFact
from charter.actions import publish
from charter.models import Document
from charter.queries import in_force
from csom.demo.book import fill_book
from csom.demo.contact import fill_contact
from csom.demo.contracts import fill_contracts
from csom.demo.deals import fill_deals
from csom.demo.fields import fill_fields
from csom.demo.handoffs import fill_handoffs
from csom.demo.history import play, rows, score, tell_nights
from csom.demo.holidays import holidays
from csom.demo.joint import fill_joint
from csom.demo.knowledge import fill_knowledge
from csom.demo.lives import lives
from csom.demo.onboardings import fill_onboardings
from csom.demo.reviews import fill_reviews
from csom.demo.scene import Scene, backdate
from csom.demo.series import fill_series
from csom.demo.sharing import fill_sharing
from csom.demo.stages import fill_stages
from csom.demo.usage import fill_usage
from csom.demo.within_cs import fill_within_cs
from csom.demo.worlds import MONTHS, PASSWORD, WORLDS, Person, World
from csom.provision import provision
from health.actions.saved_views import save_view
from spiced.actions.renewals import enter_renewals
from tenants.actions.keys import create_key
from tenants.actions.people import admit
from tenants.actions.tenants import open_tenant
from tenants.models import Tenant, User
from tenants.roles import Can, Role
from tenants.scope import act_for

SEED = 7
VIEWS = (
    ("accounts", "Enterprise renewals this half-year", "segment=enterprise&renews=180"),
    ("accounts", "Falling in the mid-market", "kind=falling&segment=mid_market"),
    ("at_risk", "Red, largest first", "band=red&sort=-arr"),
)


def make_demo(*, now: datetime, scale: float = 1.0, seed: int = SEED) -> list[Tenant]:
    """Make both companies, one after the other."""
    return [make_company(world, now=now, scale=scale, seed=seed) for world in WORLDS]


@transaction.atomic
def make_company(world: World, *, now: datetime, scale: float = 1.0, seed: int = SEED) -> Tenant:
    """Make one company, all of it or nothing.

    scale: how much of its accounts and of its past, 1 for all.
    """
    days = max(100, round(MONTHS * 30 * scale))
    begun = now - timedelta(days=days + 5)
    tenant, people = _people(world, begun, make_password(PASSWORD))
    admin = people[world.people[0].name]
    provision(tenant, admin, begun)
    with act_for(tenant.pk):
        scene = Scene(
            world=world,
            tenant=tenant,
            now=now,
            source="crm",
            chance=random.Random(f"{world.slug} {seed} scene"),  # noqa: S311 - a story
            admin=admin,
            csms=_with_role(world, people, Role.CSM),
            sellers=_with_role(world, people, Role.SALES),
        )
        _keep_holidays(scene, begun)
        _keep_rates(scene, begun)
        fill(scene, count=max(20, round(world.accounts * scale)), days=days, seed=seed)
        fill_fields(scene, begun)
        fill_reviews(scene)
        fill_series(scene)
        _furnish(scene, people)
        tell_nights(scene)
    return tenant


def fill(scene: Scene, *, count: int, days: int, seed: int) -> None:
    """Give the company of a scene so many accounts, and as many days of their past."""
    scene.lives = lives(scene.world, today=scene.today, seed=seed, count=count)
    fill_book(scene)
    fill_contracts(scene)
    fill_stages(scene)
    fill_deals(scene)
    fill_usage(scene, days=days)
    fill_contact(scene, days=days)
    fill_knowledge(scene)
    enter_renewals(today=scene.today, now=scene.now)
    fill_handoffs(scene)
    fill_onboardings(scene)
    fill_joint(scene)
    fill_within_cs(scene)
    fill_sharing(scene)
    FormerFact.objects.all().delete()  # what is made up has always been known so
    score(scene, days=days)
    play(scene, days=days)
    rows(scene)
    scene.write_trail()


def _people(world: World, begun: datetime, hashed: str) -> tuple[Tenant, dict[str, User]]:
    people = {
        person.name: User(email=world.email(person), name=person.name, password=hashed)
        for person in world.people
    }
    User.objects.bulk_create(people.values())
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=user, email=user.email, verified=True, primary=True)
            for user in people.values()
        ]
    )
    tenant, _ = open_tenant(
        name=world.name,
        slug=world.slug,
        currency=world.currency,
        time_zone=world.time_zone,
        founder=people[world.people[0].name],
        now=begun,
    )
    backdate(Tenant, "created_at", [(tenant.pk, begun)])
    with act_for(tenant.pk):
        for person in world.people[1:]:
            admit(
                tenant=tenant,
                user=people[person.name],
                role=person.role,
                team=person.team,
                now=begun,
            )
    return tenant, people


def _with_role(world: World, people: dict[str, User], role: Role) -> Sequence[User]:
    return [people[person.name] for person in world.people if person.role is role]


def _keep_holidays(scene: Scene, begun: datetime) -> None:
    """The calendar with the public holidays of every year told, and of the next."""
    calendar = in_force(Document.Kind.CALENDAR)
    years = range(begun.year, scene.today.year + 2)
    publish(
        kind=calendar.kind,
        body=calendar.body | {"holidays": holidays(scene.world.country, years)},
        note="Public holidays of all years in view",
        seen_version=calendar.version,
        author=scene.admin,
        now=begun + timedelta(hours=1),
    )


def _keep_rates(scene: Scene, begun: datetime) -> None:
    """A rate of the one other currency for each year in view, and for the next."""
    chapter, known = in_force(Document.Kind.RATES), scene.world.abroad_rates
    years = range(begun.year - 8, scene.today.year + 2)
    told = [
        {
            "year": year,
            "currency": scene.world.abroad[1],
            "rate": known[year % len(known)],
        }
        for year in years
    ]
    publish(
        kind=chapter.kind,
        body=chapter.body | {"rates": told},
        note="Rates of the budget",
        seen_version=chapter.version,
        author=scene.admin,
        now=begun + timedelta(hours=2),
    )


def _furnish(scene: Scene, people: dict[str, User]) -> None:
    """Views that somebody saved, and a key for the warehouse."""
    lead = next(person for person in scene.world.people if person.role is Role.MANAGER)
    for page, name, query in VIEWS:
        save_view(
            page=page,
            name=name,
            query=query,
            is_shared=True,
            actor=people[lead.name],
            now=scene.now - timedelta(days=40),
        )
    create_key(
        name="Warehouse, nightly",
        scopes=[Can.READ_ACCOUNTS, Can.READ_HEALTH, Can.WRITE_PULSE],
        days=365,
        author=scene.admin,
        now=scene.now - timedelta(days=61),
    )


def sign_ins() -> list[tuple[World, list[tuple[Person, str]]]]:
    """Per company its people with their addresses."""
    return [(world, [(each, world.email(each)) for each in world.people]) for world in WORLDS]
