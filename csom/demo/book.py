"""Accounts, the people in them, what they signed, and how far they came on the bowtie."""

import re
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.actions.revenue import keep_ledger
from accounts.models import (
    Account,
    ArrMovement,
    ChurnRecord,
    Contact,
    Contract,
    ContractChange,
    Opportunity,
    Product,
)
from bowtie.models import Stay
from bowtie.rules.stages import GO_LIVE
from csom.demo.lives import Fate, Life
from csom.demo.scene import AT_ONCE, Scene, backdate
from csom.demo.worlds import FAMILY, GIVEN, MONTHS

ROLES = (
    ("champion", "Head of finance operations", 4, "advocate"),
    ("exec_sponsor", "Chief operating officer", 5, "supportive"),
    ("economic_buyer", "Chief financial officer", 5, "neutral"),
    ("user_lead", "Team lead", 3, "supportive"),
    ("technical_lead", "IT lead", 2, "neutral"),
)
WHY = {
    "price": "A cheaper tool came with their ERP renewal; the new CFO asked for one vendor less.",
    "missing_feature": "They needed multi-entity reporting this year and built it elsewhere.",
    "low_adoption": "Two of three sites never moved over; the third could not carry the price.",
    "champion_left": "Nobody took the topic over after the champion left in spring.",
    "acquired": "Bought by a group that runs its own platform.",
    "insolvency": "Opened insolvency proceedings; the administrator ended all software contracts.",
}


def fill_book(scene: Scene) -> None:
    """Write accounts, contacts, contracts with their ledger, churn, stays and opportunities."""
    _accounts(scene)
    _contacts(scene)
    _contracts(scene)
    _stays(scene)
    _opportunities(scene)


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
            domain=f"{_slug(life.name)}.example",
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


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


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
                    email=f"{_slug(name).replace('-', '.')}@{account.domain}",
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


def _contracts(scene: Scene) -> None:
    main, module = (
        Product.objects.get_or_create(key=_slug(name).replace("-", "_"), defaults={"name": name})[0]
        for name in (scene.world.product, scene.world.module)
    )
    made: list[tuple[Contract, datetime]] = []
    changes: list[ContractChange] = []
    churned: list[ChurnRecord] = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        for at, term in enumerate(life.terms):
            signed = term.starts_on - timedelta(days=scene.chance.randint(6, 30))
            contract = Contract(
                account=account,
                source=scene.source,
                external_id=f"{account.external_id}-C{at + 1}",
                product=module if term.is_module else main,
                plan="Module" if term.is_module else "Annual",
                starts_on=term.starts_on,
                ends_on=term.ends_on,
                term_months=12,
                notice_days=90 if life.touch_model == "high" else 30,
                arr_minor=term.arr_minor,
                currency=scene.tenant.currency,
                seats=None if term.is_module else life.seats,
                status=Contract.Status.ACTIVE
                if term.ends_on > scene.today
                else Contract.Status.ENDED,
            )
            made.append((contract, scene.at(signed)))
            if term.changed:
                day, amount = term.changed
                changes.append(
                    ContractChange(
                        contract=contract,
                        effective_on=day,
                        amount_minor=amount,
                        recorded_at=scene.at(day),
                    )
                )
        if life.left_on:
            churned.append(_churn(scene, life, account))
    Contract.objects.bulk_create([contract for contract, _ in made], batch_size=AT_ONCE)
    backdate(Contract, "created_at", [(contract.pk, at) for contract, at in made])
    ContractChange.objects.bulk_create(changes)
    ChurnRecord.objects.bulk_create(churned)
    _ledger(scene)


def _churn(scene: Scene, life: Life, account: Account) -> ChurnRecord:
    left_on = life.left_on or scene.today
    notice_on = left_on - timedelta(days=scene.chance.randint(32, 95))
    has_warning = scene.chance.random() < 0.75
    return ChurnRecord(
        account=account,
        source=scene.source,
        external_id=f"{account.external_id}-X",
        notice_on=notice_on,
        ended_on=left_on,
        arr_minor=life.terms[-1].arr_minor,
        initiation=ChurnRecord.Initiation.VENDOR
        if life.cause == "insolvency"
        else ChurnRecord.Initiation.CUSTOMER,
        cause=life.cause,
        comment=WHY[life.cause],
        stage_at_churn=life.stages[-2][0],
        predicted_at=scene.at(notice_on - timedelta(days=40)) if has_warning else None,
        postmortem_at=scene.at(left_on + timedelta(days=9))
        if left_on + timedelta(days=9) < scene.today
        else None,
        recorded_at=scene.at(notice_on),
    )


def _ledger(scene: Scene) -> None:
    """The ledger follows from the contracts; each move was known on its day."""
    ids = [account.pk for account in scene.accounts.values()]
    entries = keep_ledger(account_ids=ids, now=scene.now)
    moments = [(entry.pk, scene.at(entry.effective_on, 0, 10)) for entry in entries]
    backdate(ArrMovement, "recorded_at", moments)


