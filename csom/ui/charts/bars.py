"""Small and flat bars: the points of one health driver, the plan of a day, the load of a team."""

from collections.abc import Sequence
from html import escape

from csom.ui.charts.svg import Chart, Key, el, frame, ident, num, pct, small, text


def contribution(value: float, span: float = 20, *, width: int = 116, height: int = 14) -> str:
    """Points a driver adds (right, good) or takes (left, risk), from a middle rule."""
    middle = width / 2
    reach = min(1.0, abs(value) / (span or 1)) * middle
    fill = "good" if value > 0 else "risk" if value < 0 else "none"
    left = middle if value >= 0 else middle - reach
    return (
        f"{small('contrib', width, height)}"
        f'<line class="axis" x1="{num(middle)}" x2="{num(middle)}" y1="0" y2="{height}"/>'
        f'<rect class="f-{fill}" x="{num(left)}" y="3" width="{num(max(1, reach))}"'
        f' height="{height - 6}" rx="1.5"/></svg>'
    )


def loadbar(parts: Sequence[tuple[str, float]], height: int = 10) -> str:
    """Shares of a whole on one bar, its words beside it. parts: (fill, percent), left first."""
    x, drawn = 0.0, el("rect", x=0, y=0, width="100%", height=height, rx=2.5, class_="f-track")
    for fill, percent in parts:
        wide = min(percent, 100 - x)
        if wide > 0:
            drawn += el(
                "rect",
                x=pct(x),
                y=0,
                width=pct(max(0.2, wide - 0.35)),
                height=height,
                rx=2,
                class_=f"f-{fill}",
            )
        x += max(0, wide)
    return f'<svg class="c loadbar" width="100%" height="{height}" aria-hidden="true">{drawn}</svg>'


def capacity(
    *,
    title: str,
    finding: str,
    people: Sequence[tuple[str, Sequence[float], str]],
    kinds: Sequence[tuple[str, str]] = (
        ("accent", "Onboarding"),
        ("series-2", "Adoption"),
        ("series-3", "Renewals"),
    ),
    row: int = 34,
    id: str | None = None,
) -> Chart:
    """Load of each person against full capacity.

    people: (name, percent of capacity by kind, note); kinds: (fill, name).
    """
    ident_ = ident(id, title, "capacity")
    full = max([130.0, *(sum(parts) * 1.04 for _, parts, _ in people)])
    height = row * len(people) + 22
    rule = pct(100 / full * 100)
    body = ""
    for i, (name, parts, note) in enumerate(people):
        y, x = i * row, 0.0
        body += text(0, y + 12, name, "t t--hi") + text(
            "100%", y + 12, note, "t t--sm num", text_anchor="end"
        )
        body += el("rect", x=0, y=y + 18, width="100%", height=8, rx=2, class_="f-track")
        for (fill, _), percent in zip(kinds, parts, strict=False):
            if percent > 0:
                wide = percent / full * 100
                body += el(
                    "rect",
                    x=pct(x),
                    y=y + 18,
                    width=pct(max(0.1, wide - 0.25)),
                    height=8,
                    rx=1.5,
                    class_=f"f-{fill}",
                )
                x += wide
        body += el("line", x1=rule, x2=rule, y1=y + 15, y2=y + 29, class_="mark mark--now")
    body += text(rule, height - 4, "100% of capacity", "t t--sm", text_anchor="middle")
    rows = [
        [name, *(f"{percent:.0f}%" for percent in parts), f"{sum(parts):.0f}%", note]
        for name, parts, note in people
    ]
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, "c--cap"),
        ["Person", *(name for _, name in kinds), "Load", "Note"],
        rows,
        [Key(fill, name) for fill, name in kinds],
    )


def swatch(mark: str) -> str:
    """The sample a legend shows for a fill or for a line."""
    drawn = '<path class="pred" d="M0 5H10"/>'
    if mark != "line":
        fill = escape(mark.removeprefix("fill-"), quote=True)
        drawn = f'<rect class="f-{fill}" width="10" height="10" rx="2"/>'
    return f'<svg class="c" viewBox="0 0 10 10" aria-hidden="true">{drawn}</svg>'
