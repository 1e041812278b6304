"""Lists of accounts: what may be asked of them, and the columns they have."""

from dataclasses import dataclass, field

from accounts.rules.custom import PREFIX, named
from accounts.rules.fields import Kind
from health.rules.tree import Condition

PAGE = 50
RENEWAL_WINDOWS = (30, 60, 90, 120, 180, 365)
MINE, NOBODY, ANYBODY = "me", "none", "all"


@dataclass(frozen=True)
class Column:
    """A column of a list. sort: the field of the row it sorts by. cls: as its cells have it.

    kind: what a field of the tenant's own holds; empty for a column of ours.
    """

    key: str
    label: str
    sort: str
    cls: str = ""
    kind: str = ""

    @property
    def own_key(self) -> str:
        """The key of the tenant's own field that it shows; empty for a column of ours."""
        return self.key.removeprefix(PREFIX) if self.kind else ""


COLUMNS = {
    column.key: column
    for column in (
        Column("name", "Account", "name_norm"),
        Column("arr", "ARR", "arr_minor", "end"),
        Column("health", "Health", "score"),
        Column("change", "28 days", "change_28", "end"),
        Column("spark", "12 weeks", "score", "p3"),
        Column("reason", "Main reason", "reason"),
        Column("spiced", "SPICED", "spiced", "p2"),
        Column("event", "Critical event", "event_on"),
        Column("renews", "Renews", "renews_on", "end"),
        Column("next", "Next step", "next_step_at"),
        Column("segment", "Segment", "segment"),
        Column("stage", "Stage", "stage"),
        Column("owner", "Owner", "owner_name"),
        Column("team", "Team", "team"),
        Column("plays", "Plays", "open_plays", "end"),
        Column("touch", "Last touch", "last_touch_on", "end"),
        Column("coverage", "Coverage", "coverage", "end"),
    )
}
OWN_VALUE = "own_value"  # what rows are annotated with while they are sorted by an own field
NULLABLE = {"score", "change_28", "event_on", "renews_on", "next_step_at", "last_touch_on"}
NULLABLE |= {OWN_VALUE}


def own_column(key: str, label: str, kind: str) -> Column:
    """The column of a field of the tenant's own."""
    return Column(named(key), label, OWN_VALUE, "end" if kind == Kind.NUMBER else "clip", kind)


@dataclass(frozen=True)
class Asked:
    """What a list shows: filters, order and columns. Empty means no filter.

    sort: the key of a column, with a minus for the largest first.
    owner: an id, or MINE, NOBODY, ANYBODY. renews: days until the renewal, at most.
    own: the columns there are of the tenant's own fields. conditions: what is asked beside, such as
    of those fields.
    """

    q: str = ""
    kind: str = ""
    segment: str = ""
    stage: str = ""
    band: str = ""
    owner: str = ANYBODY
    team: str = ""
    renews: int | None = None
    tag: str = ""
    sort: str = "-arr"
    columns: tuple[str, ...] = field(default=("name", "arr", "health"))
    own: tuple[Column, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def sort_column(self) -> Column:
        return self.column(self.sort.lstrip("-"))

    @property
    def own_shown(self) -> list[Column]:
        """The columns of the tenant's own fields that are shown, in order."""
        return [column for column in self.own if column.key in self.columns]

    def column(self, key: str) -> Column:
        """One of ours, or of the tenant's own."""
        return COLUMNS[key] if key in COLUMNS else {each.key: each for each in self.own}[key]

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")


@dataclass(frozen=True)
class List:
    """One of the pages that list accounts, and what it shows when nothing is asked."""

    key: str
    label: str
    view: str
    kind: str
    sort: str
    columns: tuple[str, ...]


ACCOUNTS = List(
    "accounts",
    "All accounts",
    "health:accounts",
    "",
    "-arr",
    ("name", "arr", "health", "change", "segment", "stage", "owner", "renews", "next"),
)
AT_RISK = List(
    "at_risk",
    "At risk",
    "health:at_risk",
    "at_risk",
    "-arr",
    ("name", "arr", "health", "spark", "reason", "spiced", "event", "renews", "next"),
)
LISTS = {page.key: page for page in (ACCOUNTS, AT_RISK)}
