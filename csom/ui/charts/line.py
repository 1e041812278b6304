"""Lines over time: the sparkline of a table cell and the line with marks and a guide."""

from collections.abc import Callable, Sequence

from csom.ui.charts.svg import (
    Chart,
    Value,
    el,
    frame,
    hits,
    ident,
    num,
    path,
    pct,
    runs,
    show,
    small,
    stretched,
    text,
    ticks,
)


def sparkline(
    values: Sequence[Value],
    band: str = "none",
    label: str = "",
    *,
    low: float = 0,
    high: float = 100,
    width: int = 80,
    height: int = 24,
) -> str:
    """A small line for a table cell, a dot on the last value; empty where nothing is known."""
    stretches = runs(values)
    if not stretches:
        return ""
    pad, step = 3, (width - 9) / max(1, len(values) - 1)
    span = (high - low) or 1

    def place(i: int, value: float) -> tuple[float, float]:
        return pad + i * step, pad + (height - 2 * pad) * (
            1 - (min(max(value, low), high) - low) / span
        )

    drawn = "".join(path([place(i, value) for i, value in stretch]) for stretch in stretches)
    x, y = place(*stretches[-1][-1])
    return (
        f'{small(f"spark is-{band}", width, height, label)}<path class="line" d="{drawn}"/>'
        f'<circle class="dot" cx="{num(x)}" cy="{num(y)}" r="2.25"/></svg>'
    )


def line(
    *,
    title: str,
    finding: str,
    labels: Sequence[str],
    values: Sequence[Value],
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    tone: str = "",
    marks: Sequence[tuple[int, str]] = (),
    guide: tuple[float, str] | None = None,
    column: str = "Date",
    every: int | None = None,
    height: int = 112,
    id: str | None = None,
) -> Chart:
    """One series over time; a missing value is a gap.

    marks: (position, words) as upright rules; guide: (value, words) as a level one; tone: "risk",
    "watch", "good" or none; every: a label at every so many points.
    """
    ident_ = ident(id, title, "line")
    known = [value for value in values if value is not None]
    levels = known + ([guide[0]] if guide else [])
    grid = ticks(
        min(levels, default=0) if low is None else low,
        max(levels, default=1) if high is None else high,
        2,
    )
    low, high = (grid[0] if low is None else low), (grid[-1] if high is None else high)
    top, foot = (20 if marks else 10), 18
    ground = height - top - foot
    last = max(1, len(values) - 1)

    def x(i: int) -> float:
        return 100 * i / last

    def y(value: float) -> float:
        return top + ground * (1 - (value - low) / ((high - low) or 1))

    body = "".join(
        el("line", x1=0, x2="100%", y1=num(y(level)), y2=num(y(level)), class_="grid")
        for level in (low, (low + high) / 2, high)
    )
    if guide:
        body += el(
            "line", x1=0, x2="100%", y1=num(y(guide[0])), y2=num(y(guide[0])), class_="guide"
        )
        body += text(0, num(y(guide[0]) + 12), guide[1], "t t--sm")
    shapes = ""
    for stretch in runs(values):
        drawn = path([(10 * x(i), y(value) - top) for i, value in stretch])
        start, end = num(10 * x(stretch[0][0])), num(10 * x(stretch[-1][0]))
        shapes += el(
            "path",
            class_="wash",
            d=f"{drawn}L{end} {num(ground)}L{start} {num(ground)}Z",
        )
        shapes += el("path", class_="line", d=drawn)
    body += stretched(top, ground, shapes)
    for i, words in marks:
        late = x(i) > 70
        body += el("line", x1=pct(x(i)), x2=pct(x(i)), y1=4, y2=num(top + ground), class_="mark")
        body += text(
            pct(x(i)),
            11,
            words,
            "t t--sm t--hi",
            text_anchor="end" if late else "start",
            dx=-5 if late else 5,
        )
    for stretch in runs(values)[-1:]:
        i, value = stretch[-1]
        body += el("circle", cx=pct(x(i)), cy=num(y(value)), r=3, class_="dot")
    body += _dates(labels, x, height - 3, every)
    body += hits(
        [f"{label}: {show(value, unit)}" for label, value in zip(labels, values, strict=True)],
        top,
        ground,
    )
    rows = [[label, show(value, unit)] for label, value in zip(labels, values, strict=True)]
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, f"c--line is-{tone}"),
        [column, title],
        rows,
    )


def _dates(labels: Sequence[str], x: Callable[[int], float], y: float, every: int | None) -> str:
    last = len(labels) - 1
    step = every or max(1, last // 4)
    drawn = ""
    for i in range(0, len(labels), step):
        anchor = "start" if i == 0 else "end" if i == last else "middle"
        drawn += text(pct(x(i)), y, labels[i], "t t--sm", text_anchor=anchor)
    return drawn
