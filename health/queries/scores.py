"""The score of an account explained: drivers that add up, caps, an override, and what moved it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor
from uuid import UUID

from django.db.models import Q

from accounts.models import Account
from health.models import HealthModel, Override, Snapshot
from health.queries.measuring import Moment
from health.queries.today import zone_of_tenant
from health.rules.catalogue import MEASURES, by_slot
from health.rules.models import Model, read
from health.rules.scoring import Part, Scored, score, whole_points
from health.rules.words import value_words
from tenants.formats import days, plural, signed

HISTORY_WEEKS = 26
TOLD_FROM = 0.5  # points


@dataclass(frozen=True)
class Driver:
    """What one measure adds or takes, in whole points. note: its value, then how fresh it is."""

    key: str
    name: str
    value: str
    points: int
    freshness: str
    dimension: str
    is_missing: bool

    @property
    def note(self) -> str:
        return f"{self.value}, {self.freshness}" if self.freshness else self.value


@dataclass(frozen=True)
class Step:
    """What a cap or an override does to the score, in whole points."""

    name: str
    note: str
    points: int


@dataclass(frozen=True)
class Move:
    """How much a measure moved the score between two days."""

    key: str
    name: str
    before: str
    after: str
    points: float


@dataclass(frozen=True)
class Moved:
    """What moved a score from one day to another; before or after is None where it was unknown."""

    since: date
    until: date
    before: float | None
    after: float | None
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class HealthView:
    """The health of an account as of its newest snapshot.

    base_points + drivers + steps add up to the score as shown, in whole points. Without enough
    fresh data there is no score, and the drivers say what little is known.
    """

    score: float | None
    band: str
    coverage: float
    change_28: float | None
    model: HealthModel | None
    base_points: int
    drivers: tuple[Driver, ...]
    missing: tuple[Driver, ...]
    steps: tuple[Step, ...]
    override: Override | None
    day: date | None
    as_of: datetime | None
    history: tuple[tuple[date, float | None], ...]

    @property
    def base(self) -> int | None:
        """The weighted score before caps, in whole points."""
        return self.base_points + sum(driver.points for driver in self.drivers)

    @property
    def is_known(self) -> bool:
        return self.score is not None


def latest(account_id: UUID, until: date | None = None) -> Snapshot | None:
    """The newest snapshot of an account, up to a day where one is given. One query."""
    found = Snapshot.objects.filter(account_id=account_id).select_related("model")
    if until is not None:
        found = found.filter(day__lte=until)
    return found.order_by("-day").first()


def health_of(account: Account, today: date) -> HealthView:
    """The score of an account with everything that explains it. Four queries."""
    snapshot = latest(account.pk, today)
    history = weekly(account.pk, today)
    if snapshot is None:
        return HealthView(
            None, "unknown", 0.0, None, None, 0, (), (), (), None, None, None, history
        )
    override = _override(account.pk, snapshot.day)
    if snapshot.model is None:
        return _view(snapshot, 0, (), (), (), override, history)
    model = read(snapshot.model.body)
    scored = explained(model, snapshot)
    counted = [part for part in scored.parts if _counts(part, scored)]
    shifts = _shifts(model, snapshot, override)
    start = _whole(model.base)
    end = snapshot.score if snapshot.score is not None else snapshot.capped
    exact = [part.points for part in counted] + [points for _, _, points in shifts]
    points = whole_points(exact, _whole(end) - start) if end is not None else [0] * len(exact)
    drivers = [
        _driver(part, snapshot, worth)
        for part, worth in zip(counted, points[: len(counted)], strict=True)
    ]
    steps = tuple(
        Step(name, note, worth)
        for (name, note, _), worth in zip(shifts, points[len(counted) :], strict=True)
    )
    missing = tuple(_driver(part, snapshot, 0) for part in scored.parts if part not in counted)
    ordered = tuple(sorted(drivers, key=lambda driver: driver.points))
    return _view(snapshot, start, ordered, missing, steps, override, history)


def explained(model: Model, snapshot: Snapshot) -> Scored:
    """The stored values of a snapshot scored again by the model it was scored with."""
    return score(model, _keyed(snapshot.values), _keyed(snapshot.ages))


def moved(account_id: UUID, until: date, since: date) -> Moved | None:
    """What moved the score between the newest snapshots by two days; None where one is missing.

    Measures, caps, an override and another model, most first; together they are the change. Four
    queries.
    """
    zone, known = zone_of_tenant(), len(MEASURES)  # read whether or not two days are stored
    overrides = list(
        Override.objects.filter(account_id=account_id)
        .select_related("author")
        .order_by("-created_at", "-id")
    )
    after, before = latest(account_id, until), latest(account_id, since)
    if not known or after is None or before is None or after.model is None or before.model is None:
        return None
    model, former = read(after.model.body), read(before.model.body)
    old = explained(model, before)
    moves = [
        _move(part, old, before, after)
        for part in explained(model, after).parts
    ]  # fmt: skip
    if before.model_id != after.model_id and before.base is not None and old.base is not None:
        moves.append(
            Move("", "The model", str(before.model), str(after.model), old.base - before.base)
        )
    shifts = [
        {
            name: points
            for name, _, points in _shifts(of, each, _in_force(overrides, each.day, zone))
        }
        for of, each in ((former, before), (model, after))
    ]
    moves += [
        Move("", name, _signed(shifts[0].get(name)), _signed(shifts[1].get(name)),
             shifts[1].get(name, 0.0) - shifts[0].get(name, 0.0))
        for name in dict.fromkeys([*shifts[0], *shifts[1]])
    ]  # fmt: skip
    told = [move for move in moves if abs(move.points) >= TOLD_FROM]
    ordered = tuple(sorted(told, key=lambda move: -abs(move.points)))
    return Moved(before.day, after.day, before.score, after.score, ordered)


def _in_force(overrides: Sequence[Override], day: date, zone: str) -> Override | None:
    """Of an account's overrides, the newest first, the one that counted at the end of a day."""
    at = Moment(day, zone).ends_at
    return next(
        (
            each
            for each in overrides
            if each.created_at <= at <= each.expires_at
            and (each.ended_at is None or each.ended_at > at)
        ),
        None,
    )


