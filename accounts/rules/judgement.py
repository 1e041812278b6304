"""From the counted marks of a column to its kind, and to what a person must settle or know."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.rules.amounts import DecimalMark
from accounts.rules.cells import family
from accounts.rules.dates import NUMERIC_ORDERS, DateOrder

Kind = Literal[
    "empty", "text", "integer", "decimal", "money", "date", "datetime", "boolean", "email"
]

# A column is of a kind when so many of its filled cells are; the others become row errors.
LEAST_SHARE = 0.9

Marks = Mapping[str, int]
Lines = Mapping[str, Sequence[int]]
ORDER_WORDS = {"YMD": "year first", "DMY": "day first", "MDY": "month first", "named": "by name"}


@dataclass(frozen=True)
class Odd:
    """Cells that do not fit the kind of their column: how many, the first lines, and why."""

    count: int
    lines: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Judgement:
    """The kind of a column and how to read it.

    orders: lines by the order they need, when orders are mixed. questions: what a person must
    choose before the column is read. units: currency marks seen, or "%".
    """

    kind: Kind
    date_order: DateOrder | None = None
    orders: Mapping[DateOrder, tuple[int, ...]] | None = None
    two_digit_years: bool = False
    decimal_mark: DecimalMark | None = None
    units: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    odd: tuple[Odd, ...] = ()


def judge(marks: Marks, lines: Lines, decimal_mark: DecimalMark | None = None) -> Judgement:
    """The judgement on one column. marks: how often each mark of cells.mark_of occurs. lines:
    the first lines of each. decimal_mark: known beforehand, or None."""
    families: Counter[str] = Counter()
    for mark, count in marks.items():
        families[family(mark)] += count
    told = sum(families.values()) - families["missing"]
    if not families:
        return Judgement("empty")
    dates = families["date"] + families["datetime"]
    if dates >= LEAST_SHARE * told > 0:
        return _dates(marks, lines, "datetime" if families["datetime"] else "date")
    if families["code"] and not _all_plain(marks):
        families["code"] = 0
    if families["number"] >= LEAST_SHARE * told > 0 and not families["code"]:
        return _numbers(marks, lines, decimal_mark)
    for kind in ("boolean", "email"):
        if families[kind] >= LEAST_SHARE * told > 0:
            odd = _odd(marks, lines, lambda mark: family(mark) != kind, kind)  # noqa: B023
            return Judgement("boolean" if kind == "boolean" else "email", odd=odd)
    return Judgement("text")


def _all_plain(marks: Marks) -> bool:
    """Beside codes there are only plain integers: then all of them are codes."""
    return all(mark in ("integer:", "code", "missing") for mark in marks)


def _dates(marks: Marks, lines: Lines, kind: Literal["date", "datetime"]) -> Judgement:
    """Every row decides about the order, none alone: the orders that all dates allow."""
    read = {mark: _orders(mark) for mark in marks if family(mark) in ("date", "datetime")}
    numeric = {mark: orders for mark, orders in read.items() if orders and "named" not in orders}
    allowed = [o for o in NUMERIC_ORDERS if all(o in orders for orders in numeric.values())]
    short = any(mark.partition(":")[0].endswith("2") for mark in read)
    questions: list[str] = []
    order: DateOrder | None = "named" if not numeric else None
    mixed: dict[DateOrder, tuple[int, ...]] | None = None
    if numeric and len(allowed) == 1:
        order = allowed[0]
    elif numeric and allowed:
        questions.append("Every date can be read day first or month first: choose the order")
    elif numeric:
        mixed = _mixed(numeric, lines)
        said = "; ".join(f"{ORDER_WORDS[o]} in {_list(ls)}" for o, ls in mixed.items())
        questions.append(f"The dates are in different orders ({said}): choose one")
    if short:
        questions.append("Years have two digits: choose whether 26 means 2026")
    odd = _odd(marks, lines, lambda mark: not read.get(mark), "date")
    return Judgement(
        kind,
        date_order=order,
        orders=mixed,
        two_digit_years=short,
        questions=tuple(questions),
        odd=odd,
    )


def _orders(mark: str) -> tuple[str, ...]:
    return tuple(order for order in mark.partition(":")[2].split("+") if order)


def _mixed(
    numeric: Mapping[str, tuple[str, ...]], lines: Lines
) -> dict[DateOrder, tuple[int, ...]]:
    """For each order, the first lines that can be read in no other."""
    return {
        order: tuple(sorted(n for mark in only for n in lines.get(mark, ()))[:5])
        for order in NUMERIC_ORDERS
        if (only := [mark for mark, orders in numeric.items() if orders == (order,)])
    }


def _numbers(marks: Marks, lines: Lines, known: DecimalMark | None) -> Judgement:
    """Numbers with both marks ask which one counts; so do numbers that fit both."""
    numbers = {mark: count for mark, count in marks.items() if family(mark) == "number"}
    needs = {mark[6] for mark in numbers if mark.startswith(("number.", "number,"))}
    unsure = {mark[7] for mark in numbers if mark.startswith("number?")}
    questions: list[str] = []
    decimal_mark: DecimalMark | None = known
    if known is None and len(needs) == 1:
        decimal_mark = "." if "." in needs else ","
    elif known is None and needs:
        said = " and ".join(
            f"{name} in {_list(_lines_of(lines, numbers, sign))}"
            for sign, name in ((".", "point"), (",", "comma"))
        )
        questions.append(f"Numbers have different decimal marks ({said}): choose one")
    elif known is None and unsure:
        seen = "1,234" if "," in unsure else "1.234"
        questions.append(f"Numbers such as {seen} can mean 1234 or 1 and a part: choose the mark")
    units = tuple(sorted({unit for mark in numbers if (unit := mark.partition(":")[2])}))
    has_parts = any(_has_part(mark, decimal_mark) for mark in numbers)
    kind: Kind = "decimal" if has_parts or "%" in units else "integer"
    if units and "%" not in units:
        kind = "money"
    odd = _odd(marks, lines, lambda mark: mark not in numbers, "number")
    return Judgement(
        kind, decimal_mark=decimal_mark, units=units, questions=tuple(questions), odd=odd
    )


def _has_part(mark: str, decimal_mark: DecimalMark | None) -> bool:
    """The number has decimals, under the mark that was settled, or may have."""
    if mark.startswith("number?"):
        return decimal_mark is None or mark[7] == decimal_mark
    return mark.startswith("number") and mark[7] == "d"


def _lines_of(lines: Lines, numbers: Iterable[str], sign: str) -> list[int]:
    found = (n for mark in numbers if mark[6:7] == sign for n in lines.get(mark, ()))
    return sorted(found)[:5]


def _odd(marks: Marks, lines: Lines, is_odd: Callable[[str], bool], kind: str) -> tuple[Odd, ...]:
    """What stands out of the column, by reason: words for nothing, impossible dates, others."""
    reasons: dict[str, list[str]] = {}
    for mark in filter(is_odd, marks):
        name = family(mark)
        if name == "missing":
            reason = "a word for “nothing”, such as n/a"
        elif name in ("date", "datetime") and kind == "date":
            reason = "a date that does not exist"
        else:
            reason = {"boolean": "neither yes nor no", "email": "not an e-mail address"}.get(
                kind, f"not a {kind}"
            )
        reasons.setdefault(reason, []).append(mark)
    return tuple(
        Odd(
            sum(marks[mark] for mark in found),
            tuple(sorted(n for mark in found for n in lines.get(mark, ()))[:5]),
            reason,
        )
        for reason, found in reasons.items()
    )


def _list(lines: Sequence[int]) -> str:
    return ("line " if len(lines) == 1 else "lines ") + ", ".join(str(line) for line in lines)
