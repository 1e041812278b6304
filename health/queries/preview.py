"""What a draft of a model would change, on the newest snapshots: nothing is published blind."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from health.models import HealthModel, Snapshot
from health.queries.measuring import Moment
from health.queries.models import published
from health.queries.scoring import scored
from health.queries.today import zone_of_tenant
from health.rules.models import Model, read

MOVERS = 10
TABLE = Snapshot._meta.db_table


@dataclass(frozen=True)
class Shift:
    """One account with its score and band before and after. ARR in minor units."""

    account_id: UUID
    name: str
    arr_minor: int
    score_before: float | None
    score_after: float | None
    band_before: str
    band_after: str

    @property
    def points(self) -> float:
        if self.score_before is None or self.score_after is None:
            return 0.0
        return self.score_after - self.score_before

    @property
    def is_moved(self) -> bool:
        return self.band_before != self.band_after


@dataclass(frozen=True)
class Preview:
    """The accounts a draft would score, before and after, as of a day."""

    day: date | None
    shifts: tuple[Shift, ...]

    @property
    def n(self) -> int:
        return len(self.shifts)

    @property
    def changed(self) -> list[Shift]:
        """Accounts that change band, the largest first."""
        return sorted(
            (shift for shift in self.shifts if shift.is_moved), key=lambda each: -each.arr_minor
        )

    @property
    def movers(self) -> list[Shift]:
        """The accounts whose score moves most."""
        moved = [shift for shift in self.shifts if abs(shift.points) >= 0.05]
        return sorted(moved, key=lambda shift: -abs(shift.points))[:MOVERS]

    def bands(self, *, after: bool) -> Counter[str]:
        return Counter(shift.band_after if after else shift.band_before for shift in self.shifts)

    def arr(self, band: str, *, after: bool) -> int:
        return sum(
            shift.arr_minor
            for shift in self.shifts
            if (shift.band_after if after else shift.band_before) == band
        )

    def histogram(self, *, after: bool) -> list[int]:
        """Accounts in each ten points of score, from 0 to 9 up to 90 to 100."""
        counts = [0] * 10
        for shift in self.shifts:
            score = shift.score_after if after else shift.score_before
            if score is not None:
                counts[min(int(score // 10), 9)] += 1
        return counts


def preview(draft: HealthModel) -> Preview:
    """Score the newest snapshots with a draft in place of its model. Four queries."""
    newest = Snapshot.objects.order_by("-day").values_list("day", flat=True).first()
    if newest is None:
        return Preview(None, ())
    now = {version.key: version for version in published().on(newest)}
    former = now.get(draft.key)
    models = [read(draft.body)]
    models += [read(version.body) for key, version in now.items() if key != draft.key]
    places = models[0].places | (read(former.body).places if former else set())
    return Preview(newest, tuple(_shifts(models, places, newest)))


def _shifts(models: list[Model], places: set[Any], day: date) -> list[Shift]:
    sql, parameters = scored(models, "stored")
    statement = f"""
        WITH stored AS MATERIALIZED (
            SELECT s.account_id, a.name, s.values, s.ages, s.stage, s.segment, s.touch_model,
                s.owner_id, s.tags, s.traits,
                s.arr_minor, s.score AS score_before, s.band AS band_before
            FROM {TABLE} s JOIN accounts_account a ON a.id = s.account_id
            WHERE s.day = %(day)s AND a.archived_at IS NULL
                AND s.touch_model || '/' || s.stage = ANY(%(places)s)
        ), {sql}
        SELECT account_id, name, arr_minor, score_before, score, band_before, band FROM scored
        ORDER BY name, account_id
    """
    parameters |= Moment(day, zone_of_tenant()).parameters()
    parameters["places"] = [f"{touch}/{stage}" for touch, stage in sorted(places)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [Shift(*row) for row in cursor.fetchall()]
