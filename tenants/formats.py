"""How values read on a page: money, rates, dates, counts; pure, and cheap in long lists."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypeGuard
from zlib import crc32

NONE = "n/a"
MINUS = "−"
_SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "BRL": "R$",
    "PLN": "zł ",
}
_EXPONENTS = {  # of ISO 4217, where it is not 2
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_STEPS = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"), (10**3, "k"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Amount = int | float | Decimal


def money(minor: Amount | None, currency: str = "EUR", *, cents: bool = False) -> str:
    """Minor units as whole money: 16400000 EUR is "€164,000"; with cents "€164,000.00"."""
    if not _known(minor):
        return NONE
    places = exponent(currency)
    if cents and places:
        units, rest = divmod(int(abs(_rounded(minor))), 10**places)
        return f"{_sign(minor)}{_symbol(currency)}{units:,}.{rest:0{places}d}"
    units = int(_rounded(Decimal(str(abs(minor))) / 10**places))
    return f"{_sign(minor) if units else ''}{_symbol(currency)}{units:,}"


def exponent(currency: str) -> int:
    """How many decimal places the minor unit of a currency stands for: 2, JPY 0."""
    return _EXPONENTS.get(currency, 2)


def money_short(minor: Amount | None, currency: str = "EUR") -> str:
    """Minor units in three digits: "€1.13m", "€84.5k", "€950"."""
    if not _known(minor):
        return NONE
    units = Decimal(str(abs(minor))) / 10 ** exponent(currency)
    short = _short(units)
    return f"{_sign(minor) if short != '0' else ''}{_symbol(currency)}{short}"


def inside(name: str) -> str:
    """A name as it stands inside a sentence: "seat utilisation", but "ARR" and "CSM hours"."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def figure(value: float) -> str:
    """A measured value as it was entered: thousands apart, with the decimals it has, at most 6."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def number(value: Amount | None, places: int = 0) -> str:
    """A count or a measure with thousands separated: "18,200"."""
    if not _known(value):
        return NONE
    shown = f"{abs(_rounded(value, places)):,}"
    return f"{_sign(value) if any(digit in shown for digit in '123456789') else ''}{shown}"


def number_short(value: Amount | None) -> str:
    """A large count in three digits: "18.2k"."""
    if not _known(value):
        return NONE
    return f"{_sign(value)}{_short(Decimal(str(abs(value))))}"


def signed(value: Amount | None, places: int = 0) -> str:
    """A change with its sign: "+4", "−17", "0"."""
    if not _known(value):
        return NONE
    shown = number(value, places)
    return shown if value <= 0 or not any(digit in shown for digit in "123456789") else f"+{shown}"


def rate(share: Amount | None, places: int = 1) -> str:
    """A share from 0 to 1 as a percentage: 0.912 is "91.2%"; nothing to divide by is "n/a"."""
    if not _known(share):
        return NONE
    return f"{number(Decimal(str(share)) * 100, places)}%"


def points(share: Amount | None, places: int = 1) -> str:
    """A difference of two shares in percentage points: "+1.2 pts"."""
    if not _known(share):
        return NONE
    return f"{signed(Decimal(str(share)) * 100, places)} pts"


def with_article(noun: str) -> str:
    """A noun as a sentence begins with it: "An account", "A usage value"."""
    return f"{'An' if noun[0] in 'aeio' else 'A'} {noun}"


def plural(count: int, words: str) -> str:
    """A count with its noun: "1 account", "14 accounts"; irregular as "company,companies"."""
    one, _, many = words.partition(",")
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def day(moment: date | None, today: date | None = None) -> str:
    """A date as "28 Feb 2027"; without the year when it is the year of today."""
    if moment is None:
        return NONE
    short = f"{moment.day} {_MONTHS[moment.month - 1]}"
    return short if today is not None and moment.year == today.year else f"{short} {moment.year}"


def weekday(moment: date | None, today: date | None = None) -> str:
    """A date with its weekday: "Thu 19 Nov 2026"."""
    return NONE if moment is None else f"{_WEEKDAYS[moment.weekday()]} {day(moment, today)}"


def month(moment: date | None) -> str:
    """A month: "Nov 2026"."""
    return NONE if moment is None else f"{_MONTHS[moment.month - 1]} {moment.year}"


def quarter(moment: date | None) -> str:
    """A calendar quarter: "2026 Q4"."""
    return NONE if moment is None else f"{moment.year} Q{(moment.month + 2) // 3}"


def days(count: int) -> str:
    """A number of days from today: "today", "tomorrow", "in 26 days", "yesterday", "3 days ago"."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if count in near:
        return near[count]
    return f"in {count:,} days" if count > 0 else f"{-count:,} days ago"


