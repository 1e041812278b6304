"""How onboarding went: value, promises kept, kickoffs, satisfaction (operating model, 6)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

KICKOFF_WITHIN = 7  # days after commit
SATISFIED = 4  # of 5
SMALL = 30


@dataclass(frozen=True)
class Life:
    """One account from commit on. began_on: where the clock of First Impact starts.

    value_on: the first day of use that counts, as we see it; reached_on: First Impact, as they
    confirmed it; agreed_on: the day agreed for it in the plan; scores: their answers 1 to 5.
    """

    account_id: object
    name: str
    committed_on: date
    began_on: date
    value_on: date | None = None
    reached_on: date | None = None
    agreed_on: date | None = None
    kickoff_on: date | None = None
    scores: tuple[int, ...] = ()

    @property
    def to_value(self) -> int | None:
        """Days from the start of the clock to the first value, 0 where it came before."""
        return None if self.value_on is None else max(0, (self.value_on - self.began_on).days)

    @property
    def to_impact(self) -> int | None:
        return None if self.reached_on is None else (self.reached_on - self.began_on).days

    @property
    def gap(self) -> int | None:
        """Days between first value and First Impact; negative where they confirmed it first."""
        if self.to_value is None or self.to_impact is None:
            return None
        return self.to_impact - self.to_value


@dataclass(frozen=True)
class Figure:
    """A median of days, or a share of `met`, over n; lives: those behind it."""

    key: str
    label: str
    note: str
    lives: Sequence[Life]
    days: float | None = None
    met: int | None = None

    @property
    def n(self) -> int:
        return len(self.lives)

    @property
    def share(self) -> float | None:
        return None if self.met is None or not self.lives else self.met / self.n

    @property
    def is_low_n(self) -> bool:
        return 0 < self.n < SMALL


def figures(lives: Sequence[Life], today: date) -> list[Figure]:
    """The figures of onboarding over accounts that committed in a window."""
    answered = [each for each in lives if each.scores]
    due = [each for each in lives if is_due(each, today)]
    starting = [each for each in lives if has_kickoff_due(each, today)]
    unseen = [each for each in lives if each.value_on and not each.reached_on]
    return [
        _days("value", "Time to first value", "first core use, as we see it", lives, _to_value),
        _days("impact", "Time to First Impact", "as the account confirmed it", lives, _to_impact),
        _days("gap", "From value to impact", "used, and not yet confirmed", lives, _gap),
        Figure("unseen", "Used, without First Impact", "value nobody has acknowledged", unseen),
        Figure(
            "on_time", "First Impact on time", "by the day agreed in the plan", due,
            met=sum(is_on_time(each) for each in due),
        ),
        Figure(
            "kickoff", f"Kickoff within {KICKOFF_WITHIN} days", "of commit", starting,
            met=sum(is_kickoff_on_time(each) for each in starting),
        ),
        Figure(
            "csat", "Satisfied with onboarding",
            f"last CSAT answer {SATISFIED} or 5, until 30 days after First Impact", answered,
            met=sum(each.scores[-1] >= SATISFIED for each in answered),
        ),
    ]  # fmt: skip


def is_due(life: Life, today: date) -> bool:
    """Whether the day agreed for First Impact can be judged: it was reached, or has passed."""
    return life.agreed_on is not None and (life.reached_on is not None or life.agreed_on < today)


def is_on_time(life: Life) -> bool:
    return bool(life.reached_on and life.agreed_on and life.reached_on <= life.agreed_on)


def has_kickoff_due(life: Life, today: date) -> bool:
    """Whether a kickoff can be judged: it was held, or more than seven days have passed."""
    return life.kickoff_on is not None or (today - life.committed_on).days > KICKOFF_WITHIN


def is_kickoff_on_time(life: Life) -> bool:
    held = life.kickoff_on
    return held is not None and (held - life.committed_on).days <= KICKOFF_WITHIN


def _to_value(life: Life) -> int | None:
    return life.to_value


def _to_impact(life: Life) -> int | None:
    return life.to_impact


def _gap(life: Life) -> int | None:
    return life.gap


def _days(
    key: str, label: str, note: str, lives: Iterable[Life], read: Callable[[Life], int | None]
) -> Figure:
    known = [(each, days) for each in lives if (days := read(each)) is not None]
    took = median(days for _, days in known) if known else None
    return Figure(key, label, note, [each for each, _ in known], days=took)
