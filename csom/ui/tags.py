"""Template tags and filters of the design system; built in, so that no template loads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from csom.ui import charts, marks, words
from tenants import formats
from tenants.addresses import outside

register = template.Library()

for mark in (
    marks.icon,
    marks.band,
    marks.delta,
    marks.spiced,
    marks.mono,
    marks.bowtie_glyph,
    marks.sparkline,
    marks.contribution,
    marks.loadbar,
    marks.swatch,
):
    register.simple_tag(mark)

for said in (
    words.money,
    words.money_cents,
    words.money_short,
    words.rate,
    words.points,
    words.figure,
    words.number,
    words.signed,
    words.plural,
    words.effort,
    words.filesize,
    words.day,
    words.day_year,
    words.weekday,
    words.month,
    words.days,
    words.initials,
    words.listed,
):
    register.filter(said.__name__, said)


@register.simple_tag
def chart(kind: str, data: Any, caption: bool = True, level: int = 2, note: str = "") -> SafeString:
    """A chart from plain data, mapping or dataclass, with title, legend, finding and a table.

    The same data is drawn once: most charts change once a day.
    """
    plain = (
        {item.name: getattr(data, item.name) for item in fields(data)}
        if is_dataclass(data)
        else dict(data)
    )
    frame = {"caption": caption, "level": level, "note": note}
    return _figure(_Figure(repr((kind, plain, frame)), kind, plain, frame))


@dataclass(frozen=True)
class _Figure:
    """What a chart is made from; equal where everything in it reads the same."""

    told: str
    kind: str = field(compare=False)
    plain: dict[str, Any] = field(compare=False)
    frame: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=64)
def _figure(asked: _Figure) -> SafeString:
    figure = charts.CHARTS[asked.kind](**asked.plain)
    context = {"chart": figure, "svg": marks.drawn(figure.svg)} | asked.frame
    return render_to_string("components/chart.html", context)


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], moment: datetime | None, cls: str = "") -> SafeString:
    """How long ago or how soon, the exact moment on hover; a `now` of the context wins."""
    if moment is None:
        return marks.drawn(formats.NONE)
    local = timezone.localtime(moment)
    now = timezone.localtime(context.get("now") or timezone.now())
    stamp, exact = local.isoformat(timespec="minutes"), formats.exact(local)
    dress = format_html(' class="{}"', cls) if cls else ""
    markup = '<time datetime="{}" title="{}"{}>{}</time>'
    return format_html(markup, stamp, exact, dress, formats.when(local, now))


@register.filter
def browser(user_agent: str) -> str:
    """{{ session.user_agent|browser }}: "Firefox on Linux"."""
    return formats.browser(user_agent)


@register.filter
def widget(field: Any, hint: str = "") -> SafeString:
    """{{ field|widget }}: a form control in our dress, tied to its hint and its error."""
    control = field.field.widget
    kind = getattr(control, "input_type", "") or type(control).__name__.lower()
    dress = {"checkbox": "check", "select": "select", "textarea": "textarea"}.get(kind, "input")
    told = [f"{field.auto_id}-hint"] if field.help_text or hint else []
    told += [f"{field.auto_id}-error"] if field.errors else []
    attrs: dict[str, Any] = {"aria-describedby": " ".join(told)} if told else {}
    if field.errors:
        attrs["aria-invalid"] = "true"
    if not control.use_fieldset:
        attrs["class"] = f"{dress} {control.attrs.get('class', '')}".strip()
    markup: SafeString = field.as_widget(attrs=attrs)
    return markup


@register.filter
def dialog_or_page(request: Any) -> str:
    """{% extends request|dialog_or_page %}: one template, a dialog for htmx, else a page."""
    return "layouts/dialog.html" if getattr(request, "htmx", False) else "layouts/dialog_page.html"


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: Any) -> str:
    """This page's query string with some keys changed, None removes: {% query sort='arr' %}."""
    kept = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            kept.pop(key, None)
        else:
            kept[key] = str(value)
    return f"?{kept.urlencode()}"


@register.simple_tag
def outside_url(name: str, **parts: object) -> str:
    """The address of a page outside every tenant, or nothing where it does not exist."""
    try:
        return outside(name, **parts)
    except NoReverseMatch:
        return ""