def when(moment: datetime | None, now: datetime) -> str:
    """A moment seen from now, both in one zone: "5 min ago", "Tue 16:20", "in 3 h", "21 Oct"."""
    if moment is None:
        return NONE
    seconds = (moment - now).total_seconds()
    ahead, minutes = seconds > 0, int(abs(seconds) // 60)
    if minutes < 1:
        return "just now" if not ahead else "in a moment"
    if minutes < 60:
        return f"in {minutes} min" if ahead else f"{minutes} min ago"
    distance = (moment.date() - now.date()).days
    if distance == 0:
        return f"in {minutes // 60} h" if ahead else f"{minutes // 60} h ago"
    if abs(distance) == 1:
        return f"{'tomorrow' if ahead else 'yesterday'} {clock(moment)}"
    if abs(distance) < 7:
        return f"{_WEEKDAYS[moment.weekday()]} {clock(moment)}"
    return day(moment, now)


def exact(moment: datetime | None) -> str:
    """A moment without doubt: "Thu 19 Nov 2026, 09:04 CET"."""
    if moment is None:
        return NONE
    return f"{weekday(moment)}, {clock(moment)} {moment.tzname() or ''}".rstrip()


def clock(moment: datetime) -> str:
    """Time of day: "09:04"."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def duration(span: timedelta | None) -> str:
    """Time as it passes: "35 m", "2 h 08 m", "3 d 4 h"."""
    if span is None:
        return NONE
    minutes = int(span.total_seconds() // 60)
    days_, rest = divmod(abs(minutes) // 60, 24)
    if not days_:
        return effort(minutes)
    sign = MINUS if minutes < 0 else ""
    return f"{sign}{days_} d {rest} h" if rest else f"{sign}{days_} d"


def effort(minutes: int) -> str:
    """Minutes of work or business time, whose day is not 24 hours: "35 m", "37 h 08 m"."""
    sign, minutes = (MINUS if minutes < 0 else ""), abs(minutes)
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours:,} h {rest:02d} m" if hours else f"{sign}{minutes} m"


def size(count: int) -> str:
    """Bytes: "4.2 MB"."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def joined(words: Iterable[str], last: str = "and") -> str:
    """Words as a sentence lists them: "a, b and c"."""
    *head, tail = list(words) or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Two letters that stand for a name: "Northwind Logistics" is "NL", "Maya Okafor" is "MO"."""
    words = [word for word in name.replace("&", " ").replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


@lru_cache(maxsize=4096)
def tint(name: str) -> str:
    """One of five tints, a to e, always the same for a name."""
    return "abcde"[crc32(name.encode()) % 5]


def _known(value: Amount | None) -> TypeGuard[Amount]:
    return value is not None and value == value and value not in (float("inf"), float("-inf"))


def _sign(value: Amount) -> str:
    return MINUS if value < 0 else ""


def _symbol(currency: str) -> str:
    return _SYMBOLS.get(currency, f"{currency} ")


def _rounded(value: Amount, places: int = 0) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _short(value: Decimal) -> str:
    """Three digits at most and a letter; what rounds up to a thousand moves to the next letter."""
    for step, letter in _STEPS:
        if value < step * Decimal("0.9995"):
            continue
        scaled = value / step
        places = 2 if scaled < Decimal("9.995") else 1 if scaled < Decimal("99.95") else 0
        shown = f"{_rounded(scaled, places):f}"
        return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown}{letter}"
    return f"{_rounded(value):,}"


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """What a browser calls itself, in short: "Firefox on Linux"; else its first word."""
    name = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    return " on ".join(filter(None, (name, system))) or user_agent.split("/")[0] or "Unknown"
