"""From one total to another, step by step."""

from collections.abc import Sequence

from csom.ui.charts.svg import Chart, el, frame, ident, num, pct, show, signed, text


def waterfall(
    *,
    title: str,
    finding: str,
    steps: Sequence[tuple[str, float, str]],
    unit: str = "EUR",
    height: int = 232,
    id: str | None = None,
) -> Chart:
    """steps: (name, value, kind), kind "total" or "change"; a total starts from zero.

    A cut axis says so in words.
    """
    ident_ = ident(id, title, "waterfall")
    run, bars = 0.0, []
    for name, value, kind in steps:
        before, after = (0.0, value) if kind == "total" else (run, run + value)
        bars.append((name, value, kind, before, after))
        run = after
    high = max([max(before, after) for *_, before, after in bars], default=1.0) * 1.02 or 1.0
    changes = [min(before, after) for _, _, kind, before, after in bars if kind != "total"]
    low = max(0.0, min(changes, default=0.0) * 0.82)
    top, foot = 30, 22
    ground = height - top - foot
    slot = 100 / max(1, len(bars))

    def y(value: float) -> float:
        return top + ground * (1 - (max(value, low) - low) / ((high - low) or 1))

    body = el("line", x1=0, x2="100%", y1=num(top + ground), y2=num(top + ground), class_="axis")
    if low:
        body += text(0, 10, f"axis starts at {show(low, unit)}", "t t--sm")
    edge: tuple[float, float] | None = None
    for i, (name, value, kind, before, after) in enumerate(bars):
        left, total = i * slot + slot * 0.14, kind == "total"
        foot_, head = (
            (top + ground, y(after))
            if total
            else (max(y(before), y(after)), min(y(before), y(after)))
        )
        fill = "ink" if total else "good" if value > 0 else "risk" if value < 0 else "none"
        body += el(
            "rect",
            x=pct(left),
            width=pct(slot * 0.72),
            y=num(head),
            height=num(max(2, foot_ - head)),
            rx=2,
            class_=f"f-{fill}",
        )
        if edge is not None:
            body += el(
                "line",
                x1=pct(edge[0]),
                x2=pct(left),
                y1=num(edge[1]),
                y2=num(edge[1]),
                class_="link",
            )
        edge = (left + slot * 0.72, y(after))
        middle = pct(i * slot + slot / 2)
        body += text(
            middle,
            num(head - 6),
            show(value, unit) if total else signed(value, unit),
            "t t--hi num",
            text_anchor="middle",
        )
        body += text(middle, height - 5, name, "t t--sm", text_anchor="middle")
    rows = [
        [name, show(value, unit) if kind == "total" else signed(value, unit)]
        for name, value, kind in steps
    ]
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, "c--wf"),
        ["Step", "Amount"],
        rows,
    )
