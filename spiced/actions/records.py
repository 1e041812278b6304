"""A new deal with an account: a record of its own, or the present one asked again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Opportunity
from spiced.actions.keeping import next_version, put
from spiced.models import CriticalEvent, Element, ImpactGoal, Note
from spiced.queries.notes import current_note, elements_of
from spiced.rules.elements import LETTERS
from spiced.rules.touchpoints import MOTIONS, Touchpoint
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.timeline import describe

describe(
    "spiced.record_opened",
    lambda facts: f"{facts['who']} opened SPICED record {facts['record']}: {facts['motion']}",
    icon="notebook-pen",
    detail="{reason}",
)
describe(
    "spiced.record_refreshed",
    "{who} has SPICED asked again for an upsell",
    icon="notebook-pen",
    detail="{reason}",
)


class NoRecord(Refused):
    """There is nothing yet that a new deal could follow."""


class NoSuchMotion(Refused):
    """The motion is none we know."""

    status = 422


@transaction.atomic
def begin_motion(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    motion: str,
    reason: str = "",
    opportunity: Opportunity | None = None,
) -> Note:
    """Begin a deal: a new buyer or product opens a record, an upsell has the present one renewed.

    The version before stays. Goals and events of parts that do not go along stay open beside the
    note. Raises NoRecord without a note, NoSuchMotion.
    """
    if (begun := MOTIONS.get(motion)) is None:
        raise NoSuchMotion(f"“{motion}” is not one of {', '.join(MOTIONS)}.")
    Account.objects.select_for_update().only("pk").get(pk=account.pk)
    current = current_note(account)
    if current is None:
        raise NoRecord("There is no SPICED note yet; write the first one.")
    elements = elements_of(current)
    more: dict[str, Any] = {"opportunity": opportunity, "ask_again_on": timezone.localdate(now)}
    if begun.is_new:
        more |= {"record": current.record + 1, "ask_again_on": None}
    note = next_version(
        account=account,
        current=current,
        actor=actor,
        now=now,
        touchpoint=Touchpoint.DEAL,
        is_draft=False,
        is_amended=False,
        **more,
    )
    blank = [Element(letter=letter, changed_in=note.version) for letter in LETTERS]
    kept = {letter: elements[letter] for letter in begun.kept if letter in elements}
    put([kept.get(part.letter, part) for part in blank], note, is_amended=False)
    if "I" not in begun.kept:
        ImpactGoal.objects.filter(account=account, is_in_note=True).update(is_in_note=False)
    if "CE" not in begun.kept:
        CriticalEvent.objects.filter(account=account, is_in_note=True).update(is_in_note=False)
    trail.record(
        "spiced.record_opened" if begun.is_new else "spiced.record_refreshed",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=note.pk,
        record=note.record,
        motion=begun.label.lower(),
        version=note.version,
        reason=reason.strip(),
    )
    return note
