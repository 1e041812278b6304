"""Whether what is shown is as fresh as it should be, and the words for it where it is not."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tenants.formats import clock, day

NIGHT = "health.night"  # the kind of job that takes snapshots and scores
REPLAY = "health.replay"  # the job that scores past weeks
CHURN_MODEL = "health.churn_model"  # the job that learns what goes before losses
NIGHT_MAY_TAKE = timedelta(hours=2)  # from when it is due
USAGE_DAYS = 7  # without news, as the measures of usage have it


@dataclass(frozen=True)
class Freshness:
    """What is out of date. night_due: when the night that is not done was to begin, local time;
    usage_until: the last day of which usage arrived. None where all is well.
    """

    night_due: datetime | None = None
    usage_until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.night_due or self.usage_until)


def judged(
    *,
    night_due: datetime | None,
    usage_until: date | None,
    span_days: int,
    now: datetime,
) -> Freshness:
    """What is late. now: in the tenant's time zone.

    night_due: of the oldest night that is not done. usage_until: the last day that usage of
    any account is known of; span_days: 7 from a source that counts weeks, which has a week more.
    """
    is_late = night_due is not None and now - night_due > NIGHT_MAY_TAKE
    days = USAGE_DAYS + (span_days if span_days > 1 else 0)
    is_old = usage_until is not None and (now.date() - usage_until).days > days
    return Freshness(night_due if is_late else None, usage_until if is_old else None)


def words(found: Freshness, today: date) -> str:
    """One calm sentence: "Not up to date: …"."""
    parts = []
    if found.night_due:
        since = f"{day(found.night_due.date(), today)}, {clock(found.night_due)}"
        parts.append(f"scores and plays wait for the night’s work that was due on {since}")
    if found.usage_until:
        parts.append(f"no usage has arrived since {day(found.usage_until, today)}")
    return f"Not up to date: {'; '.join(parts)}."
