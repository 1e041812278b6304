"""What follows from the rates of the charter: the ledger of contracts in other currencies."""

from datetime import datetime

from accounts.actions.revenue import AT_ONCE, keep_ledger
from accounts.models import Account, Contract
from charter.models import Document
from charter.queries import in_force
from tenants.actions.tenants import keeps_money
from tenants.jobs import Work, job, later
from tenants.models import Tenant, TrailEntry
from tenants.news import on_news
from tenants.scope import current_tenant_id


@keeps_money
def has_contracts_or_rates() -> bool:
    """Whether another currency of the tenant would misread what is kept. Two queries at most."""
    if Contract.objects.exists():
        return True
    kind, state = Document.Kind.RATES, Document.State.PUBLISHED
    return Document.objects.filter(kind=kind, state=state).exclude(body__rates=[]).exists()


@on_news
def follow_rates(*, since: datetime, now: datetime) -> None:
    """Convert anew once rates were published."""
    news = TrailEntry.objects.filter(
        recorded_at__gte=since, verb="charter.chapter_published", facts__kind=Document.Kind.RATES
    )
    if news.exists():
        later(convert_all, key=f"version {in_force(Document.Kind.RATES).version}", now=now)


@job("accounts.rates", label="Convert contracts at the rates of the charter")
def convert_all(work: Work) -> str | None:
    """Bring the ledger of accounts with contracts in other currencies up to date, some at a time.

    What a correction changes is added as entries of now; what was recorded before stays.
    """
    own = Tenant.objects.values_list("currency", flat=True).get(pk=current_tenant_id())
    abroad = Contract.objects.exclude(currency=own)
    accounts = Account.objects.filter(pk__in=abroad.values("account_id"))
    if work.cursor:
        accounts = accounts.filter(pk__gt=work.cursor)
    ids = list(accounts.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    entries = keep_ledger(account_ids=ids, now=work.now)
    work.statistics["entries"] = work.statistics.get("entries", 0) + len(entries)
    return str(ids[-1]) if len(ids) == AT_ONCE else None
