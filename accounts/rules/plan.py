"""From a row of cells to what our fields take: which column fills which field, and how it is read.

A plan is kept as JSON between the steps of an import; `Plan.read` knows nothing of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from accounts.rules.custom import PREFIX
from accounts.rules.fields import Field, Kind
from accounts.rules.mapping import FieldKind
from accounts.rules.readings import Reading
from accounts.rules.texts import BadValue, is_blank, is_missing_word, parse_text
from accounts.rules.values import DateOrder, DecimalMark
from tenants.formats import exponent

KINDS: dict[Kind, FieldKind] = {
    Kind.TEXT: "text",
    Kind.EMAIL: "email",
    Kind.WHOLE: "integer",
    Kind.NUMBER: "decimal",
    Kind.MONEY: "money",
    Kind.CURRENCY: "text",
    Kind.SHARE: "share",
    Kind.DATE: "date",
    Kind.MOMENT: "datetime",
    Kind.YES_NO: "boolean",
    Kind.CHOICE: "text",
    Kind.TEXTS: "text",
    Kind.REFERENCE: "key",
    Kind.REFERENCES: "key",
}
BETWEEN_KEYS = "/"
REFUSE, EMPTY = "", "—"
NARROW = 10
MOST_SEEN, SHORT = 1000, 80  # as many different cells of a column are read only once


@dataclass(frozen=True)
class Source:
    """Where one field comes from: a column, or one text for every row.

    times: what amounts are multiplied with (12 for amounts a month). values: the file's words
    for ours; a word that is missing here is read as it stands, EMPTY as nothing.
    """

    column: int | None = None
    fixed: str = ""
    order: DateOrder | None = None
    mark: DecimalMark | None = None
    short_years: bool = False
    percent: bool = False
    times: int = 1
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why a row is not taken. column: its position from 0, None for the row as a whole."""

    column: int | None
    value: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The mapping of a whole file.

    key: the columns that identify a row, joined. account_by: account, name or contract. counts:
    the columns of a wide usage file, each a feature named by its column. adds_up: usage values
    of one account, day and feature are added. keeps_zeros: a zero in a wide file is stored.
    stage: where accounts that the import adds stand; empty for that of any new account.
    """

    key: tuple[int, ...] = ()
    fields: Mapping[str, Source] = field(default_factory=dict)
    account_by: str = "account"
    makes_accounts: bool = False
    stage: str = ""
    skips_words: bool = False
    skips_far: bool = False
    counts: tuple[int, ...] = ()
    adds_up: bool = False
    keeps_zeros: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Plan":
        sources = {key: Source(**source) for key, source in kept.get("fields", {}).items()}
        plain = {
            key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()
        }
        return cls(**plain | {"fields": sources})

    def columns_of(self, keys: Sequence[str]) -> tuple[int, ...]:
        """The columns behind some fields; those that come from no column are left out."""
        found = [self.fields[key].column for key in keys if key in self.fields]
        return tuple(column for column in found if column is not None)


# a field, where it comes from, how it is read, and what was read before
Read = tuple[Field, Source, Reading, dict[Any, Any]]


def takes_words(described: Field) -> bool:
    """The file may say it in words of its own: choices, and scales of a few steps."""
    if described.kind is Kind.WHOLE and described.least is not None and described.most is not None:
        return described.most - described.least <= NARROW
    return described.kind in {Kind.CHOICE, Kind.YES_NO}


class Reader:
    """A plan made ready for many rows of one target."""

    def __init__(
        self,
        plan: Plan,
        fields: Mapping[str, Field],
        names: Sequence[str],
        *,
        zone: tzinfo,
        currency: str,
    ) -> None:
        """currency: the tenant's, of amounts in rows that name none."""
        self.plan, self.names, self.currency = plan, names, currency
        self.cells: list[Read] = []
        self.amounts: list[Read] = []
        self.fixed: dict[str, Any] = {}
        for key, source in plan.fields.items():
            read: Read = (fields[key], source, self._reading(fields[key], source, zone), {})
            if fields[key].kind is Kind.MONEY:
                self.amounts.append(read)
            elif source.column is not None:
                self.cells.append(read)
            else:
                self.fixed[key] = _value(fields[key], source, read[2], source.fixed)
        self.count = Reading("integer", decimal_mark=".")

    def _reading(self, described: Field, source: Source, zone: tzinfo) -> Reading:
        return Reading(
            kind=KINDS[described.kind],
            date_order=source.order,
            decimal_mark=source.mark,
            two_digit_years=source.short_years,
            drop_time=described.kind is Kind.DATE,
            zone=zone,
            percent=source.percent,
            skip_missing_words=self.plan.skips_words,
            skip_far_future=self.plan.skips_far,
        )

    def read(self, cells: Sequence[str]) -> tuple[list[dict[str, Any]], list[Problem]]:
        """The rows for our table that stand in one row of the file, and what is wrong with it.

        Cells have been fitted to the header. Values are as the fields take them, and ready
        for JSON but for dates and moments.
        """
        row, problems = dict(self.fixed), []
        for described, source, how, seen in self.cells:
            column = source.column or 0
            cell = cells[column]
            try:
                row[described.key] = (
                    seen[cell] if cell in seen else _value(described, source, how, cell)
                )
            except BadValue as bad:
                problems.append(Problem(column, cell, bad.reason))
                continue
            if len(seen) < MOST_SEEN and len(cell) <= SHORT:
                seen[cell] = row[described.key]
        if self.amounts:
            self._read_amounts(row, cells, problems)
        if self.plan.key:
            row["external_id"] = self._key(cells, problems)
        row = nested(row)
        return (self._wide(row, cells, problems) if self.plan.counts else [row]), problems

    def _read_amounts(
        self, row: dict[str, Any], cells: Sequence[str], problems: list[Problem]
    ) -> None:
        """Amounts in the minor unit of the row's currency, the tenant's where it names none."""
        currency = str(row.get("currency") or self.currency).upper()
        for described, source, how, seen in self.amounts:
            cell = source.fixed if source.column is None else cells[source.column]
            place = (cell, currency)
            try:
                if place not in seen:
                    how = replace(how, exponent=exponent(currency), currency=currency)
                    value = _value(described, source, how, cell)
                    if len(seen) >= MOST_SEEN:
                        seen.clear()
                    seen[place] = value
                row[described.key] = seen[place]
            except BadValue as bad:
                problems.append(Problem(source.column, cell, bad.reason))

    def _key(self, cells: Sequence[str], problems: list[Problem]) -> str:
        parts = []
        for column in self.plan.key:
            try:
                part = parse_text(cells[column]).strip()
            except BadValue as bad:
                problems.append(Problem(column, cells[column], bad.reason))
                continue
            if not part:
                reason = f"“{self.names[column]}” identifies the row and is empty."
                problems.append(Problem(column, cells[column], reason))
            parts.append(part)
        return BETWEEN_KEYS.join(parts)

    def _wide(
        self, row: dict[str, Any], cells: Sequence[str], problems: list[Problem]
    ) -> list[dict[str, Any]]:
        """One usage value for each feature, and one for the people counted in the row."""
        users = row.pop("active_users", None)
        rows = [] if users is None else [row | {"active_users": users}]
        for column in self.plan.counts:
            try:
                n = self.count.read(cells[column])
            except BadValue as bad:
                problems.append(Problem(column, cells[column], bad.reason))
                continue
            if n or (n == 0 and self.plan.keeps_zeros):
                rows.append(row | {"feature": self.names[column][:80], "n": n})
        return rows


def nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the values of the tenant's own fields where its target takes them: `custom`."""
    own = {key.removeprefix(PREFIX): row[key] for key in row if key.startswith(PREFIX)}
    plain = {key: row[key] for key in row if not key.startswith(PREFIX)}
    return plain | {"custom": own} if own else plain


def value_in(row: Mapping[str, Any], key: str) -> Any:
    """What such a row holds in a field of the plan; None where nothing."""
    if key.startswith(PREFIX):
        return (row.get("custom") or {}).get(key.removeprefix(PREFIX))
    return row.get(key)


def plain_word(word: str) -> str:
    """A word in which spelling does not count: "Closed-Won" is closed_won."""
    return word.strip().lower().replace(" ", "_").replace("-", "_")


def _value(described: Field, source: Source, how: Reading, cell: str) -> Any:
    """What a field takes for a cell; None where it is empty. Raises BadValue."""
    if is_blank(cell) or (how.skip_missing_words and is_missing_word(cell)):
        return None
    word = cell.strip()
    if word in source.values:
        ours = source.values[word]
        if ours == EMPTY:
            return None
        return _ours(described, ours)
    value = how.read(cell)
    if isinstance(value, Decimal):
        return float(value)
    if described.kind is Kind.MONEY and source.times != 1:
        return int(str(value)) * source.times
    if described.kind in {Kind.TEXTS, Kind.REFERENCES}:
        parts = str(value).replace(";", ",").replace("|", ",").split(",")
        return [part.strip() for part in parts if part.strip()]
    if described.kind is Kind.CHOICE:
        choices = {plain_word(choice): choice for choice in described.choices}
        return choices.get(plain_word(str(value)), str(value).strip())
    return value


def _ours(described: Field, ours: str) -> Any:
    if described.kind is Kind.WHOLE:
        return int(ours)
    if described.kind is Kind.YES_NO:
        return ours == "yes"
    return ours
