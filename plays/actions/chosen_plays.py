"""A play started on many accounts at once, each refusal with its reason, and taken back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions.ownership import UNDO_WITHIN, NothingToUndo
from health.queries.matching import matching
from plays.actions.chosen_tasks import Done, refuse_too_many
from plays.actions.next_steps import push_next_steps
from plays.actions.opening import Desk, causes, overload, start, write
from plays.actions.runs import PlayIsOff
from plays.models import Play, Run, Task
from plays.queries.chosen import by_reason, choose
from plays.rules.bodies import LOWEST_PRIORITY, read
from plays.rules.evidence import by_hand
from tenants import trail
from tenants.actor import Actor
from tenants.models import TrailEntry
from tenants.timeline import describe

describe("plays.run_withdrawn", "{who} took the play {name} back", icon="undo-2")


@transaction.atomic
def start_chosen(
    *, account_ids: Collection[UUID], play: Play, batch: UUID, actor: Actor, now: datetime
) -> Done:
    """Start a play on accounts, whether they meet its condition or not.

    What would hold it back at night holds it back here: cooldown, suppression, a play that goes
    before, a full plate. A batch that is there already stays as it is. Raises PlayIsOff, TooMany.
    """
    refuse_too_many(account_ids)
    play = Play.objects.select_for_update().get(pk=play.pk)
    if play.state != Play.State.PUBLISHED:
        raise PlayIsOff(f"{play.name} is not in force.")
    day = now.astimezone(ZoneInfo(actor.tenant.time_zone)).date()
    body, desk = read(play.body), Desk()
    chosen = choose(account_ids, actor)
    chosen.leave_out_unowned()
    before = set(_started(batch, actor, now).values_list("account_id", flat=True))
    others = Run.objects.filter(play_key=play.key, account__in=set(chosen.taken) - before)
    running = others.filter(closed_at=None).values_list("account_id", flat=True)
    chosen.leave_out(dict.fromkeys(running, "it is running there already"))
    today = others.filter(episode_on=day).values_list("account_id", flat=True)
    chosen.leave_out(dict.fromkeys(today, "it ran there today already"))
    held = causes(play, body, set(chosen.taken) - before, day, now)
    chosen.leave_out({pk: str(details["words"]) for pk, (_, details) in held.items()})
    matched = {match.account_id: match for match in matching(body.trigger, day, chosen.taken)}
    opening = []
    for pk, account in chosen.taken.items():
        if pk in before:
            continue
        if full := overload(body, account, desk):
            chosen.leave_out({pk: str(full[1]["words"])})
        elif not before:
            if body.priority == LOWEST_PRIORITY and account.owner_id:
                desk.load[account.owner_id] = desk.load.get(account.owner_id, 0) + 1
            run = start(play, body, account, day, matched.get(pk), day, now, desk)
            run.evidence |= by_hand(actor.name, actor.user_id, is_met=pk in matched)
            run.evidence["batch"] = str(batch)
            opening.append((run, account))
    write(play, body, opening, now, desk, actor_id=actor.user_id)
    started = sorted(before or {account.pk for _, account in opening})
    push_next_steps(account_ids=started)
    return Done(started, by_reason(chosen.reasons))


@transaction.atomic
def undo_start(*, batch: UUID, actor: Actor, now: datetime) -> int:
    """Take the runs of a batch away, with their tasks, where nobody has acted since.

    The play may start there again as if it had not. Raises NothingToUndo.
    """
    waiting = _started(batch, actor, now).filter(
        closed_at=None, state=Run.State.TRIGGERED, first_action_at=None
    )
    found = list(waiting.select_for_update(of=("self",)).select_related("play").order_by("pk"))
    steps = Task.objects.filter(run__in=found)
    touched = set(steps.exclude(state=Task.State.OPEN, version=1).values_list("run_id", flat=True))
    runs = [run for run in found if run.pk not in touched]
    if not runs:
        raise NothingToUndo("There is nothing to undo: somebody has acted on these plays since.")
    steps.filter(run__in=runs).delete()
    Run.objects.filter(pk__in=[run.pk for run in runs]).delete()
    trail.record_many(
        [
            TrailEntry(
                verb="plays.run_withdrawn",
                at=now,
                actor_id=actor.user_id,
                account_id=run.account_id,
                object_id=run.pk,
                facts={"key": run.play_key, "name": run.play.name},
            )
            for run in runs
        ]
    )
    push_next_steps(account_ids=[run.account_id for run in runs])
    return len(runs)


def _started(batch: UUID, actor: Actor, now: datetime) -> QuerySet[Run]:
    """The runs a person started in a batch not long ago."""
    return Run.objects.filter(
        started_at__gte=now - UNDO_WITHIN,
        evidence__batch=str(batch),
        evidence__started_by=str(actor.user_id),
    )
