"""Links by which a contact sees what is shared with the account: made, used, taken back."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Account, Contact
from journeys.models import ShareLink
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.keys import digest, new_token
from tenants.models import ShareLookup
from tenants.scope import current_tenant_id
from tenants.timeline import describe

LONGEST_DAYS = 365
CODE_HOLDS = timedelta(minutes=10)
CODE_AGAIN = timedelta(minutes=1)
CODE_TRIES = 5

describe("journeys.link_made", "{who} shared this account's page with {contact}", icon="link")
describe("journeys.link_revoked", "{who} took back the link of {contact}", icon="link-2-off")


class NobodyToShareWith(Refused):
    """The contact is of another account, has left, or has no address for a code."""

    status = 422


class LinkIsClosed(Refused):
    """The link was taken back or its time is over."""

    status = 410


class WrongCode(Refused):
    """The code is another, was used up by guessing, or its time is over."""

    status = 422


class CodeTooSoon(Refused):
    """A code was sent a moment ago."""

    status = 429


@transaction.atomic
def make_link(
    *,
    account: Account,
    contact: Contact,
    actor: Actor,
    now: datetime,
    days: int,
    asks_code: bool = False,
) -> tuple[ShareLink, str]:
    """A link for one contact, and its token, which is stored nowhere. days: 1 to LONGEST_DAYS.

    Raises NobodyToShareWith.
    """
    if contact.account_id != account.pk or contact.departed_on or contact.archived_at:
        raise NobodyToShareWith(f"{contact.name} is no contact of this account.")
    if asks_code and not contact.email:
        raise NobodyToShareWith(f"{contact.name} has no e-mail address to send a code to.")
    link = ShareLink.objects.create(
        account=account,
        contact=contact,
        made_by=actor.user,
        made_at=now,
        expires_at=now + timedelta(days=min(max(days, 1), LONGEST_DAYS)),
        asks_code=asks_code,
    )
    token = new_token()
    ShareLookup.objects.create(
        token_hash=digest(token), tenant_id=current_tenant_id(), link_id=link.pk
    )
    _tell("journeys.link_made", link, actor, now)
    return link, token


@transaction.atomic
def revoke_link(*, link: ShareLink, actor: Actor, now: datetime) -> ShareLink:
    """Take a link back. Taken back before, nothing changes."""
    link = ShareLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.revoked_at is None:
        link.revoked_at = now
        link.save(update_fields=["revoked_at"])
        _tell("journeys.link_revoked", link, actor, now)
    return link


@transaction.atomic
def new_code(*, link: ShareLink, now: datetime) -> str:
    """A code of six digits for one opening of the link; an older one ends.

    Raises LinkIsClosed, CodeTooSoon within a minute of the last.
    """
    link = _held(link, now)
    sent_at = link.code_expires_at and link.code_expires_at - CODE_HOLDS
    if sent_at and now - sent_at < CODE_AGAIN:
        raise CodeTooSoon("A code was sent a moment ago. Wait a minute before the next one.")
    code = f"{secrets.randbelow(10**6):06}"
    link.code_hash, link.code_tries = digest(f"{link.pk}:{code}"), 0
    link.code_expires_at = now + CODE_HOLDS
    link.save(update_fields=["code_hash", "code_tries", "code_expires_at"])
    return code


@transaction.atomic
def is_right_code(*, link: ShareLink, code: str, now: datetime) -> bool:
    """Whether a code opens the link, once. A wrong one counts as a try, so nothing is raised."""
    link = _held(link, now)
    is_open = link.code_hash and link.code_expires_at and now < link.code_expires_at
    if not is_open or link.code_tries >= CODE_TRIES:
        return False
    is_right = secrets.compare_digest(link.code_hash, digest(f"{link.pk}:{code.strip()}"))
    link.code_tries += 1
    link.code_hash = "" if is_right else link.code_hash
    link.save(update_fields=["code_hash", "code_tries"])
    return is_right


def _held(link: ShareLink, now: datetime) -> ShareLink:
    link = ShareLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if not link.is_open(now):
        raise LinkIsClosed("This link no longer holds.")
    return link


def _tell(verb: str, link: ShareLink, actor: Actor, now: datetime) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor.user,
        account_id=link.account_id,
        object_id=link.pk,
        contact=link.contact.name,
        until=link.expires_at.isoformat(),
    )
