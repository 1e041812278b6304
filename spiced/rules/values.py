"""What a value of each field may be, and how it is stored."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from spiced.rules.elements import PARTS
from spiced.rules.fields import LEVELS, LINE, LONGEST, MOST, Field, Kind

ENDS = re.compile(r"[\r\n]+")  # of lines
WORDS = (Kind.TEXT, Kind.LINE)
ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


def filled_lines(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [line for line in ENDS.split(text) if line.strip()]


class WrongValue(ValueError):
    """Values do not fit their fields. errors: words by field, or by field.number.column."""

    def __init__(self, key: str, words: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.key = key
        self.errors = dict(errors) if errors else {key: words}


def typed(letter: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of one part, checked and in the shape they are stored in; blank values are None.

    Pains may be said plainly: their words as `text`, one a line; of a single one with its columns
    beside them. They come back as records under `text`, with what was said and no more. Raises
    WrongValue with every unknown field and every value that does not fit.
    """
    part = PARTS[letter]
    if part.lead and "pains" in given:  # read back whole: the text follows from the records
        given = {key: value for key, value in given.items() if key != "text"}
    elif part.lead and {column.key for column in part.asked} & set(given):
        return {"text": _plain(part.lead, given)}
    fields = {field.key: field for field in part.fields}
    found, errors = dict[str, Any](), dict[str, str]()
    for key, value in given.items():
        if key not in fields:
            errors[key] = f"{part.name} has no field “{key}”."
            continue
        try:
            found[key] = fit(fields[key], value)
        except WrongValue as wrong:
            errors |= wrong.errors
    _raise(errors)
    return found


def _plain(field: Field, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Records that were said by their words alone, or a single one by its columns."""
    text = fit(field.columns[0], given.get("text"))
    lines = filled_lines(text)
    beside = {key: value for key, value in given.items() if key != "text"}
    if beside and len(lines) != 1:
        key = next(iter(beside))
        raise WrongValue(key, "Say of which pain: `text` has to hold the words of one.")
    rows = []
    for line in lines:
        try:
            row = _row(field, beside | {"text": line}, set())
        except WrongValue as wrong:
            raise wrong if beside else WrongValue("text", str(wrong)) from None
        rows.append({key: value for key, value in row.items() if key in beside or key == "text"})
    return rows


def _raise(errors: Mapping[str, str]) -> None:
    if errors:
        raise WrongValue(*next(iter(errors.items())), errors)


def fit(field: Field, value: Any) -> Any:
    """One value in the shape it is stored in. Raises WrongValue."""
    if value is None or value == "" or value == []:
        return "" if field.kind in WORDS else None
    return READERS[field.kind](field, value)


def _text(field: Field, value: Any) -> str:
    most = LONGEST if field.kind is Kind.TEXT else LINE
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise WrongValue(field.key, f"{field.label} takes a text of at most {most} characters.")
    return value.replace("\r\n", "\n").strip()


def _number(field: Field, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= 1e15:  # which what is no number fails, too
        raise WrongValue(field.key, f"{field.label} takes a number.")
    return float(value)


def _money(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise WrongValue(field.key, f"{field.label} takes an amount in minor units.")
    return value


def _date(field: Field, value: Any) -> str:
    try:
        moment = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise WrongValue(field.key, f"{field.label} takes a date such as 2026-12-15.") from None
    if not 2000 <= moment.year < 2100:
        raise WrongValue(field.key, f"{field.label} takes a date of this century.")
    return moment.isoformat()


def _choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        shown = ", ".join(field.choices) if len(field.choices) <= 10 else "a code such as EUR"
        raise WrongValue(field.key, f"{field.label} is one of {shown}.")
    return str(value)


def _id(field: Field, value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        thing = "contact" if field.kind is Kind.PERSON else "goal"
        raise WrongValue(field.key, f"{field.label} takes the id of a {thing}.") from None


def _level(field: Field, value: Any) -> int:
    if isinstance(value, bool) or value not in LEVELS:
        raise WrongValue(field.key, f"{field.label} is {LEVELS[0]} to {LEVELS[-1]}.")
    return int(value)


def _list(field: Field, value: Any) -> list[str] | None:
    """Short texts; a plain text is taken apart at its commas, or at semicolons and lines."""
    if isinstance(value, str):
        value = re.split(r"[;\r\n]" if re.search(r"[;\r\n]", value) else ",", value)
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise WrongValue(field.key, f"{field.label} takes a list of at most {MOST} texts.")
    line = Field(field.key, f"Each of {field.called}")
    texts = [ENDS.sub(" ", _text(line, each)) for each in value]
    if any(";" in each for each in texts):
        raise WrongValue(field.key, f"{field.label} holds texts without a semicolon.")
    return list(dict.fromkeys(filter(None, texts))) or None


def _rows(field: Field, value: Any) -> list[dict[str, Any]] | None:
    """Records; one that is no object is what the record is about, a plain text one a line."""
    if isinstance(value, str):
        value = filled_lines(value)
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise WrongValue(field.key, f"{field.label} takes a list of at most {MOST} records.")
    made, errors, ids = list[dict[str, Any]](), dict[str, str](), set[str]()
    for n, item in enumerate(value):
        row = item if isinstance(item, Mapping) else {field.columns[0].key: item}
        try:
            made.append(_row(field, row, ids))
        except WrongValue as wrong:
            errors |= {f"{field.key}.{n}.{key}": words for key, words in wrong.errors.items()}
    _raise(errors)
    return made or None


def _row(field: Field, given: Mapping[str, Any], ids: set[str]) -> dict[str, Any]:
    """One record, of what is known of it alone. ids: those of the records before it."""
    columns = {column.key: column for column in field.columns}
    row, errors = dict[str, Any](), dict[str, str]()
    if (known_as := given.get("id")) not in (None, ""):
        if not isinstance(known_as, str) or not ID.fullmatch(known_as) or known_as in ids:
            errors["id"] = "An id is at most 40 letters, digits, - and _, and stands once."
        else:
            ids.add(known_as)
            row["id"] = known_as
    for key, value in given.items():
        try:
            if key not in columns and key != "id":
                raise WrongValue(key, f"{field.label} have no “{key}”.")
            if key != "id" and (read := fit(columns[key], value)) not in (None, ""):
                row[key] = ENDS.sub(" ", read) if columns[key].kind in WORDS else read
        except WrongValue as wrong:
            errors |= wrong.errors
    lead = field.columns[0]
    if lead.key not in row and lead.key not in errors:
        errors[lead.key] = f"{lead.label} is not said."
    _raise(errors)
    return field.defaults | row


READERS: Mapping[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.LINE: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.PERSON: _id,
    Kind.GOAL: _id,
    Kind.LEVEL: _level,
    Kind.LIST: _list,
    Kind.ROWS: _rows,
}
