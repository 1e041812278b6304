"""The numbers of the at-risk page: one pass over the rows in scope."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, QuerySet, Sum

from health.models import AccountRow
from health.queries.listed import Meets
from health.queries.rows import Standing
from health.rules.tree import Compare

TOUCHED_DAYS = 14
BANDS = ("red", "yellow", "green", "unknown")


@dataclass(frozen=True)
class Sums:
    """How many accounts, and their ARR in minor units."""

    n: int
    arr_minor: int


@dataclass(frozen=True)
class Figures:
    """The scope as a whole, each standing list in it, and what holds of the accounts at risk.

    bands: what each holds. scored_on: the day of the newest score in scope; None where nothing is
    scored. entered, left: red within a week; has_before: whether any band of then is known.
    """

    whole: Sums
    kinds: dict[str, Sums]
    renewing_at_risk: Sums
    bands: dict[str, Sums]
    entered: Sums
    left: Sums
    has_before: bool
    touched: int
    scored_on: date | None


def figures(rows: QuerySet[AccountRow], lists: Standing) -> Figures:
    """Everything at once. One query.

    Rows are grouped by all that is asked of them, a few dozen groups, and the groups are added up
    here: each condition is looked at once a row, however many figures read it.
    """
    asked = {**lists.of_kind, "touched": Compare("days_since_touch", "<=", TOUCHED_DAYS)}
    flags = {f"is_{name}": Meets(each, lists.today) for name, each in asked.items()}
    groups = list(
        rows.annotate(**flags)
        .values("band", "band_before", *flags)
        .annotate(n=Count("account_id"), arr=Sum("arr_minor"), day=Max("scored_on"))
        .order_by()
    )

    def sums(*names: str, **columns: str) -> Sums:
        chosen = [
            group
            for group in groups
            if all(group[f"is_{name}"] for name in names)
            and all(group[column] == value for column, value in columns.items())
        ]
        return Sums(sum(each["n"] for each in chosen), sum(each["arr"] for each in chosen))

    red, was_red = sums(band="red"), sums(band_before="red")
    still = sums(band="red", band_before="red")
    return Figures(
        whole=sums(),
        kinds={name: sums(name) for name in lists.of_kind},
        renewing_at_risk=sums("renewing", "at_risk"),
        bands={band: sums(band=band) for band in BANDS},
        entered=Sums(red.n - still.n, red.arr_minor - still.arr_minor),
        left=Sums(was_red.n - still.n, was_red.arr_minor - still.arr_minor),
        has_before=any(group["band_before"] for group in groups),
        touched=sums("at_risk", "touched").n,
        scored_on=max((group["day"] for group in groups if group["day"]), default=None),
    )
