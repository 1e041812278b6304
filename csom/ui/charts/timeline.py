"""A critical event worked backwards: the event at the right, milestones and today before it."""

from collections.abc import Sequence
from datetime import date

from csom.ui.charts.svg import Chart, el, frame, ident, num, pct, text
from tenants.formats import day

STATES = {"done": "done", "late": "late", "next": "next", "todo": "to do"}


def timeline(
    *,
    title: str,
    finding: str,
    today: date,
    event: tuple[str, date],
    milestones: Sequence[tuple[str, date, str]],
    start: date | None = None,
    note: str = "",
    height: int = 124,
    id: str | None = None,
) -> Chart:
    """milestones: (name, date, state), state done, late, next or todo.

    start: the left end, else a little before the first date;
    note: what stands under the event instead of its date.
    """
    ident_ = ident(id, title, "timeline")
    name, end = event
    steps = sorted(milestones, key=lambda step: step[1])
    first = start or min([today, *(when for _, when, _ in steps)])
    span = max(1, (end - first).days)
    lead = 0 if start else span * 0.03
    middle = height / 2 + 2

    def x(moment: date) -> float:
        return min(100.0, max(0.0, 100 * ((moment - first).days + lead) / (span + lead)))

    now = x(today)
    body = el("line", x1=0, x2="100%", y1=num(middle), y2=num(middle), class_="axis")
    body += el("line", x1=0, x2=pct(now), y1=num(middle), y2=num(middle), class_="axis axis--past")
    body += el(
        "line",
        x1=pct(now),
        x2=pct(now),
        y1=num(middle - 50),
        y2=num(middle + 50),
        class_="mark mark--now",
    )
    body += text(
        pct(now),
        num(middle - 53),
        f"Today, {day(today, end)}",
        "t t--sm t--hi",
        text_anchor=_anchor(now),
    )
    for i, (label, when, state) in enumerate(steps):
        body += _milestone(x(when), middle, i % 2 == 0, label, day(when, end), state)
    body += _at("100%", middle, '<path class="crit-mark" d="M-16 0L-8 -8L0 0L-8 8Z"/>')
    level = middle + 24 if len(steps) % 2 else middle - 30
    body += text("100%", num(level), name, "t t--hi t--risk", text_anchor="end")
    body += text("100%", num(level + 13), note or day(end, today), "t t--sm", text_anchor="end")
    rows = [[label, day(when), STATES.get(state, state)] for label, when, state in steps] + [
        [name, day(end), "critical event"]
    ]
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, "c--rev"),
        ["Milestone", "Date", "State"],
        rows,
    )


def _milestone(x: float, middle: float, above: bool, label: str, when: str, state: str) -> str:
    place, anchor, dx = pct(x), _anchor(x), (-5 if x < 8 else None)
    drawn = el(
        "line",
        x1=place,
        x2=place,
        y1=num(middle + (-6 if above else 6)),
        y2=num(middle + (-15 if above else 13)),
        class_="tick",
    )
    drawn += el("circle", cx=place, cy=num(middle), r=5.5, class_=f"ms ms--{state}")
    if state == "done":
        drawn += _at(place, middle, '<path class="ms__ok" d="M-2.4 .2L-.7 2L2.5 -1.8"/>')
    level = middle - 30 if above else middle + 24
    drawn += text(place, num(level), label, "t t--hi", text_anchor=anchor, dx=dx)
    return drawn + text(
        place, num(level + 13), when, f"t t--sm ms__d--{state}", text_anchor=anchor, dx=dx
    )


def _at(x: str, y: float, shape: str) -> str:
    return f'<svg x="{x}" y="{num(y)}" overflow="visible">{shape}</svg>'


def _anchor(x: float) -> str:
    return "start" if x < 8 else "end" if x > 92 else "middle"
