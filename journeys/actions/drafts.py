"""Handoffs begin by themselves: a draft, filled with what is known, once an account commits."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.actions.import_undo import goes_with_its_account
from accounts.models import Account, Contact, Contract
from bowtie.models import Stay
from bowtie.rules.stages import Stage
from journeys.actions.beginnings import begin_handoff
from journeys.models import Handoff
from spiced.models import CriticalEvent, ImpactGoal
from tenants.formats import day, figure, money, rate
from tenants.models import TrailEntry
from tenants.news import on_news

NEWS = ("bowtie.stage_entered", "bowtie.accounts_placed")

goes_with_its_account(Handoff, Q(state=Handoff.State.DRAFT, version=1))


@on_news
def draft_for_the_committed(*, since: datetime, now: datetime) -> None:
    """Begin a handoff for every account that entered `committed`; heard twice begins one."""
    if TrailEntry.objects.filter(recorded_at__gte=since, verb__in=NEWS).exists():
        draft_missing(now=now)


@transaction.atomic
def draft_missing(*, now: datetime) -> list[Handoff]:
    """Draft a handoff for each committed account without one. Returns the new ones."""
    of_this_stay = Handoff.objects.filter(
        account=OuterRef("account"),
        kind=Handoff.Kind.SALES_TO_CS,
        signed_at__gte=OuterRef("entered_at"),
    )
    stays = (
        Stay.objects.filter(left_at=None, stage=Stage.COMMITTED, account__archived_at=None)
        .filter(~Exists(of_this_stay))
        .select_related("account")
        .order_by("entered_at", "pk")
    )
    made = [draft_handoff(stay=stay, now=now) for stay in stays]
    return [each for each in made if each is not None]


@transaction.atomic
def draft_handoff(*, stay: Stay, now: datetime) -> Handoff | None:
    """Begin the handoff of one signature; its clock starts when the account committed.

    Returns None where somebody else began it meanwhile. A handoff of an earlier life that was
    accepted and never completed is closed.
    """
    account = stay.account
    return begin_handoff(
        kind=Handoff.Kind.SALES_TO_CS,
        account=account,
        sender_id=account.seller_id,
        fields=known_fields(account, now.date()),
        at=stay.entered_at,
        now=now,
    )


def known_fields(account: Account, today: date) -> dict[str, str]:
    """What the product already knows of a handoff's fields. Four queries."""
    found = known_people(account.pk) | _goals(account.pk)
    contract = (
        Contract.objects.filter(account=account, cancelled_on=None, ends_on__gt=today)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if contract is not None:
        found["terms"] = (
            f"{money(contract.arr_minor, contract.currency)} a year, "
            f"{day(contract.starts_on)} to {day(contract.ends_on)}"
        )
        if contract.discount_share:
            until = contract.discount_ends_on
            found["discount"] = rate(contract.discount_share) + (
                f" until {day(until)}" if until else ""
            )
    event = (
        CriticalEvent.objects.filter(account=account, status=CriticalEvent.Status.OPEN)
        .order_by("-is_in_note", "on", "pk")
        .first()
    )
    if event is not None:
        found["event"] = f"{event.statement}: {day(event.on)}" if event.on else event.statement
    return found


def known_people(account_id: UUID) -> dict[str, str]:
    """Sponsor and champion among its contacts, by their roles. One query."""
    found: dict[str, str] = {}
    wanted = {"sponsor": {"exec_sponsor", "economic_buyer"}, "champion": {"champion"}}
    for contact in Contact.objects.filter(account=account_id, archived_at=None).order_by("pk"):
        for key, roles in wanted.items():
            if roles & set(contact.roles):
                found.setdefault(key, str(contact.pk))
    return found


def _goals(account_id: UUID) -> dict[str, str]:
    found: dict[str, str] = {}
    goals = ImpactGoal.objects.filter(account=account_id, kind="rational").exclude(
        status=ImpactGoal.Status.RETIRED
    )
    for n, goal in enumerate(goals.order_by("created_at", "pk")[:2], start=1):
        found[f"goal_{n}"] = goal.statement[:300]
        if goal.target is not None:
            by = f" by {day(goal.deadline_on)}" if goal.deadline_on else ""
            measure = goal.measure or "it"
            found[f"criterion_{n}"] = (
                f"{measure} reaches {figure(goal.target)} {goal.unit}{by}".strip()
            )
    return found
