"""Opening runs: which accounts enter a play today, and what holds the others back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q

from accounts.actions.import_undo import goes_with_its_account
from accounts.models import Account
from charter.queries import calendar
from charter.rules.calendar import Calendar
from health.queries.matching import Match, matching
from plays.models import Held, Play, Run, Task
from plays.queries.episodes import entered_on
from plays.queries.staff import Staff
from plays.rules.bodies import LOWEST_PRIORITY, Body, read
from plays.rules.evidence import facts, told
from plays.rules.sentences import sentence
from tenants import trail
from tenants.bulk import insert
from tenants.formats import joined
from tenants.models import TrailEntry
from tenants.timeline import describe

MOST_OPEN = 15  # open runs of one person, above which opportunities wait

describe("plays.run_opened", "The play {name} started", icon="play", detail="{reason}")


# What plays do by themselves keeps no import from being taken back; what people did to it does.
goes_with_its_account(Held, Q())
goes_with_its_account(Run, Q(first_action_at=None, state=Run.State.TRIGGERED))
goes_with_its_account(Task, Q(run__isnull=False, version=1))


class Desk:
    """What opening needs from around, each read when it is first asked for."""

    @cached_property
    def calendar(self) -> Calendar:
        """The working hours of the tenant."""
        return calendar()

    @cached_property
    def staff(self) -> Staff:
        """Who holds which role."""
        return Staff()

    @cached_property
    def load(self) -> dict[UUID, int]:
        """How many runs are open on the accounts of each person."""
        return open_by_owner()


@dataclass(frozen=True)
class Opened:
    """What came of one play on one day. last: where to go on, None where nobody is left."""

    runs: list[Run]
    held: list[Held]
    last: UUID | None


def open_by_owner() -> dict[UUID, int]:
    """How many runs are open on the accounts of each person. One query."""
    rows = Run.objects.filter(closed_at=None).exclude(account__owner=None)
    return dict(rows.values_list("account__owner_id").annotate(n=Count("id")))


def open_runs(
    *,
    play: Play,
    day: date,
    now: datetime,
    desk: Desk,
    among: Collection[UUID] | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> Opened:
    """Start a play on the accounts that enter it on a day. Twice is the same as once.

    Set-based: a fixed number of queries however many accounts enter. after and limit: only the
    next so many of those that match, by id; what holds one back is known from those before.
    """
    play = Play.objects.select_for_update().get(pk=play.pk)
    body = read(play.body)
    matches = matching(body.trigger, day, among, after=after, limit=limit)
    last = matches[-1].account_id if matches and len(matches) == limit else None
    matched = {match.account_id: match for match in matches}
    busy = set(
        Run.objects.filter(play_key=play.key, account__in=matched, closed_at=None).values_list(
            "account_id", flat=True
        )
    )
    accounts = {
        account.pk: account
        for account in Account.objects.filter(pk__in=set(matched) - busy, archived_at=None)
    }
    episodes = entered_on(play.key, body.trigger, accounts.keys(), day)
    done = set(
        Run.objects.filter(play_key=play.key, account__in=accounts).values_list(
            "account_id", "episode_on"
        )
    )
    entering = {pk for pk in accounts if (pk, episodes[pk]) not in done}
    found = causes(play, body, entering, day, now)
    opening, held = [], []
    for pk in sorted(entering):
        cause = found.get(pk) or overload(body, accounts[pk], desk)
        if cause:
            held.append(_held(play, pk, day, now, episodes[pk], cause))
        else:
            opening.append(accounts[pk])
            if body.priority == LOWEST_PRIORITY and (owner_id := accounts[pk].owner_id):
                desk.load[owner_id] = desk.load.get(owner_id, 0) + 1
    runs = [
        start(play, body, account, episodes[account.pk], matched[account.pk], day, now, desk)
        for account in opening
    ]
    write(play, body, list(zip(runs, opening, strict=True)), now, desk)
    return Opened(runs, _keep(held, play), last)


def start(
    play: Play,
    body: Body,
    account: Account,
    episode_on: date,
    match: Match | None,
    day: date,
    now: datetime,
    desk: Desk,
) -> Run:
    """A run with its evidence as it is now, not yet stored."""
    found = facts(body.when, match.values) if match else []
    return Run(
        play=play,
        play_key=play.key,
        account=account,
        episode_on=episode_on,
        evidence={
            "day": day.isoformat(),
            "facts": found,
            "reason": told(body.because, match.values, found) if match else "",
            "sentence": sentence(body),
            "version": play.version,
        },
        started_at=now,
        first_action_due_at=desk.calendar.add_hours(now, body.first_action_hours),
    )


def write(
    play: Play,
    body: Body,
    opened: list[tuple[Run, Account]],
    now: datetime,
    desk: Desk,
    actor_id: UUID | None = None,
) -> None:
    """Store runs with the tasks of their steps and a line of the trail for each. Three queries."""
    if not opened:
        return
    insert([run for run, _ in opened])
    due = [desk.calendar.add_hours(now, step.due_hours) for step in body.steps]
    insert(
        [
            Task(
                account=account,
                run=run,
                step=at,
                title=step.title,
                reason=run.evidence["reason"],
                kind=step.kind,
                owner_id=desk.staff.owner_of(step.owner, account),
                priority=body.priority,
                minutes=step.minutes,
                is_proactive=body.is_proactive,
                due_at=due[at],
                has_clock=step.has_clock,
                created_at=now,
            )
            for run, account in opened
            for at, step in enumerate(body.steps)
        ]
    )
    trail.record_many(
        [
            TrailEntry(
                verb="plays.run_opened",
                at=now,
                actor_id=actor_id,
                account_id=account.pk,
                object_id=run.pk,
                facts={
                    "key": play.key,
                    "name": play.name,
                    "version": play.version,
                    "reason": run.evidence["reason"],
                },
            )
            for run, account in opened
        ]
    )


Cause = tuple[str, dict[str, Any]]


def causes(
    play: Play, body: Body, entering: set[UUID], day: date, now: datetime
) -> dict[UUID, Cause]:
    """What holds accounts back: cooldown, then suppression, then a play that goes before."""
    held: dict[UUID, Cause] = {}
    if not entering:
        return held
    if body.yields_to:
        before = Run.objects.filter(
            play_key__in=body.yields_to, account__in=entering, closed_at=None
        ).select_related("play")
        for run in before:
            held[run.account_id] = ("other_play", {"words": f"{run.play.name} is running"})
    if body.suppress_if is not None:
        for match in matching(body.suppress_if, day, entering):
            met = facts(body.suppress_if, match.values)
            held[match.account_id] = (
                "suppressed",
                {"words": joined(fact["words"] for fact in met), "facts": met},
            )
    if body.cooldown_days:
        closed = (
            Run.objects.filter(play_key=play.key, account__in=entering)
            .values_list("account_id")
            .annotate(at=Max("closed_at"))
        )
        for account_id, at in closed:
            until = at + timedelta(days=body.cooldown_days) if at else None
            if until and until > now:
                held[account_id] = (
                    "cooldown",
                    {"words": f"rests until {until:%Y-%m-%d}", "until": until.isoformat()},
                )
    return held


def overload(body: Body, account: Account, desk: Desk) -> Cause | None:
    """Opportunities wait while a person has more open than they can carry."""
    if body.priority < LOWEST_PRIORITY or account.owner_id is None:
        return None
    count = desk.load.get(account.owner_id, 0)
    if count < MOST_OPEN:
        return None
    return "capacity", {"words": f"the CSM has {count} plays open", "open": count}


def _held(
    play: Play, account_id: UUID, day: date, now: datetime, episode_on: date, cause: Cause
) -> Held:
    word, details = cause
    return Held(
        play_key=play.key,
        account_id=account_id,
        day=day,
        cause=word,
        facts=details | {"episode_on": episode_on.isoformat(), "version": play.version},
        recorded_at=now,
    )


def _keep(held: list[Held], play: Play) -> list[Held]:
    """Store what was held, once per episode and cause. Two queries."""
    known = set(
        Held.objects.filter(
            play_key=play.key, account__in=[row.account_id for row in held]
        ).values_list("account_id", "cause", "facts__episode_on")
    )
    fresh = [
        row for row in held if (row.account_id, row.cause, row.facts["episode_on"]) not in known
    ]
    Held.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return fresh
