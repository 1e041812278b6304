"""Accounts and the people in them."""

from datetime import datetime, timedelta

from django.utils.text import slugify

from accounts.models import Account, Contact
from csom.demo.lives import Fate
from csom.demo.scene import AT_ONCE, Scene, backdate
from csom.demo.worlds import FAMILY, GIVEN

ROLES = (
    ("champion", "Head of finance operations", 4, "advocate"),
    ("exec_sponsor", "Chief operating officer", 5, "supportive"),
    ("economic_buyer", "Chief financial officer", 5, "neutral"),
    ("user_lead", "Team lead", 3, "supportive"),
    ("technical_lead", "IT lead", 2, "neutral"),
)


def fill_book(scene: Scene) -> None:
    """Write the accounts with their contacts."""
    _accounts(scene)
    _contacts(scene)


def _accounts(scene: Scene) -> None:
    made: list[tuple[Account, datetime]] = []
    just_signed = [life.number for life in scene.lives if life.stage == "committed"]
    for life in scene.lives:
        is_cared_for = life.is_customer
        turn = life.number  # everybody has one of those that just signed
        if life.number in just_signed:
            turn = just_signed.index(life.number)
        judged = {Fate.SLIPPING: 3, Fate.TROUBLED: 2, Fate.LEFT: 1}.get(
            life.fate, scene.chance.choice((4, 4, 5))
        )
        first = life.stages[0][1] if life.stages else life.since
        account = Account(
            source=scene.source,
            external_id=f"{scene.world.slug[:3].upper()}-{1000 + life.number}",
            name=life.name,
            name_norm=life.name.lower(),
            domain=f"{slugify(life.name)}.example",
            segment=life.segment if is_cared_for else "",
            touch_model=life.touch_model if is_cared_for else "",
            is_strategic=life.segment == "enterprise" and scene.chance.random() < 0.15,
            owner=scene.csms[turn % len(scene.csms)] if is_cared_for else None,
            seller=scene.sellers[life.number % len(scene.sellers)],
            stage=life.stage,
            region=life.region,
            industry=life.trade,
            employees=life.seats * scene.chance.randint(9, 60),
            tags=["pilot group"] if scene.chance.random() < 0.1 else [],
            currency=scene.tenant.currency,
            sentiment=judged if is_cared_for else None,
            sentiment_at=scene.at(scene.today - timedelta(days=scene.chance.randint(2, 40)))
            if is_cared_for
            else None,
        )
        scene.accounts[life.number] = account
        made.append((account, scene.at(first, 9)))
    Account.objects.bulk_create([account for account, _ in made], batch_size=AT_ONCE)
    backdate(Account, "created_at", [(account.pk, at) for account, at in made])


def _contacts(scene: Scene) -> None:
    made: list[tuple[Contact, datetime]] = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        wanted = {"high": 5, "mid": 4, "low": 4, "tech": 3}[life.touch_model]
        names = scene.chance.sample(range(len(GIVEN)), wanted + 1)
        people: list[Contact] = []
        for at, (role, title, influence, stance) in enumerate(ROLES[:wanted]):
            name = f"{GIVEN[names[at]]} {scene.chance.choice(FAMILY)}"
            left_on = life.champion_left_on if role == "champion" else None
            if life.fate is Fate.TROUBLED and role == "economic_buyer":
                stance = "critical"
            people.append(
                Contact(
                    account=account,
                    source=scene.source,
                    external_id=f"{account.external_id}-P{at + 1}",
                    name=name,
                    name_norm=name.lower(),
                    email=f"{slugify(name).replace('-', '.')}@{account.domain}",
                    title=title,
                    roles=[role],
                    influence=influence,
                    stance=stance,
                    status=Contact.Status.DEPARTED if left_on else Contact.Status.ACTIVE,
                    departed_on=left_on,
                )
            )
        scene.contacts[life.number] = people
        begun = scene.at(life.stages[0][1], 9, 30)
        made += [(person, begun) for person in people]
    Contact.objects.bulk_create([person for person, _ in made], batch_size=AT_ONCE)
    backdate(Contact, "created_at", [(person.pk, at) for person, at in made])
