"""Strict readers for cells: every way a text becomes a value, or BadValue with a plain reason."""

from accounts.rules.amounts import (
    DecimalMark,
    parse_count,
    parse_decimal,
    parse_money,
    parse_share,
)
from accounts.rules.dates import DateOrder, FarFuture, parse_date, parse_moment
from accounts.rules.texts import (
    BadValue,
    is_blank,
    parse_bool,
    parse_email,
    parse_key,
    parse_text,
)

__all__ = [
    "BadValue",
    "DateOrder",
    "DecimalMark",
    "FarFuture",
    "is_blank",
    "parse_bool",
    "parse_count",
    "parse_date",
    "parse_decimal",
    "parse_email",
    "parse_key",
    "parse_moment",
    "parse_money",
    "parse_share",
    "parse_text",
]
