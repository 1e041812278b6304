"""What every chart is made of: escaped elements, positions, scales and the frame with its finding.

The outer svg has no viewBox and is as wide as its place: x positions are percentages, y positions
pixels, so that text never stretches. Paths live in an inner svg that does stretch, with strokes
that do not. Colours are classes, so one drawing serves light, dark and print.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10
from zlib import crc32

from tenants import formats

Value = float | int | None


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: a mark (the class of a swatch, a band or "line") with its words."""

    mark: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the same numbers as a table, for whoever cannot see it."""

    id: str
    title: str
    finding: str
    svg: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    legend: Sequence[Key] = field(default=())


def num(value: float) -> str:
    """A coordinate, as short as it can be."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def pct(value: float) -> str:
    """A horizontal position in percent of the width."""
    return num(value) + "%"


def el(tag: str, **attributes: object) -> str:
    """An empty element; class_ and data_tip are class and data-tip, None leaves one out."""
    pairs = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{''.join(pairs)}/>"


def text(x: object, y: object, words: object, cls: str = "t", **attributes: object) -> str:
    """Escaped text at a place."""
    opened = el("text", x=x, y=y, class_=cls, **attributes)[:-2]
    return f"{opened}>{escape(str(words))}</text>"


def stretched(top: float, height: float, shapes: str, cls: str | None = None) -> str:
    """Shapes drawn on a 1000 wide ground that fills the width of the chart."""
    opened = el(
        "svg", x=0, y=num(top), width="100%", height=num(height), viewBox=f"0 0 1000 {num(height)}",
        preserveAspectRatio="none", overflow="visible", class_=cls,
    )[:-2]  # fmt: skip
    return f"{opened}>{shapes}</svg>"


def frame(chart_id: str, title: str, finding: str, height: float, body: str, cls: str) -> str:
    """The outer svg with its name and its finding."""
    mark = escape(chart_id, quote=True)
    return (
        f'<svg class="c {escape(cls, quote=True)}" width="100%" height="{num(height)}" role="img"'
        f' aria-labelledby="{mark}-t {mark}-d"><title id="{mark}-t">{escape(title)}</title>'
        f'<desc id="{mark}-d">{escape(finding)}</desc>{body}</svg>'
    )


def small(cls: str, width: int, height: int, label: str = "") -> str:
    """The opening of a drawing of fixed size; with a label it speaks, else it is decoration."""
    said = f'role="img" aria-label="{escape(label, quote=True)}"' if label else 'aria-hidden="true"'
    box = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg class="c {escape(cls, quote=True)}" {box} {said}>'


def ident(given: str | None, title: str, kind: str) -> str:
    """An id for the chart: the given one, or one made of kind and title."""
    return given or f"{kind}-{crc32(title.encode()):08x}"


def show(value: Value, unit: str = "") -> str:
    """A value as words; unit: "" a number, "%" a share 0 to 1, a currency its minor units."""
    if unit == "%":
        return formats.rate(value, 0 if value is None or abs(value) >= 0.1 or value == 0 else 1)
    if len(unit) == 3 and unit.isupper():
        return formats.money_short(value, unit)
    words = formats.number(value, 0 if value is None or float(value).is_integer() else 1)
    return f"{words} {unit}" if unit and value is not None else words


def signed(value: float, unit: str = "") -> str:
    """A change as words, with its sign."""
    words = show(value, unit)
    return f"+{words}" if value > 0 else words


NARROWEST = 1e-12  # a span below this share of its values is none


def ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that cover low to high in about as many steps as wanted."""
    if high - low <= max(abs(low), abs(high), 1) * NARROWEST:
        high = low + 1
    raw = (high - low) / wanted
    size = 10 ** floor(log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw * 0.999)
    return [step * i for i in range(floor(low / step), ceil(high / step) + 1)]


def hits(tips: Sequence[str], top: float, height: float, *, columns: bool = False) -> str:
    """Invisible columns that tell the pointer what it is over; columns: one slot for each tip."""
    if not tips:
        return ""
    width = 100 / (len(tips) if columns else max(1, len(tips) - 1))
    drawn = ""
    for i, tip in enumerate(tips):
        left = i * width - (0 if columns else width / 2)
        right = min(100.0, left + width)
        left = max(0.0, left)
        drawn += el(
            "rect",
            x=pct(left),
            y=num(top),
            width=pct(right - left),
            height=num(height),
            class_="hit",
            data_tip=tip,
        )
    return drawn


def path(points: Sequence[tuple[float, float] | None]) -> str:
    """A line through points; None lifts the pen, so that a missing value is a gap."""
    drawn, pen = "", "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        drawn += f"{pen}{num(point[0])} {num(point[1])}"
        pen = "L"
    return drawn


def runs(values: Sequence[Value]) -> list[list[tuple[int, float]]]:
    """The unbroken stretches of a series as (position, value)."""
    found: list[list[tuple[int, float]]] = []
    last = -2
    for i, value in enumerate(values):
        if value is None:
            continue
        if i != last + 1:
            found.append([])
        found[-1].append((i, float(value)))
        last = i
    return found
