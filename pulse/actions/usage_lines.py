"""Usage values made ready to be stored, or refused with a reason; quick where all is well."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from accounts.queries.references import Found, resolve
from accounts.rules.fields import Unfit
from accounts.rules.outcome import Refusal
from pulse.targets import USAGE

FIELDS = USAGE.by_key
MOST_N = FIELDS["n"].most or 0
NOBODY = UUID(int=0)
Known = dict[str, dict[str, Any]]  # field -> text that was sent -> value


@dataclass(slots=True)
class Line:
    """One value on its way."""

    index: int
    key: str = ""
    account_id: UUID = NOBODY
    day: date = date.min
    feature: str = ""
    person: str = ""
    n: int | None = None
    users: int | None = None
    span: int = 1
    is_repeat: bool = False
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def staged(self) -> tuple[Any, ...]:
        return (
            self.index,
            self.account_id,
            self.day,
            self.feature,
            self.person,
            self.n,
            self.span,
            self.users,
        )

    def refuse(self, field_key: str, value: Any, code: str, reason: str) -> None:
        self.refusals.append(Refusal(self.index, field_key, value, code, reason))


def read(rows: Iterable[Mapping[str, Any]], *, source: str) -> list[Line]:
    """A line for each row, its account found. Two queries at most."""
    known: Known = {key: {} for key in ("account", "day", "feature", "person")}
    lines = [_read(index, row, known) for index, row in enumerate(rows)]
    found = resolve("accounts", {line.key for line in lines if line.key}, source)
    for line in lines:
        if not line.refusals:
            _link(line, found)
    _refuse_contradictions(lines)
    return lines


def _read(index: int, row: Any, known: Known) -> Line:
    line = Line(index)
    if not isinstance(row, Mapping):
        line.refuse("", row, "wrong_type", "A usage value is an object of fields and values.")
        return line
    for key in row.keys() - FIELDS.keys():
        line.refuse(str(key), row[key], "unknown_field", f"A usage value has no field “{key}”.")
    line.key = _text(line, row, "account", known) or ""
    line.day = _text(line, row, "day", known) or date.min
    line.feature = _text(line, row, "feature", known) or ""
    line.person = _text(line, row, "person", known) or ""
    n = row.get("n")
    line.n = n if type(n) is int and 0 <= n <= MOST_N else _value(line, row, "n")
    line.users = _value(line, row, "active_users") if "active_users" in row else None
    line.span = (_value(line, row, "span_days") if "span_days" in row else None) or 1
    _check(line, row)
    return line


def _text(line: Line, row: Mapping[str, Any], key: str, known: Known) -> Any:
    """The value of a text or a day; the same few of them come again and again."""
    given = row.get(key)
    if type(given) is not str:
        return _value(line, row, key)
    before = known[key]
    if given in before:
        return before[given]
    value = _value(line, row, key)
    if value is not None:
        before[given] = value
    return value


def _value(line: Line, row: Mapping[str, Any], key: str) -> Any:
    value = row.get(key)
    if value is None and key not in row and not FIELDS[key].required:
        return None
    try:
        return FIELDS[key].read(value)
    except Unfit as unfit:
        line.refuse(key, value, unfit.code, unfit.reason)
        return None


def _check(line: Line, row: Mapping[str, Any]) -> None:
    if line.refusals:
        return
    if line.n is None and line.users is None:
        line.refuse("n", row.get("n"), "missing", "It says neither uses nor active users.")
    elif line.users is not None and (line.feature or line.person):
        reason = "Active users count the whole account; leave out feature and person."
        line.refuse("active_users", line.users, "too_fine", reason)
    elif "@" in line.person:
        reason = "Send a hash for the person, not an address."
        line.refuse("person", "", "personal_data", reason)
    elif line.span == 7 and line.day.weekday() != 0:
        reason = f"A week begins on its Monday; {line.day} is none."
        line.refuse("day", line.day, "not_a_monday", reason)
    elif line.span not in {1, 7}:
        reason = "Values cover a day (1) or a week (7)."
        line.refuse("span_days", line.span, "out_of_range", reason)


def _link(line: Line, found: Found) -> None:
    account_id = found.get(line.key)
    if account_id is not None:
        line.account_id = account_id
    elif line.key in found:
        reason = f"Several systems have an account with the external id “{line.key}”."
        line.refuse("account", line.key, "ambiguous_account", reason)
    else:
        reason = f"There is no account with the external id “{line.key}”."
        line.refuse("account", line.key, "unknown_account", reason)


def _refuse_contradictions(lines: list[Line]) -> None:
    """The same value twice counts once; two values for one place are both refused."""
    first: dict[tuple[Any, ...], Line] = {}
    for line in lines:
        if line.refusals:
            continue
        place = (line.account_id, line.day, line.feature, line.person, line.n is None)
        other = first.setdefault(place, line)
        if other is line:
            continue
        if (other.n, other.users, other.span) == (line.n, line.users, line.span):
            line.is_repeat = True
            continue
        for each in (other, line):
            if not each.refusals:
                reason = "The batch holds another value for the same account, day and feature."
                each.refuse("n", each.n, "repeated", reason)
