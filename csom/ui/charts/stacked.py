"""Amounts over time, split into bands."""

from collections.abc import Sequence

from csom.ui.charts.svg import Chart, Key, el, frame, hits, ident, num, pct, show, text, ticks


def stacked(
    *,
    title: str,
    finding: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float]]],
    unit: str = "",
    marks: Sequence[tuple[int, str]] = (),
    column: str = "Week",
    height: int = 248,
    id: str | None = None,
) -> Chart:
    """Columns with a hairline gap.

    series: (name, fill, values), bottom first; fill: good, watch, risk, none, accent, series-2;
    marks: (position, words) as upright rules before that column.
    """
    ident_ = ident(id, title, "stacked")
    totals = [sum(values[i] or 0 for _, _, values in series) for i in range(len(labels))]
    grid = ticks(0, max(totals, default=0) or 1)
    top, foot = 16, 20
    ground = height - top - foot
    slot = 100 / max(1, len(labels))
    wide = slot * 0.76

    def y(value: float) -> float:
        return top + ground * (1 - value / grid[-1])

    body = ""
    for level in grid:
        body += el("line", x1=0, x2="100%", y1=num(y(level)), y2=num(y(level)), class_="grid")
        body += (
            text(-8, num(y(level) + 4), show(level, unit), "t t--sm", text_anchor="end")
            if level
            else ""
        )
    for i in range(len(labels)):
        base = 0.0
        for _, fill, values in series:
            upper, lower = y(base + (values[i] or 0)), y(base)
            base += values[i] or 0
            if lower - upper > 0.4:
                body += el(
                    "rect", x=pct(i * slot + (slot - wide) / 2), width=pct(wide), y=num(upper),
                    height=num(max(0.5, lower - upper - 1)), rx=1.5, class_=f"f-{fill}",
                )  # fmt: skip
    for i, words in marks:
        late = i * slot > 70
        body += el(
            "line", x1=pct(i * slot), x2=pct(i * slot), y1=2, y2=num(top + ground), class_="mark"
        )
        body += text(
            pct(i * slot),
            10,
            words,
            "t t--sm t--hi",
            text_anchor="end" if late else "start",
            dx=-5 if late else 5,
        )
    for i in range(0, len(labels), max(1, len(labels) // 6)):
        body += text(
            pct(i * slot + slot / 2), height - 4, labels[i], "t t--sm", text_anchor="middle"
        )
    tips = []
    for i, label in enumerate(labels):
        parts = (f"{name} {show(values[i], unit)}" for name, _, values in reversed(series))
        tips.append(" · ".join((label, *parts)))
    body += hits(tips, top, ground, columns=True)
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, "c--stack c--gutter"),
        [column, *(name for name, _, _ in series)],
        [
            [label, *(show(values[i], unit) for _, _, values in series)]
            for i, label in enumerate(labels)
        ],
        [
            Key(fill, name, show(values[-1], unit) if values else "")
            for name, fill, values in reversed(series)
        ]
        if len(series) > 1
        else [],
    )