def _stays(scene: Scene) -> None:
    begun = scene.today - timedelta(days=MONTHS * 30)
    stays: list[Stay] = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        before = [step for step in life.stages if step[1] < begun]
        path = [*before[-1:], *life.stages[len(before) :]]
        for at, (stage, day) in enumerate(path):
            is_imported = bool(before) and at == 0
            entered = scene.at(day, 11, at)
            leaves = scene.at(path[at + 1][1], 11, at + 1) if at + 1 < len(path) else None
            came_from = "" if is_imported or at == 0 else path[at - 1][0]
            by = account.seller if stage in ("prospect", "mql", "sql", "sal") else account.owner
            stay = Stay(
                account=account,
                stage=stage,
                entered_at=entered,
                left_at=leaves,
                came_from=came_from,
                evidence={} if is_imported else _evidence(stage),
                moved_by=by,
                is_imported=is_imported,
                recorded_at=entered,
            )
            stays.append(stay)
            if came_from:
                scene.tell(
                    "bowtie.stage_entered",
                    entered,
                    by,
                    account,
                    stay.pk,
                    stage=[came_from, stage],
                    evidence=stay.evidence,
                    override_reason="",
                )
    Stay.objects.bulk_create(stays, batch_size=AT_ONCE)


def _evidence(stage: str) -> dict[str, bool | str]:
    if stage == "live":
        return dict.fromkeys(GO_LIVE, True)
    if stage == "onboarding":
        return {"handoff": "accepted"}
    return {}


def _opportunities(scene: Scene) -> None:
    """A won deal for each account that signed in the window, and those that did not come so far."""
    begun = scene.today - timedelta(days=MONTHS * 30)
    deals: list[Opportunity] = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        if life.fate is Fate.COURTED:
            deals.append(_deal(scene, life, account, life.stage, life.stages[0][1], None))
        elif life.since >= begun:
            opened = life.stages[0][1]
            deals.append(_deal(scene, life, account, "won", opened, life.since))
        for term in life.terms:
            if term.is_module:
                opened = term.starts_on - timedelta(days=scene.chance.randint(20, 60))
                won = _deal(scene, life, account, "won", opened, term.starts_on)
                won.kind, won.amount_minor = Opportunity.Kind.EXPANSION, term.arr_minor
                won.external_id += "-E"
                won.name = f"{scene.world.module} for {life.name}"
                won.from_cs = scene.chance.random() < 0.7
                deals.append(won)
        if life.fate is Fate.WELL and scene.chance.random() < 0.12:
            opened = scene.today - timedelta(days=scene.chance.randint(5, 50))
            ahead = _deal(scene, life, account, "sal", opened, None)
            ahead.kind = Opportunity.Kind.EXPANSION
            ahead.external_id += "-A"
            ahead.name = f"{scene.world.module} for {life.name}"
            ahead.amount_minor, ahead.from_cs = life.arr_minor // 3, True
            deals.append(ahead)
    deals += _others(scene, sum(deal.stage == "won" for deal in deals))
    Opportunity.objects.bulk_create(deals, batch_size=AT_ONCE)


def _deal(
    scene: Scene, life: Life, account: Account, stage: str, opened: date, closed: date | None
) -> Opportunity:
    return Opportunity(
        account=account,
        source=scene.source,
        external_id=f"{account.external_id}-O",
        name=f"{scene.world.product} for {life.name}",
        stage=stage,
        amount_minor=life.terms[0].arr_minor if life.terms else life.arr_minor,
        currency=scene.tenant.currency,
        seller=account.seller,
        seller_name=str(account.seller or ""),
        opened_on=opened,
        closed_on=closed,
    )


def _others(scene: Scene, won: int) -> list[Opportunity]:
    """Companies that were spoken to and did not sign; most never became an account."""
    found: list[Opportunity] = []
    for stage, share in (
        ("prospect", 3.2),
        ("mql", 1.6),
        ("sql", 0.7),
        ("sal", 0.25),
        ("lost", 1.7),
    ):
        for at in range(round(won * share)):
            opened = scene.today - timedelta(days=scene.chance.randint(8, 350))
            closed = opened + timedelta(days=scene.chance.randint(30, 90))
            seller = scene.chance.choice(scene.sellers)
            found.append(
                Opportunity(
                    source=scene.source,
                    external_id=f"{scene.world.slug[:3].upper()}-{stage}-{at + 1}",
                    name=f"{scene.world.product}, {scene.chance.choice(scene.world.trades)} "
                    f"company in {scene.chance.choice(scene.world.regions)}",
                    stage=stage,
                    amount_minor=scene.chance.randint(50, 900) * 10_000,
                    currency=scene.tenant.currency,
                    seller=seller,
                    seller_name=str(seller),
                    opened_on=opened,
                    closed_on=min(closed, scene.today) if stage == "lost" else None,
                )
            )
    return found


def ids_of(scene: Scene) -> list[UUID]:
    return [account.pk for account in scene.accounts.values()]
