"""Where conditions find what they read: SQL for each value over one kind of row."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from health.rules.catalogue import COLUMNS, MEASURES
from health.rules.vocabulary import FIELDS, own_key

Sql = tuple[str, list[Any]]
NO_NUMBER: Sql = ("NULL::float8", [])
NO_TEXT: Sql = ("NULL::text", [])
NO_TEXTS: Sql = ("'{}'::text[]", [])


@dataclass(frozen=True)
class Relation:
    """A kind of row by its alias. Values it does not hold are None; unknown ones are SQL null.

    numbers, texts, sets: SQL by name with {s} for the alias; own: of the tenant's own fields, as
    jsonb; day: SQL of the day the row is of; dates: columns that numbers count the days to, so that
    an index on them is of use.
    """

    alias: str
    numbers: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)
    own: str = ""
    day: Sql = NO_TEXT
    dates: dict[str, str] = field(default_factory=dict)

    def date_of(self, key: str) -> str | None:
        """The date that a number counts the days to, where the row holds it."""
        return self._filled(self.dates[key]) if key in self.dates else None

    def number(self, key: str) -> Sql | None:
        """float8, null where not known."""
        if key in self.numbers:
            return self._filled(self.numbers[key]), []
        if (name := own_key(key)) and self.own:
            own = f"({self._filled(self.own)}->%s)"
            return f"(CASE WHEN jsonb_typeof{own} = 'number' THEN {own}::float8 END)", [name, name]
        return None

    def text(self, name: str) -> Sql | None:
        """text, null where there is none."""
        if name in self.texts:
            return self._filled(self.texts[name]), []
        if (key := own_key(name)) and self.own:
            own = f"({self._filled(self.own)}->%s)"
            return (
                f"(CASE WHEN jsonb_typeof{own} IN ('string', 'boolean')"
                f" THEN nullif({own} #>> '{{}}', '') END)",
                [key, key],
            )
        return None

    def texts_of(self, name: str) -> Sql | None:
        """text[], never null."""
        return (self._filled(self.sets[name]), []) if name in self.sets else None

    def is_there(self, name: str) -> Sql | None:
        """Whether there is a value of a field, of whatever kind; never null."""
        if (key := own_key(name)) and self.own:
            own = f"{self._filled(self.own)}->>%s"
            return f"(coalesce({own}, '') <> '')", [key]
        if (found := self.texts_of(name)) is not None:
            return f"(cardinality({found[0]}) > 0)", found[1]
        found = self.text(name)
        return None if found is None else (f"({found[0]} IS NOT NULL)", found[1])

    def _filled(self, sql: str) -> str:
        return sql.replace("{s}", self.alias)


TRAITS = ("team", "region")
TRAIT_SETS = ("products", "overlays", "lost_roles")
SCORES = {key: f"{{s}}.{column}" for key, (column, _, _) in COLUMNS.items()}
ON_SNAPSHOTS: dict[str, str] = {
    **{name: f"nullif({{s}}.{name}, '')" for name in ("segment", "stage", "touch_model", "band")},
    "owner": "{s}.owner_id::text",
    **{name: f"({{s}}.traits->>'{name}')" for name in TRAITS},
}
SETS_ON_SNAPSHOTS: dict[str, str] = {
    "tags": "{s}.tags::text[]",
    "caps": "{s}.caps::text[]",
    **{
        name: f"ARRAY(SELECT jsonb_array_elements_text({{s}}.traits->'{name}'))"
        for name in TRAIT_SETS
    },
}


def snapshots(alias: str = "s") -> Relation:
    """Stored days, of now and long ago alike. What only lists know of today is unknown there."""
    measures = {key: f"{{s}}.values[{each.slot}]" for key, each in MEASURES.items()}
    return Relation(
        alias,
        measures | SCORES,
        ON_SNAPSHOTS,
        SETS_ON_SNAPSHOTS,
        "({s}.traits->'own')",
        (f"{alias}.day", []),
    )


def accounts(today: date, alias: str = "a") -> Relation:
    """Accounts as they are now."""
    return Relation(
        alias,
        texts={name: f"nullif({{s}}.{name}, '')" for name in ("touch_model", "region")},
        sets={"tags": "{s}.tags::text[]"},
        own="{s}.custom",
        day=("%s::date", [today]),
    )


def rows(alias: str, today: date) -> Relation:
    """Rows of lists as they are now."""
    names = ("segment", "stage", "band", "team", "next_step")
    return Relation(
        alias,
        numbers={
            **{key: f"{{s}}.{column}" for key, (column, _, _) in COLUMNS.items()},
            "arr": "{s}.arr_minor",
            "open_plays": "{s}.open_plays",
            "days_to_renewal": f"({{s}}.renews_on - '{today:%Y-%m-%d}'::date)",
            "days_to_critical_event": f"({{s}}.event_on - '{today:%Y-%m-%d}'::date)",
            "days_since_touch": f"('{today:%Y-%m-%d}'::date - {{s}}.last_touch_on)",
        },
        texts={
            **{name: f"nullif({{s}}.{name}, '')" for name in names},
            "owner": "{s}.owner_id::text",
        },
        sets={name: f"{{s}}.{name}::text[]" for name in ("caps", "lost_roles")},
        day=("%s::date", [today]),
        dates={"days_to_renewal": "{s}.renews_on", "days_to_critical_event": "{s}.event_on"},
    )


def nothing(name: str, *, is_number: bool) -> Sql:
    """What is not held anywhere: unknown."""
    if is_number:
        return NO_NUMBER
    return NO_TEXTS if name in FIELDS and FIELDS[name].is_set else NO_TEXT
