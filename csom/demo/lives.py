"""What becomes of each account: drawn once from the seed, then told by every other module.

Pure arithmetic of dates and chance, no database.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from accounts.rules.renewal import months_after
from csom.demo.worlds import FIRST_WORDS, MONTHS, World

T = TypeVar("T")


class Fate(StrEnum):
    """How an account does."""

    WELL = "well"
    GROWING = "growing"
    SLIPPING = "slipping"
    TROUBLED = "troubled"
    NEW = "new"
    LEFT = "left"
    COURTED = "courted"


SHARES = (
    (Fate.WELL, 0.40),
    (Fate.GROWING, 0.11),
    (Fate.SLIPPING, 0.15),
    (Fate.TROUBLED, 0.11),
    (Fate.NEW, 0.09),
    (Fate.LEFT, 0.09),
    (Fate.COURTED, 0.05),
)
SIZES = (  # segment, touch model, share of accounts, lowest and highest ARR, seats
    ("enterprise", "high", 0.14, 104_000, 260_000, (14, 24)),
    ("mid_market", "mid", 0.40, 26_000, 88_000, (8, 14)),
    ("small", "low", 0.34, 5_400, 22_000, (5, 8)),
    ("self_serve", "tech", 0.12, 2_400, 4_800, (3, 5)),
)
CAUSES = ("price", "missing_feature", "low_adoption", "champion_left", "acquired", "insolvency")


@dataclass(frozen=True)
class Term:
    """A contract in the life of an account. changed: a day and by how much its ARR moved then."""

    starts_on: date
    ends_on: date
    arr_minor: int
    is_module: bool = False
    changed: tuple[date, int] | None = None


@dataclass
class Life:
    """One account from its first day to today. seats: of its main contract."""

    number: int
    name: str
    fate: Fate
    segment: str
    touch_model: str
    trade: str
    region: str
    seats: int
    since: date
    today: date
    arr_minor: int
    terms: list[Term] = field(default_factory=list)
    stages: list[tuple[str, date]] = field(default_factory=list)
    adoption: float = 0.9  # of the seats
    breadth: int = 5  # features in use
    falls_on: date | None = None
    falls_to: float = 1.0
    falls_in: int = 60  # days
    left_on: date | None = None
    cause: str = ""
    champion_left_on: date | None = None

    @property
    def is_customer(self) -> bool:
        return self.fate is not Fate.COURTED

    @property
    def stage(self) -> str:
        return self.stages[-1][0]

    def reached(self, stage: str) -> date | None:
        return next((day for name, day in self.stages if name == stage), None)


def lives(world: World, *, today: date, seed: int, count: int) -> list[Life]:
    """The lives of so many accounts of a company, always the same for a seed and a day."""
    chance = random.Random(f"{world.slug} {seed}")  # noqa: S311 - a story, not a secret
    names = _names(world, chance, count)
    fates = _dealt(chance, count, SHARES)
    sizes = _dealt(chance, count, tuple((size, size[2]) for size in SIZES))
    news = [number for number, fate in enumerate(fates) if fate is Fate.NEW]
    return [
        _life(
            world, chance, number, names[number], fates[number], sizes[number], today,
            just_signed=number in news[::2],
        )
        for number in range(count)
    ]  # fmt: skip


def _names(world: World, chance: random.Random, count: int) -> list[str]:
    pairs = [f"{first} {last}" for first in FIRST_WORDS for last in world.last_words]
    return [f"{name} {chance.choice(world.endings)}" for name in chance.sample(pairs, count)]


def _dealt(chance: random.Random, count: int, shares: tuple[tuple[T, float], ...]) -> list[T]:
    """Each kind as often as its share says, in a drawn order."""
    dealt = [kind for kind, share in shares for _ in range(round(share * count))]
    first = shares[0][0]
    dealt = (dealt + [first] * count)[:count]
    chance.shuffle(dealt)
    return dealt


def _life(
    world: World,
    chance: random.Random,
    number: int,
    name: str,
    fate: Fate,
    size: tuple[str, str, float, int, int, tuple[int, int]],
    today: date,
    *,
    just_signed: bool,
) -> Life:
    if fate in (Fate.LEFT, Fate.TROUBLED) and size is SIZES[0] and number % 3:
        size = SIZES[1]  # the largest are looked after best
    segment, touch_model, _, low, high, seats = size
    months = MONTHS * 30
    aged = chance.randint(100, months - 20) if chance.random() < 0.32 else chance.randint(430, 1400)
    if fate is Fate.NEW:
        aged = chance.randint(1, 6) if just_signed else chance.randint(9, 95)
    elif fate is Fate.COURTED:
        aged = 0
    elif fate in (Fate.LEFT, Fate.TROUBLED, Fate.SLIPPING):
        aged = chance.randint(400, 1400)
    life = Life(
        number=number,
        name=name,
        fate=fate,
        segment=segment,
        touch_model=touch_model,
        trade=chance.choice(world.trades),
        region=chance.choice(world.regions),
        seats=chance.randint(*seats),
        since=today - timedelta(days=aged),
        today=today,
        arr_minor=int(round(chance.uniform(low, high), -2)) * 100,
    )
    _falls(life, chance)
    _contracts(life, chance)
    _stages(life, chance)
    return life


def _falls(life: Life, chance: random.Random) -> None:
    """How it uses the product, and when that goes down."""
    life.adoption = chance.uniform(0.66, 1.0)
    life.breadth = chance.choice((3, 4, 4, 5, 5))
    if life.fate is Fate.SLIPPING:
        life.falls_on = life.today - timedelta(days=chance.randint(40, 90))
        life.falls_to, life.falls_in = chance.uniform(0.5, 0.68), 50
        life.adoption, life.breadth = chance.uniform(0.55, 0.7), 3
    elif life.fate is Fate.TROUBLED:
        life.falls_on = life.today - timedelta(days=chance.randint(50, 110))
        life.falls_to, life.falls_in = chance.uniform(0.12, 0.3), 60
        life.adoption, life.breadth = chance.uniform(0.4, 0.6), 2
    if life.fate in (Fate.SLIPPING, Fate.TROUBLED) and chance.random() < 0.4:
        life.champion_left_on = life.today - timedelta(days=chance.randint(9, 60))
    elif life.fate is Fate.WELL and chance.random() < 0.04:
        life.champion_left_on = life.today - timedelta(days=chance.randint(3, 20))


def _contracts(life: Life, chance: random.Random) -> None:
    """A year after the other, renewed flat, up or down; a module on top; or an end."""
    if not life.is_customer:
        return
    terms = _terms_to_today(life, chance)
    if life.fate is Fate.LEFT:
        _end(life, chance, terms)
    last = terms[-1]
    if life.fate is Fate.GROWING and last.ends_on > life.today:
        begins = max(last.starts_on, life.today - timedelta(days=chance.randint(20, 300)))
        extra = int(round(last.arr_minor / 100 * chance.uniform(0.4, 0.9), -2)) * 100
        terms.append(Term(begins, last.ends_on, extra, is_module=True))
    elif life.fate is Fate.SLIPPING and chance.random() < 0.4 and last.ends_on > life.today:
        day = max(
            last.starts_on + timedelta(1), life.today - timedelta(days=chance.randint(15, 250))
        )
        if day < life.today:
            cut = int(round(last.arr_minor / 100 * chance.uniform(0.08, 0.22), -2)) * 100
            terms[-1] = Term(last.starts_on, last.ends_on, last.arr_minor - cut, False, (day, -cut))
    life.terms = terms
    life.arr_minor = sum(term.arr_minor for term in terms if term.ends_on > life.today)


def _terms_to_today(life: Life, chance: random.Random) -> list[Term]:
    terms: list[Term] = []
    starts_on, arr = life.since, life.arr_minor
    while not terms or terms[-1].ends_on <= life.today:
        ends_on = months_after(starts_on, 12)
        terms.append(Term(starts_on, ends_on, arr))
        starts_on = ends_on
        change = chance.choice((0, 0, 0.03, 0.05, 0.08, 0.14))
        if life.fate in (Fate.SLIPPING, Fate.TROUBLED):
            change = chance.choice((0, 0, 0, -0.06, -0.12))
        arr = int(round(arr / 100 * (1 + change), -1)) * 100
    return terms


def _end(life: Life, chance: random.Random, terms: list[Term]) -> None:
    """It left at the end of a term some time in the last year, after its usage fell."""
    away = chance.randint(12, 330)
    life.left_on = life.today - timedelta(days=away)
    shift = timedelta(days=(months_after(life.left_on, 0) - life.left_on).days)
    ends_on = life.left_on + shift
    life.since = min(life.since, months_after(ends_on, -12))
    years = max(1, round((ends_on - life.since).days / 365))
    life.since = months_after(ends_on, -12 * years)
    arr = terms[0].arr_minor
    terms[:] = [
        Term(months_after(life.since, 12 * year), months_after(life.since, 12 * year + 12), arr)
        for year in range(years)
    ]
    life.left_on = terms[-1].ends_on
    life.cause = chance.choice(CAUSES)
    life.falls_on = life.left_on - timedelta(days=chance.randint(110, 170))
    life.falls_to, life.falls_in = chance.uniform(0.05, 0.3), 70
    if life.cause == "champion_left":
        life.champion_left_on = life.falls_on - timedelta(days=10)


def _stages(life: Life, chance: random.Random) -> None:
    """Along the bowtie as far as its age and fate allow; onboarding is late now and then."""
    if not life.is_customer:
        path = ["prospect", "mql", "sql", "sal"][: chance.randint(3, 4)]
        begins = life.today - timedelta(days=chance.randint(25, 90))
        pause = timedelta(days=chance.randint(4, 7))
        life.stages = [(stage, begins + pause * at) for at, stage in enumerate(path)]
        return
    planned = {"high": 50, "mid": 38, "low": 13, "tech": 10}[life.touch_model]
    late = chance.choice((0.7, 0.85, 0.9, 1.0, 1.0, 1.1, 1.5))
    if life.fate is Fate.NEW:
        late = chance.choice((0.9, 1.0, 2.2, 2.6))
    gaps = {
        "sal": -chance.randint(25, 70),
        "committed": 0,
        "onboarding": chance.randint(3, 8) if (life.today - life.since).days > 8 else 8,
        "live": int(planned * late) + 8,
        "first_impact": int((planned + 24) * late) + 14,
        "recurring_impact": chance.randint(190, 260),
        "max_impact": chance.randint(330, 480),
    }
    gaps = {"prospect": gaps["sal"] - 50, "mql": gaps["sal"] - 30, "sql": gaps["sal"] - 15} | gaps
    stops = {Fate.WELL: chance.choice(("recurring_impact", "recurring_impact", "max_impact"))}
    stops |= {Fate.GROWING: "max_impact", Fate.NEW: "live"}
    last = stops.get(life.fate, "recurring_impact" if chance.random() < 0.5 else "first_impact")
    until = life.left_on or life.today
    for stage, gap in gaps.items():
        day = life.since + timedelta(days=gap)
        if day < until or stage == "committed":
            life.stages.append((stage, min(day, life.today)))
        if stage == last:
            break
    if life.left_on:
        life.stages.append(("churned", life.left_on))