def _move(part: Part, old: Scored, before: Snapshot, after: Snapshot) -> Move:
    key = part.metric.measure
    then = next(each.points for each in old.parts if each.metric.measure == key)
    return Move(
        key,
        MEASURES[key].name,
        value_words(key, _at(before.values, key)),
        value_words(key, _at(after.values, key)),
        part.points - then,
    )


def _signed(points: float | None) -> str:
    return "none" if points is None else f"{signed(points)} points"


def weekly(account_id: UUID, today: date) -> tuple[tuple[date, float | None], ...]:
    """The score of each of the last weeks on today's weekday, oldest first. One query."""
    first = today - timedelta(days=7 * HISTORY_WEEKS)
    known = Snapshot.objects.filter(account_id=account_id, day__gt=first, day__lte=today)
    by_week: dict[int, float | None] = {}
    for day, shown in known.order_by("day").values_list("day", "score"):
        by_week[(today - day).days // 7] = shown
    if not by_week:
        return ()
    return tuple(
        (today - timedelta(days=7 * week), by_week.get(week))
        for week in range(max(by_week), -1, -1)
    )


def _override(account_id: UUID, day: date) -> Override | None:
    """The override that counted at the end of a day, by the rule that scored it."""
    at = Moment(day, zone_of_tenant()).ends_at
    found = Override.objects.filter(account_id=account_id, created_at__lte=at, expires_at__gte=at)
    counting = found.filter(Q(ended_at=None) | Q(ended_at__gt=at)).select_related("author")
    return counting.order_by("-created_at", "-id").first()


def _counts(part: Part, scored: Scored) -> bool:
    return part.score is not None and scored.dimensions[part.dimension.key] is not None


def _shifts(
    model: Model, snapshot: Snapshot, override: Override | None
) -> list[tuple[str, str, float]]:
    """What caps and an override change, in points."""
    shifts = []
    if snapshot.base is not None and snapshot.capped is not None:
        held = [cap for cap in model.caps if cap.key in snapshot.caps]
        if held and snapshot.capped < snapshot.base:
            cap = min(held, key=lambda each: each.most)
            note = f"at most {cap.most:g} while it lasts"
            shifts.append((cap.name, note, snapshot.capped - snapshot.base))
    if override is not None and snapshot.score is not None:
        computed = model.base if snapshot.capped is None else snapshot.capped
        note = f"{override.author} set {override.score:g}: {override.reason}"
        shifts.append(("Override", note, snapshot.score - computed))
    return shifts


def _driver(part: Part, snapshot: Snapshot, points: int) -> Driver:
    key = part.metric.measure
    value = _at(snapshot.values, key)
    is_missing = part.score is None
    return Driver(
        key=key,
        name=MEASURES[key].name,
        value="no fresh data" if value is None else value_words(key, value),
        points=points,
        freshness=_freshness(part, snapshot),
        dimension=part.dimension.name,
        is_missing=is_missing,
    )


def _freshness(part: Part, snapshot: Snapshot) -> str:
    """How old the newest input is, where that can be told and matters."""
    age = _at(snapshot.ages, part.metric.measure)
    if age is None:
        return ""
    age = int(age)
    if part.score is None:
        return f"out of date, {plural(age, 'day')} old"
    return "" if age <= 1 else f"as of {days(-age)}"


def _keyed(values: Sequence[float | None]) -> Mapping[str, float | None]:
    return {
        measure.key: values[measure.slot - 1]
        for measure in by_slot()
        if measure.slot <= len(values)
    }


def _at(values: Sequence[float | None], key: str) -> float | None:
    slot = MEASURES[key].slot
    return values[slot - 1] if slot <= len(values) else None


def _whole(value: float | None) -> int:
    return floor((value or 0) + 0.5)


def _view(
    snapshot: Snapshot,
    start: int,
    drivers: tuple[Driver, ...],
    missing: tuple[Driver, ...],
    steps: tuple[Step, ...],
    override: Override | None,
    history: tuple[tuple[date, float | None], ...],
) -> HealthView:
    return HealthView(
        score=snapshot.score,
        band=snapshot.band,
        coverage=snapshot.coverage,
        change_28=snapshot.change_28,
        model=snapshot.model,
        base_points=start,
        drivers=drivers,
        missing=missing,
        steps=steps,
        override=override,
        day=snapshot.day,
        as_of=snapshot.recorded_at,
        history=history,
    )
