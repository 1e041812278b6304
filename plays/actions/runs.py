"""Starting a play by hand and dismissing one that runs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account
from health.queries.matching import matching
from plays.actions.closing import close
from plays.actions.next_steps import push_next_steps
from plays.actions.opening import Desk, start, write
from plays.models import Play, Run
from plays.rules.bodies import read
from plays.rules.evidence import by_hand
from tenants.actor import Actor
from tenants.errors import Refused


class AlreadyRunning(Refused):
    """The play is open on the account, or ran there today already."""


class PlayIsOff(Refused):
    """Only a published play can be started."""


class RunIsClosed(Refused):
    """The run was closed before."""


class ReasonNeeded(Refused):
    """A dismissal says why, since many of them mean that the play is wrong."""

    status = 422


@transaction.atomic
def start_by_hand(*, account: Account, play: Play, actor: Actor, now: datetime) -> Run:
    """Start a play on an account because somebody decided so, whatever its condition says.

    Raises PlayIsOff, AlreadyRunning.
    """
    play = Play.objects.select_for_update().get(pk=play.pk)
    if play.state != Play.State.PUBLISHED:
        raise PlayIsOff(f"{play.name} is not in force.")
    day = now.astimezone(ZoneInfo(actor.tenant.time_zone)).date()
    of_account = Run.objects.filter(play_key=play.key, account=account)
    if of_account.filter(closed_at=None).exists():
        raise AlreadyRunning(f"{play.name} is running on {account.name} already.")
    if of_account.filter(episode_on=day).exists():
        raise AlreadyRunning(f"{play.name} ran on {account.name} today already.")
    body, desk = read(play.body), Desk()
    match = next(iter(matching(body.trigger, day, [account.pk])), None)
    run = start(play, body, account, day, match, day, now, desk)
    run.evidence |= by_hand(actor.name, actor.user_id, is_met=match is not None)
    write(play, body, [(run, account)], now, desk, actor_id=actor.user_id)
    push_next_steps(account_ids=[account.pk])
    return run


@transaction.atomic
def dismiss_run(*, run: Run, actor: Actor, now: datetime, reason: str) -> Run:
    """Stop a run that does not fit, with the reason. Raises ReasonNeeded, RunIsClosed."""
    if not reason.strip():
        raise ReasonNeeded("Say why the play does not fit here.")
    locked = Run.objects.select_for_update().filter(pk=run.pk).first()
    if locked is None or locked.closed_at is not None:
        raise RunIsClosed("This play was closed before.")
    close(
        [run],
        state=Run.State.DISMISSED,
        outcome="",
        now=now,
        reason=reason.strip()[:300],
        actor_id=actor.user_id,
    )
    push_next_steps(account_ids=[run.account_id])
    run.refresh_from_db()
    return run
