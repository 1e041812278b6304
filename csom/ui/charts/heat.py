"""A heat map as a plain table, because a table is what it is."""

from collections.abc import Sequence
from html import escape

from csom.ui.charts.svg import Chart, ident, show

STEPS = 5


def heat(
    *,
    title: str,
    finding: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, str, Sequence[float | None]]],
    unit: str = "%",
    low: float | None = None,
    high: float | None = None,
    corner: tuple[str, str] = ("Cohort", "Accounts"),
    urls: Sequence[Sequence[str]] = (),
    id: str | None = None,
) -> Chart:
    """rows: (name, size, values); a value that is not there yet is an empty cell.

    urls: where each cell that is not empty leads to, row by row.

    low and high: the ends of the ramp, else the least and the most there is.
    """
    ident_ = ident(id, title, "heat")
    known = [value for *_, values in rows for value in values if value is not None]
    low = min(known, default=0.0) if low is None else low
    high = max(known, default=1.0) if high is None else high
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (*corner, *columns))
    body = ""
    for number, (name, size, values) in enumerate(rows):
        leads = urls[number] if urls else [""] * len(values)
        pairs = zip(values, leads, strict=True)
        cells = "".join(_cell(value, low, high, unit, url) for value, url in pairs)
        size_cell = f'<td class="heat__n">{escape(size)}</td>'
        body += f'<tr><th scope="row">{escape(name)}</th>{size_cell}{cells}</tr>'
    caption = f'<caption class="vh">{escape(title)}. {escape(finding)}</caption>'
    drawn = (
        f'<div class="tablewrap"><table class="heat" id="{escape(ident_, quote=True)}">{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return Chart(ident_, title, finding, drawn)


def _cell(value: float | None, low: float, high: float, unit: str, url: str) -> str:
    if value is None:
        return "<td></td>"
    share = (value - low) / ((high - low) or 1)
    step = min(STEPS, max(0, 1 + int(share * STEPS)))
    shown = escape(show(value, unit))
    if url:
        shown = f'<a href="{escape(url, quote=True)}">{shown}</a>'
    return f'<td class="h{step}">{shown}</td>'
