"""A deal that the CRM says is won commits its account: a signature is a fact."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Account, Opportunity
from bowtie.actions.moves import GateClosed, NoSuchMove, move
from bowtie.models import Stay
from bowtie.rules.stages import LEFT, Stage
from tenants.models import TrailEntry
from tenants.news import on_news

RECENT = timedelta(days=30)  # what was won before is history that came in, not a deal to hand over
NEWS = ("accounts.opportunities_brought_in", "accounts.contracts_brought_in")


@on_news
def commit_the_won(*, since: datetime, now: datetime) -> None:
    """Commit accounts of deals newly won, once their contract is there."""
    if TrailEntry.objects.filter(recorded_at__gte=since, verb__in=NEWS).exists():
        commit_won(now=now)


@transaction.atomic
def commit_won(*, now: datetime) -> list[Stay]:
    """Move each account with a deal won in the last 30 days to Committed; returns the new stays.

    Only accounts before that stage; one without its contract waits for it.
    """
    won = Opportunity.objects.filter(
        account=OuterRef("pk"),
        kind=Opportunity.Kind.NEW,
        stage="won",
        closed_on__gte=timezone.localdate(now) - RECENT,
        closed_on__lte=timezone.localdate(now),
    )
    accounts = Account.objects.filter(Exists(won), archived_at=None)
    made = []
    for account in accounts.filter(stage__in=LEFT, arr_minor__gt=0).order_by("pk"):
        try:
            made.append(move(account=account, to_stage=Stage.COMMITTED, actor=None, now=now))
        except (GateClosed, NoSuchMove):
            continue  # its contract has ended, or somebody moved it meanwhile
    return made
