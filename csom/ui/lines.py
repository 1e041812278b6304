"""A line of the day's queue, drawn in one piece: up to a hundred of them stand on a page.

Built in, so that no template loads it. What people wrote is escaped here.
"""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from csom.ui import marks

register = template.Library()


@register.simple_tag
def queue_line(line: Mapping[str, Any]) -> SafeString:
    """An item of the queue: {% queue_line line %}.

    line: as plays/views/lines.py makes it.
    """
    url, name, tone = escape(line["url"]), line["name"], line["tone"]
    mark = marks.mono(name) if name else f'<span class="mono">{marks.icon("check", "i--sm")}</span>'
    told = [f"<b>{escape(name)}</b>" if name else "", escape(line["why"]), escape(line["owner"])]
    band = marks.band(line["score"], line["band"]) if line["has_row"] else ""
    current = ' aria-current="true"' if line["is_current"] else ""
    clock = f" clock--{tone}" if tone else ""
    return marks.drawn(
        f'<li{current} hx-get="{escape(line["peek"])}" hx-trigger="peek" hx-target="#peek"'
        f' hx-swap="outerHTML">{mark}'
        f'<div class="q__main"><div class="q__t"><a href="{url}" hx-get="{url}" hx-target="#today"'
        f' hx-swap="outerHTML show:#peek:top" hx-push-url="true">{escape(line["title"])}</a></div>'
        f'<div class="q__why">{" · ".join(filter(None, told))}</div></div>'
        f'<div class="q__meta"><span>{band}</span>'
        f'<span class="num c-sub">{escape(line["arr"])}</span>'
        f'<span class="clock{clock}">{marks.icon("clock", "i--sm") if tone else ""}'
        f"{line['due']}</span></div></li>"
    )
