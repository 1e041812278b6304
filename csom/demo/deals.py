"""The pipeline: what was won, what is open, and what came to nothing."""

from datetime import date, timedelta

from accounts.models import Account, Opportunity
from bowtie.models import DealStep
from csom.demo.lives import Fate, Life
from csom.demo.scene import AT_ONCE, Scene
from csom.demo.worlds import MONTHS


def fill_deals(scene: Scene) -> None:
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
    lives = {scene.accounts[life.number].pk: life for life in scene.lives}
    steps = [
        step
        for deal in deals
        if deal.kind == Opportunity.Kind.NEW
        for step in _steps(scene, deal, lives.get(deal.account_id) if deal.account_id else None)
    ]
    DealStep.objects.bulk_create(steps, batch_size=AT_ONCE)


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


PATH = ("prospect", "mql", "sql", "sal")


def _steps(scene: Scene, deal: Opportunity, life: Life | None) -> list[DealStep]:
    """The stages a deal went through and when; a lost one came as far as it was qualified."""
    opened = deal.opened_on or scene.today
    path = list(PATH[: PATH.index(deal.stage) + 1] if deal.stage in PATH else PATH)
    if deal.stage == "lost":
        path = path[: scene.chance.choice((2, 3, 3, 4))]
    known = {stage: day for stage, day in life.stages if stage in PATH} if life else {}
    days = [known.get(stage) for stage in path]
    if None in days:
        ends = deal.closed_on or scene.today
        room = max(0, (ends - opened).days - 1)
        days = [opened]
        for left in range(len(path) - 1, 0, -1):
            step = min(scene.chance.randint(3, 16), room // left)
            room -= step
            days.append((days[-1] or opened) + timedelta(days=step))
    told = [(stage, day or opened) for stage, day in zip(path, days, strict=True)]
    if deal.stage in ("won", "lost"):
        told.append((deal.stage, max(deal.closed_on or scene.today, told[-1][1])))
    return [
        DealStep(
            opportunity=deal, stage=stage, entered_on=day, recorded_at=scene.at(day, 10, 5 * at)
        )
        for at, (stage, day) in enumerate(told)
    ]
