"""A number that each customer reports month by month, and the measure the company made of it."""

from datetime import datetime, time, timedelta

from csom.demo.scene import Scene
from health.actions.own_measures import make_measure
from pulse.models import Series, SeriesValue

MONTHS = 9


def fill_series(scene: Scene) -> None:
    """Hours of training by month for the customers that are live, fewer where use is falling."""
    Series.objects.create(key="training_hours", name="Hours of training")
    first = scene.today.replace(day=1)
    days = [first]
    while len(days) < MONTHS:
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    values = []
    for life in scene.lives:
        account = scene.accounts[life.number]
        live_on = life.reached("live") or (life.since if life.reached("first_impact") else None)
        for day in days:
            if live_on is None or day < live_on or (life.left_on and day > life.left_on):
                continue
            is_falling = life.falls_on is not None and day >= life.falls_on
            hours = life.seats * life.adoption * (0.1 if is_falling else 0.4)
            told = datetime.combine(day + timedelta(days=1), time(6), scene.zone)
            values.append(
                SeriesValue(
                    tenant=scene.tenant, account=account, series="training_hours", day=day,
                    value=round(hours * (0.8 + 0.1 * ((life.number + day.month) % 5)), 1),
                    recorded_at=min(told, scene.now),
                )
            )  # fmt: skip
    SeriesValue.objects.bulk_create(values, batch_size=2000)
    make_measure(
        author=scene.admin,
        now=scene.now,
        name="Training in a quarter",
        kind="series",
        reads="training_hours",
        take="sum",
        days=90,
        direction="up",
        stale_after_days=70,
    )
