"""The bowtie, small as a glyph for one account and large as a map of the whole business."""

from collections.abc import Sequence

from csom.ui.charts.svg import Chart, el, frame, ident, num, pct, small, stretched, text

STAGES = ("awareness", "education", "selection", "commit", "onboarding", "adoption", "expansion")
_EDGES = ((12, 9), (9, 6), (6, 3), (3, 3), (3, 6), (6, 9), (9, 12))
_OPENINGS = ((1, 0.8), (0.8, 0.58), (0.58, 0.3), (0.3, 0.3), (0.3, 0.52), (0.52, 0.76), (0.76, 1))


def glyph(current: int | str, label: str = "", *, width: int = 112, height: int = 26) -> str:
    """Seven parts with the current one lit; current: a stage or its position from 0."""
    at = (
        STAGES.index(current)
        if isinstance(current, str) and current in STAGES
        else int(current)
        if isinstance(current, int)
        else -1
    )
    slot, middle, drawn = width / 7, height / 2, ""
    for i, (left, right) in enumerate(_EDGES):
        state = "is-now" if i == at else "is-past" if i < at else "is-next"
        shape = _part(i * slot + 0.75, (i + 1) * slot - 0.75, middle, left, right)
        drawn += el("path", class_=f"bow {state}", d=shape)
    return f"{small('bowmini', width, height, label)}{drawn}</svg>"


def bowtie(
    *,
    title: str,
    finding: str,
    stages: Sequence[tuple[str, str, str]],
    rates: Sequence[tuple[str, str, str]],
    weakest: int | None = None,
    height: int = 270,
    id: str | None = None,
) -> Chart:
    """From the first contact to expansion: volume, conversion and time.

    stages: seven of (name, volume, what is counted); rates: six of (conversion, time, tone) between
    them, tone "risk" or none; weakest: position of the stage that loses most against its target.
    """
    ident_ = ident(id, title, "bowtie")
    top, ground = 44, height - 106
    middle, slot = ground / 2, 1000 / max(1, len(stages))
    shapes = body = ""
    for i, (name, volume, counted) in enumerate(stages):
        left, right = _OPENINGS[i % 7]
        side = "hot" if i == weakest else "left" if i < 3 else "knot" if i == 3 else "right"
        shapes += el(
            "path",
            class_=f"bow bow--{side}",
            d=_part(i * slot + 2, (i + 1) * slot - 2, middle, left * middle, right * middle),
        )
        place = pct((i + 0.5) * slot / 10)
        body += text(place, 12, name, "t t--hi", text_anchor="middle") + text(
            place, 28, counted, "t t--sm", text_anchor="middle"
        )
        body += text(
            place, num(top + middle + 5), volume, f"t bow__v bow__v--{side}", text_anchor="middle"
        )
    for i, (conversion, time, tone) in enumerate(rates):
        place = pct((i + 1) * slot / 10)
        body += el(
            "line",
            x1=place,
            x2=place,
            y1=num(top + ground + 4),
            y2=num(top + ground + 16),
            class_="tick",
        )
        body += text(
            place,
            num(top + ground + 31),
            conversion,
            f"t t--hi num{' t--risk' if tone == 'risk' else ''}",
            text_anchor="middle",
        )
        body += text(place, num(top + ground + 46), time, "t t--sm", text_anchor="middle")
    rows = [
        [name, f"{volume} {counted}", *(rates[i][:2] if i < len(rates) else ("", ""))]
        for i, (name, volume, counted) in enumerate(stages)
    ]
    drawn = frame(ident_, title, finding, height, stretched(top, ground, shapes) + body, "c--bow")
    return Chart(ident_, title, finding, drawn, ["Stage", "Volume", "To next stage", "Time"], rows)


def _part(left: float, right: float, middle: float, before: float, after: float) -> str:
    start, end = num(left), num(right)
    return (
        f"M{start} {num(middle - before)}L{end} {num(middle - after)}"
        f"V{num(middle + after)}L{start} {num(middle + before)}Z"
    )
