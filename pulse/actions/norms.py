"""What an account and we agree to call a habit."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account, Contact
from pulse.actions.activities import NotOfAccount, NotYet
from pulse.models import HabitNorm
from pulse.queries.norms import norm_of
from pulse.rules.habit import MOST_WEEKLY
from tenants import trail
from tenants.errors import Refused
from tenants.formats import number
from tenants.models import Tenant, User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe(
    "pulse.norm_agreed",
    lambda facts: (
        f"{facts['who']} noted the weekly habit: {number(facts['weekly'][1])} uses"
        if facts["weekly"][1]
        else f"{facts['who']} noted that no weekly habit is agreed any more"
    ),
    icon="target",
    detail=lambda facts: f"agreed with {facts['agreed_by']}" if facts["agreed_by"] else "",
)


class BadNorm(Refused):
    """The number of uses a week is out of range, or nobody is named who agreed to it."""

    status = 422


class NoNorm(Refused):
    """There is no norm that could be dropped."""


@transaction.atomic
def agree_norm(
    *,
    account: Account,
    actor: User | None,
    now: datetime,
    weekly: int,
    agreed_by: Contact,
    agreed_on: date,
) -> HabitNorm:
    """Note how many uses of core features a week are a habit of the account, who agreed and when.

    It counts from that day on, for all weeks one looks at. Raises BadNorm, NotOfAccount, NotYet.
    """
    if not 0 < weekly <= MOST_WEEKLY:
        raise BadNorm(f"A habit is 1 to {MOST_WEEKLY:,} uses a week.")
    if agreed_by.account_id != account.pk:
        raise NotOfAccount(f"{agreed_by.name} is no contact of {account.name}.")
    return _kept(account, actor, now, weekly, agreed_by, agreed_on)


@transaction.atomic
def drop_norm(*, account: Account, actor: User | None, now: datetime) -> HabitNorm:
    """From today on no norm holds, and a share of the seats counts again. Raises NoNorm."""
    return _kept(account, actor, now, None, None, _today(now))


def _kept(
    account: Account,
    actor: User | None,
    now: datetime,
    weekly: int | None,
    agreed_by: Contact | None,
    agreed_on: date,
) -> HabitNorm:
    today = _today(now)
    if agreed_on > today:
        raise NotYet("This has not happened yet.")
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    before = norm_of(account.pk, today)
    if weekly is None and before is None:
        raise NoNorm("No weekly habit is agreed with this account.")
    made = HabitNorm.objects.create(
        account=account,
        weekly=weekly,
        agreed_on=agreed_on,
        agreed_by=agreed_by,
        noted_by=actor,
        recorded_at=now,
    )
    trail.record(
        "pulse.norm_agreed",
        actor=actor,
        at=now,
        account_id=account.pk,
        object_id=made.pk,
        weekly=[before.weekly if before else None, weekly],
        agreed_by=agreed_by.name if agreed_by else "",
        agreed_on=agreed_on.isoformat(),
    )
    return made


def _today(now: datetime) -> date:
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())
    return now.astimezone(ZoneInfo(zone)).date()
