"""All impact across accounts: how far each came, what it is worth, what proves it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Abs, Cast, NullIf, Sign

from accounts.models import Account
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.impact import Progress, judged
from spiced.rules.register import Standing

ORDERS = {
    "value": (F("realised").asc(nulls_first=True), F("promised").asc(nulls_first=True)),
    "account": (F("account__name_norm").asc(),),
    "deadline": (F("deadline_on").asc(nulls_last=True),),
    "age": (F("proved_on").desc(nulls_last=True),),
}


OPEN = (ImpactGoal.Status.PROPOSED, ImpactGoal.Status.AGREED, ImpactGoal.Status.ACTIVE)
STANDING_DOUBT = Case(When(confirmed_at=None, then=F("doubted_at")))  # of a measurement
Goals = QuerySet[Any]  # of ImpactGoal, with standing, promised and realised


@dataclass(frozen=True)
class Line:
    """One impact of the register. realised_minor, promised_minor: money a year, or None.

    doubt: the newest measurement, where the account says “not yet” to it.
    """

    progress: Progress
    standing: Standing
    realised_minor: int | None
    promised_minor: int | None
    age_days: int
    doubt: ImpactMeasurement | None

    @property
    def goal(self) -> ImpactGoal:
        return self.progress.goal


@dataclass(frozen=True)
class Sums:
    """The impacts of one standing. n_valued: how many of them have a worth."""

    n: int = 0
    n_valued: int = 0
    promised_minor: int = 0
    realised_minor: int = 0


def register(accounts: QuerySet[Account], today: date) -> Goals:
    """Every goal not retired of some accounts, as `standings` has them."""
    return standings(accounts, today).exclude(status=ImpactGoal.Status.RETIRED)


def standings(accounts: QuerySet[Account], today: date) -> Goals:
    """Every goal of some accounts, with `standing`, `state`, `promised`, `realised`.

    state: the status, `missed` where the date has passed short of the target.

    Only what was measured up to today counts, and only what was confirmed is realised. doubted:
    when the account said “not yet” to the newest measurement, which is no achievement then.
    """
    readings = ImpactMeasurement.objects.filter(goal=OuterRef("pk"), measured_on__lte=today)
    newest = readings.order_by("-measured_on", "-recorded_at", "-id")
    proofs = newest.filter(confirmed_at__isnull=False)
    way = F("target") - F("baseline")
    worth = Cast("unit_value_minor", FloatField())
    return (
        ImpactGoal.objects.filter(account__in=accounts)
        .annotate(
            last=Subquery(newest.values("value")[:1]),
            proved=Subquery(proofs.values("value")[:1]),
            doubted=Subquery(newest.annotate(doubt_on=STANDING_DOUBT).values("doubt_on")[:1]),
        )
        .annotate(
            standing=Case(
                When(
                    Q(status=ImpactGoal.Status.ACHIEVED)
                    | Q(proved__isnull=False) & _reached("proved"),
                    then=Value(str(Standing.CONFIRMED)),
                ),
                When(
                    Q(last__isnull=False, doubted__isnull=True) & _reached("last"),
                    then=Value(str(Standing.ACHIEVED)),
                ),
                When(last__isnull=False, then=Value(str(Standing.ON_THE_WAY))),
                default=Value(str(Standing.PROMISED)),
            ),
            state=Case(
                When(
                    Q(deadline_on__lt=today, status__in=OPEN)
                    & ~(Q(proved__isnull=False) & _reached("proved")),
                    then=Value(str(ImpactGoal.Status.MISSED)),
                ),
                default=F("status"),
            ),
            promised=Abs(way) * worth,
            realised=(F("proved") - F("baseline")) * Sign(NullIf(way, 0.0)) * worth,
        )
    )


def _reached(value: str) -> Q:
    up = Q(target__gt=F("baseline"), **{f"{value}__gte": F("target")})
    return up | Q(target__lt=F("baseline"), **{f"{value}__lte": F("target")})


def narrowed(
    goals: Goals,
    *,
    standing: str = "",
    kind: str = "",
    words: str = "",
    owner: UUID | None = None,
    segment: str = "",
    is_one_sided: bool = False,
    is_doubted: bool = False,
) -> Goals:
    """Those of a standing, kind, owner and segment.

    is_one_sided: of accounts nobody feels it at; is_doubted: that the account says “not yet” to.
    """
    if is_doubted:
        goals = goals.filter(doubted__isnull=False)
    if standing:
        goals = goals.filter(standing=standing)
    if kind:
        goals = goals.filter(kind=kind)
    if words:
        goals = goals.filter(
            Q(account__name_norm__contains=words.casefold())
            | Q(measure__icontains=words)
            | Q(statement__icontains=words)
        )
    if owner:
        goals = goals.filter(account__owner_id=owner)
    if segment:
        goals = goals.filter(account__segment=segment)
    if is_one_sided:
        felt = ImpactGoal.objects.filter(
            account=OuterRef("account"), kind=ImpactGoal.Kind.EMOTIONAL
        ).exclude(status=ImpactGoal.Status.RETIRED)
        goals = goals.filter(~Exists(felt))
    return goals


def sums(goals: Goals) -> Mapping[Standing, Sums]:
    """What stands behind each standing. One query."""
    found = (
        goals.order_by()
        .values("standing")
        .annotate(
            n=Count("pk"), n_valued=Count("unit_value_minor"), a=Sum("promised"), b=Sum("realised")
        )
    )
    counted = {
        Standing(row["standing"]): Sums(
            row["n"], row["n_valued"], round(row["a"] or 0), round(row["b"] or 0)
        )
        for row in found
    }
    return {standing: counted.get(standing, Sums()) for standing in Standing}


def ordered(goals: Goals, sort: str, today: date) -> Goals:
    """In the order asked for, such as `-value`; a key of ORDERS."""
    key = sort.removeprefix("-")
    if key == "age":
        proofs = ImpactMeasurement.objects.filter(
            goal=OuterRef("pk"), measured_on__lte=today, confirmed_at__isnull=False
        )
        goals = goals.annotate(
            proved_on=Subquery(proofs.order_by("-measured_on").values("measured_on")[:1])
        )
    by = [each.copy() for each in ORDERS[key]]
    if sort.startswith("-"):
        for each in by:
            each.reverse_ordering()
    return goals.order_by(*by, "id")


def lines(goals: Iterable[ImpactGoal], today: date) -> list[Line]:
    """Goals of a page of the register, judged. Goals come with account, owner and person.

    One query.
    """
    rows: list[Any] = list(goals)
    measured: defaultdict[UUID, list[ImpactMeasurement]] = defaultdict(list)
    found = ImpactMeasurement.objects.filter(goal__in=rows, measured_on__lte=today)
    for each in found.select_related("confirmed_by", "doubted_by").order_by(
        "-measured_on", "-recorded_at", "-id"
    ):
        measured[each.goal_id].append(each)
    return [_line(goal, judged(goal, tuple(measured[goal.pk]), today), today) for goal in rows]


def _line(goal: Any, progress: Progress, today: date) -> Line:
    since = progress.current.measured_on if progress.current else goal.recorded_at.date()
    return Line(
        progress,
        Standing(goal.standing),
        None if goal.realised is None else round(goal.realised),
        None if goal.promised is None else round(goal.promised),
        max((today - since).days, 0),
        progress.measurements[0] if goal.doubted else None,
    )
