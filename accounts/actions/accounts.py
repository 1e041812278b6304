"""Accounts made and changed by hand, one at a time."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.former import keep
from accounts.actions.segments import set_segment
from accounts.models import Account
from accounts.rules.names import normalised
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.ids import uuid7
from tenants.models import User
from tenants.timeline import describe

TEXTS = ("name", "domain", "region", "industry")

describe("accounts.account_made", "{who} made the account", icon="building-2")
describe(
    "accounts.account_edited",
    "{who} edited the account",
    icon="pencil",
    detail=lambda facts: ", ".join(sorted(_changed_parts(facts))),
)


def _changed_parts(facts: Mapping[str, Any]) -> Iterator[str]:
    """What was edited, custom fields by their keys."""
    for key in facts.keys() - {"who", "custom"}:
        yield key.replace("_", " ")
    former, custom = facts.get("custom") or ({}, {})
    for key in former.keys() | custom.keys():
        if former.get(key) != custom.get(key):
            yield key.replace("_", " ")


class StaleAccount(Refused):
    """Somebody changed the account while it was being edited. Holds what it is now."""

    def __init__(self, account: Account) -> None:
        super().__init__(f"{account.name} was changed meanwhile.")
        self.account = account


@transaction.atomic
def create_account(
    *, values: Mapping[str, Any], owner: User | None, actor: Actor, now: datetime
) -> Account:
    """Make an account that no other system keeps.

    values: TEXTS, `custom` by key, `segment` with its `segment_reason`. Raises NoReason.
    """
    account_id = uuid7()
    account = Account.objects.create(
        id=account_id,
        external_id=str(account_id),
        name_norm=normalised(values["name"]),
        owner=owner,
        currency=actor.tenant.currency,
        custom=_kept(values.get("custom", {})),
        **{key: values.get(key, "") for key in TEXTS},
    )
    trail.record(
        "accounts.account_made",
        actor=actor.user,
        at=now,
        account_id=account.pk,
        name=account.name,
        owner_id=str(owner.pk) if owner else None,
    )
    _set_segment(account, values, actor, now)
    return account


@transaction.atomic
def edit_account(
    *, account: Account, seen_version: int, values: Mapping[str, Any], actor: Actor, now: datetime
) -> Account:
    """Write what differs: TEXTS, `custom` by key, `segment` with its `segment_reason`.

    Raises StaleAccount, NoReason.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.version != seen_version:
        raise StaleAccount(account)
    custom = _kept({**account.custom, **values.get("custom", {})})
    wanted = {key: values[key] for key in TEXTS if key in values} | {"custom": custom}
    changed: dict[str, Any] = {
        key: [getattr(account, key), value]
        for key, value in wanted.items()
        if getattr(account, key) != value
    }
    _set_segment(account, values, actor, now)
    if not changed:
        return account
    for key, (_, value) in changed.items():
        setattr(account, key, value)
    account.name_norm = normalised(account.name)
    account.changed_at = now
    account.version += 1
    keep(Account, [account.pk], now=now)
    account.save(update_fields=[*changed, "name_norm", "changed_at", "version"])
    trail.record(
        "accounts.account_edited", actor=actor.user, at=now, account_id=account.pk, **changed
    )
    return account


def _set_segment(account: Account, values: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    if "segment" in values:
        set_segment(
            account=account,
            segment=values["segment"],
            reason=values.get("segment_reason", ""),
            actor=actor,
            now=now,
        )


def _kept(custom: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in custom.items() if value not in (None, "")}
