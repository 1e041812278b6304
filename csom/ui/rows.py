"""A row of an account list, drawn in one piece: fifty of them stand on a page.

Built in, so that no template loads it. What people wrote is escaped here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from csom.ui import marks

register = template.Library()
Row = Mapping[str, Any]


@register.simple_tag
def account_cells(row: Row, columns: tuple[str, ...]) -> SafeString:
    """The cells of a row in the order of the columns: {% account_cells row want.asked.columns %}.

    row: as health/views/cells.py makes it.
    """
    drawn = (CELLS[key](row) if key in CELLS else _own(row[key]) for key in columns)
    return marks.drawn("".join(drawn))


def _plain(key: str, cls: str = "", lacking: str = "") -> Callable[[Row], str]:
    """A cell that shows a text, and dim words where there is none."""
    opened = f'<td class="{cls}">' if cls else "<td>"
    dim = f'<span class="c-dim">{lacking}</span>' if lacking else ""
    return lambda row: f"{opened}{escape(row[key]) if row[key] else dim}</td>"


def _own(value: Mapping[str, str]) -> str:
    """A cell of a field of the tenant's own."""
    words = escape(value["words"])
    return f'<td class="{value["cls"]}" title="{words}">{words}</td>'


def _toned(key: str, cls: str, lacking: str = "") -> Callable[[Row], str]:
    """The same in the colour that the row gives it."""

    def cell(row: Row) -> str:
        tone = f" c-{row[f'{key}_tone']}" if row[f"{key}_tone"] else ""
        shown = escape(row[key]) if row[key] else f'<span class="c-dim">{lacking}</span>'
        return f'<td class="{cls}{tone}">{shown}</td>'

    return cell


def _name(row: Row) -> str:
    return (
        f'<td><span class="table__acct">{marks.mono(row["name"])}'
        f'<a class="clip" href="{row["url"]}">{escape(row["name"])}</a></span></td>'
    )


def _next(row: Row) -> str:
    if row["next"]:
        on = f' <span class="c-dim">{row["next_on"]}</span>' if row["next_on"] else ""
        return f'<td class="clip">{escape(row["next"])}{on}</td>'
    if row["start"]:
        url = row["start"]
        return f'<td><a href="{url}" hx-get="{url}" hx-target="#modal">Start a play</a></td>'
    return '<td><span class="c-dim">none</span></td>'


CELLS: dict[str, Callable[[Row], str]] = {
    "name": _name,
    "arr": _plain("arr", "end"),
    "health": lambda row: f"<td>{marks.band(row['score'], row['band'])}</td>",
    "change": lambda row: f'<td class="end">{marks.delta(row["change"])}</td>',
    "spark": lambda row: f'<td class="p3">{marks.sparkline(row["spark"], row["band"])}</td>',
    "reason": _plain("reason", "clip"),
    "spiced": lambda row: (
        f'<td class="p2">{marks.spiced(row["spiced"]) if row["spiced"] else ""}</td>'
    ),
    "event": _toned("event", "clip", "none recorded"),
    "renews": _toned("renews", "end"),
    "next": _next,
    "segment": _plain("segment"),
    "stage": _plain("stage"),
    "owner": _plain("owner", lacking="nobody"),
    "team": _plain("team"),
    "plays": _plain("plays", "end"),
    "touch": _plain("touch", "end"),
    "coverage": _plain("coverage", "end"),
}
