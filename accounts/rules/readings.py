"""How the cells of a mapped column become values: what was judged, asked and answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from accounts.rules.columns import Profile
from accounts.rules.mapping import FieldKind, TargetField
from accounts.rules.safe_csv import restored
from accounts.rules.texts import is_missing_word
from accounts.rules.values import (
    BadValue,
    DateOrder,
    DecimalMark,
    FarFuture,
    is_blank,
    parse_bool,
    parse_count,
    parse_date,
    parse_decimal,
    parse_email,
    parse_key,
    parse_moment,
    parse_money,
    parse_share,
    parse_text,
)

Value = str | int | Decimal | bool | date | datetime


@dataclass(frozen=True)
class Reading:
    """The settled way to read one column into one field.

    date_order, decimal_mark: None while nobody has chosen; cells that need them are refused.
    zone: of clock times that name none. drop_time: moments become their date. exponent,
    currency: of money. percent: bare numbers are percents. skip_missing_words: n/a and null are
    read as empty. skip_far_future: so are dates that stand for "no end".
    """

    kind: FieldKind
    date_order: DateOrder | None = None
    decimal_mark: DecimalMark | None = None
    two_digit_years: bool = False
    drop_time: bool = False
    zone: tzinfo = UTC
    exponent: int = 2
    currency: str = ""
    percent: bool = False
    skip_missing_words: bool = False
    skip_far_future: bool = False

    def read(self, cell: str) -> Value | None:
        """The value of a cell, None for an empty one, or BadValue with the reason.

        Texts that our own export made safe for spreadsheets are restored. Money is in minor
        units, a share is 0 to 1, a moment is in UTC.
        """
        if is_blank(cell) or (self.skip_missing_words and is_missing_word(cell)):
            return None
        try:
            return _READERS[self.kind](self, cell)
        except FarFuture:
            if self.skip_far_future:
                return None
            raise


def proposed_reading(field: TargetField, profile: Profile) -> Reading:
    """The reading as far as the column settles it; its questions stay open."""
    return Reading(
        kind=field.kind,
        date_order=profile.date_order,
        decimal_mark=profile.decimal_mark,
        drop_time=field.kind == "date" and profile.kind == "datetime",
        percent=profile.judgement.units == ("%",),
    )


def _order(reading: Reading) -> DateOrder:
    if reading.date_order is None:
        raise BadValue("Choose the order of day, month and year for this column first")
    return reading.date_order


def _date(how: Reading, cell: str) -> date:
    return parse_date(
        cell, _order(how), two_digit_years=how.two_digit_years, drop_time=how.drop_time
    )


def _moment(how: Reading, cell: str) -> datetime:
    return parse_moment(cell, _order(how), how.zone, two_digit_years=how.two_digit_years)


def _money(how: Reading, cell: str) -> int:
    return parse_money(cell, how.decimal_mark, exponent=how.exponent, currency=how.currency)


_READERS: dict[FieldKind, Callable[[Reading, str], Value]] = {
    "text": lambda how, cell: parse_text(restored(cell)),
    "key": lambda how, cell: parse_key(restored(cell)),
    "integer": lambda how, cell: parse_count(cell, how.decimal_mark, negative=True),
    "decimal": lambda how, cell: parse_decimal(cell, how.decimal_mark),
    "money": _money,
    "share": lambda how, cell: parse_share(cell, how.decimal_mark, percent=how.percent),
    "date": _date,
    "datetime": _moment,
    "boolean": lambda how, cell: parse_bool(cell),
    "email": lambda how, cell: parse_email(restored(cell)),
}
