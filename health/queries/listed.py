"""Conditions over the rows of lists, as Django filters by them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Expression, F

from health.queries.compiling import compile_for_rows
from health.queries.definitions import InForce, in_force
from health.rules.sentences import sentence
from health.rules.tree import Condition, Defined


class Meets(Expression):
    """Whether a row of lists meets a condition today: filters rows, and marks them.

    only_filters: left null where it does not hold, so that an index on a bound is of use.
    """

    conditional = True

    def __init__(self, condition: Condition, today: date, *, only_filters: bool = False) -> None:
        super().__init__(output_field=BooleanField())
        self.condition, self.today, self.only_filters = condition, today, only_filters
        self.anchor: Any = F("account_id")  # carries the alias of the table

    def get_source_expressions(self) -> list[Any]:
        return [self.anchor]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.anchor,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        alias = compiler.quote_name_unless_alias(self.anchor.alias)
        sql, params = compile_for_rows(self.condition, alias, self.today)
        return sql if self.only_filters else f"coalesce({sql}, false)", tuple(params)


@dataclass(frozen=True)
class Definition:
    """A definition in force: its words, and what rows are asked for it."""

    label: str
    sentence: str
    version: int
    condition: Condition
    where: Meets


def definition(key: str, today: date, known: InForce | None = None) -> Definition:
    """A shared definition as of today. One query, none where `known` is given."""
    known = known or in_force()
    condition = known.of(Defined(key))
    words = sentence(known.conditions[key]) if key in known.conditions else "Not defined."
    label = known.labels.get(key, key)
    return Definition(label, words, known.version, condition, Meets(condition, today))
