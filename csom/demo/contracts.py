"""What accounts signed, changed and ended, and the ledger that follows from it."""

from datetime import datetime, timedelta

from django.utils.text import slugify

from accounts.actions.revenue import keep_ledger
from accounts.models import Account, ArrMovement, ChurnRecord, Contract, ContractChange, Product
from csom.demo.abroad import paid_in, priced
from csom.demo.lives import Life
from csom.demo.scene import AT_ONCE, Scene, backdate

WHY = {
    "price": "A cheaper tool came with their ERP renewal; the new CFO asked for one vendor less.",
    "missing_feature": "They needed multi-entity reporting this year and built it elsewhere.",
    "low_adoption": "Two of three sites never moved over; the third could not carry the price.",
    "champion_left": "Nobody took the topic over after the champion left in spring.",
    "acquired": "Bought by a group that runs its own platform.",
    "insolvency": "Opened insolvency proceedings; the administrator ended all software contracts.",
}


def fill_contracts(scene: Scene) -> None:
    """Write contracts with their changes, what ended, and the ARR ledger."""
    main, module = (_product(name) for name in (scene.world.product, scene.world.module))
    made: list[tuple[Contract, datetime]] = []
    changes: list[ContractChange] = []
    churned: list[ChurnRecord] = []
    scene.abroad = paid_in(scene)
    for life in scene.lives:
        account, abroad = scene.accounts[life.number], scene.abroad.get(life.number)
        for at, term in enumerate(life.terms):
            signed = term.starts_on - timedelta(days=scene.chance.randint(6, 30))
            contract = Contract(
                account=account,
                source=scene.source,
                external_id=f"{account.external_id}-C{at + 1}",
                product=module if term.is_module else main,
                plan="Module" if term.is_module else "Annual",
                signed_on=signed if life.number % 7 else None,
                starts_on=term.starts_on,
                ends_on=term.ends_on,
                term_months=12,
                notice_days=90 if life.touch_model == "high" else 30,
                arr_minor=priced(term.arr_minor, term, abroad),
                currency=abroad.currency if abroad else scene.tenant.currency,
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
                        amount_minor=priced(amount, term, abroad),
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


CAUSES = {  # as the taxonomy of churn names what happened
    "missing_feature": "product_gap",
    "low_adoption": "no_impact",
    "champion_left": "relationship_lost",
    "acquired": "acquired_or_closed",
    "insolvency": "acquired_or_closed",
}


def _product(name: str) -> Product:
    key = slugify(name).replace("-", "_")
    return Product.objects.get_or_create(key=key, defaults={"name": name})[0]


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
        cause=CAUSES.get(life.cause, life.cause),
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
