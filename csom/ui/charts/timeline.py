"""A critical event worked backwards: the event at the right, milestones and today before it."""

from collections.abc import Sequence
from datetime import date

from csom.ui.charts.svg import Chart, el, frame, ident, num, pct, text
from tenants.formats import day

STATES = {"done": "done", "late": "late", "next": "next", "todo": "to do"}
FIRST = ("next", "late", "todo", "done")  # whose name stands where there is no room for all
WIDTH, LETTER = 600.0, 6.4  # px: how wide the drawing is taken to be, and a letter of a name
GAP = 12.0


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

    start: the left end, and today is not drawn where it lies before it; else a little before the
    first date;
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

    body = el("line", x1=0, x2="100%", y1=num(middle), y2=num(middle), class_="axis")
    if today >= first:
        body += _today(x(today), middle, day(today, end))
    is_event_above = len(steps) % 2 == 0
    rows_taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    rows_taken[is_event_above].append(_reach(100.0, max(name, note, key=len)))
    places = _places([(x(when), label, state) for label, when, state in steps], rows_taken)
    for (label, when, state), above in zip(steps, places, strict=True):
        body += _milestone(x(when), middle, above, label, day(when, end), state)
    body += _at("100%", middle, '<path class="crit-mark" d="M-16 0L-8 -8L0 0L-8 8Z"/>')
    level = middle - 30 if is_event_above else middle + 24
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


def _today(x: float, middle: float, when: str) -> str:
    """The line of today, and what lies behind it."""
    past = el("line", x1=0, x2=pct(x), y1=num(middle), y2=num(middle), class_="axis axis--past")
    mark = el(
        "line",
        x1=pct(x),
        x2=pct(x),
        y1=num(middle - 50),
        y2=num(middle + 50),
        class_="mark mark--now",
    )
    place, anchor = num(middle - 53), _anchor(x, "Today")
    return past + mark + text(pct(x), place, f"Today, {when}", "t t--sm t--hi", text_anchor=anchor)


def _reach(x: float, label: str) -> tuple[float, float]:
    """From where to where a name at x % reaches, in px."""
    at, wide = x * WIDTH / 100, len(label) * LETTER
    return {
        "start": (at - 5, at + wide),
        "middle": (at - wide / 2, at + wide / 2),
        "end": (at - wide, at),
    }[_anchor(x, label)]


def _places(
    steps: Sequence[tuple[float, str, str]], taken: dict[bool, list[tuple[float, float]]]
) -> list[bool | None]:
    """Whether each name stands above the line, below it, or nowhere as others take the room."""
    places: list[bool | None] = [None] * len(steps)
    order = sorted(range(len(steps)), key=lambda i: (FIRST.index(steps[i][2]), -i))
    for i in order:
        start, end = _reach(*steps[i][:2])
        for above in (i % 2 == 0, i % 2 == 1):
            if all(end + GAP <= low or high + GAP <= start for low, high in taken[above]):
                taken[above].append((start, end))
                places[i] = above
                break
    return places


def _milestone(
    x: float, middle: float, above: bool | None, label: str, when: str, state: str
) -> str:
    place, anchor, dx = pct(x), _anchor(x, label), (-5 if x < 8 else None)
    drawn = (
        ""
        if above is None
        else el(
            "line",
            x1=place,
            x2=place,
            y1=num(middle + (-6 if above else 6)),
            y2=num(middle + (-15 if above else 13)),
            class_="tick",
        )
    )
    drawn += el("circle", cx=place, cy=num(middle), r=5.5, class_=f"ms ms--{state}")
    if state == "done":
        drawn += _at(place, middle, '<path class="ms__ok" d="M-2.4 .2L-.7 2L2.5 -1.8"/>')
    tip = el("circle", cx=place, cy=num(middle), r=10, class_="hit", data_tip=f"{label}, {when}")
    if above is None:
        return drawn + tip
    level = middle - 30 if above else middle + 24
    drawn += text(place, num(level), label, "t t--hi ms__n", text_anchor=anchor, dx=dx)
    dated = f"t t--sm ms__n ms__d--{state}"
    return drawn + text(place, num(level + 13), when, dated, text_anchor=anchor, dx=dx) + tip


def _at(x: str, y: float, shape: str) -> str:
    return f'<svg x="{x}" y="{num(y)}" overflow="visible">{shape}</svg>'


def _anchor(x: float, label: str) -> str:
    """A name is centred on its mark, unless it would leave the drawing."""
    half = 100 * len(label) * LETTER / 2 / WIDTH
    return "start" if x < max(8, half) else "end" if x > 100 - max(8, half) else "middle"
