"""Template tags and filters of the design system; built in, so that no template loads them.

Text from people is escaped here. Marks that repeat in long lists are remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from csom.ui import charts
from tenants import formats
from tenants.addresses import outside

register = template.Library()

BANDS = {
    "good": ("good", "healthy", '<circle cx="6" cy="6" r="5"/>'),
    "watch": ("watch", "watch", '<path d="M6 1L11 6L6 11L1 6Z"/>'),
    "risk": ("risk", "at risk", '<path d="M6 1L11.4 10.6H.6Z"/>'),
    "none": ("none", "no score yet", '<circle cx="6" cy="6" r="4.6"/>'),
}
BAND_NAMES = {
    "green": "good",
    "healthy": "good",
    "yellow": "watch",
    "red": "risk",
    "at_risk": "risk",
}
LETTERS = ("S", "P", "I", "CE", "D")
ELEMENTS = ("Situation", "Pain", "Impact", "Critical event", "Decision")
STATES = {
    "complete": ("full", "complete"),
    "partial": ("part", "partly known"),
    "missing": ("none", "missing"),
    "stale": ("stale", "out of date"),
}
SHORT_STATES = {
    "f": "complete",
    "c": "complete",
    "p": "partial",
    "n": "missing",
    "m": "missing",
    "s": "stale",
}


HIDDEN = mark_safe(' class="vh"')


def band_name(kind: str | None) -> str:
    """good, watch, risk or none for any name of a band."""
    name = BAND_NAMES.get(kind or "", kind or "none")
    return name if name in BANDS else "none"


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("vendor/icons.svg")


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks, otherwise it is decoration."""
    role = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="i{}" {}><use href="{}#{}"/></svg>',
        f" {cls}" if cls else "",
        role,
        _sprite(),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=2048)
def band(
    score: int | float | str | None, kind: str | None = None, words: bool = False
) -> SafeString:
    """Health as shape, number and word; without words only a screen reader hears the word."""
    name, word, shape = BANDS[band_name(kind)]
    number = "" if score is None or isinstance(score, str) else formats.number(score)
    space = " " if number else ""
    glyph = f'<svg class="band__g" viewBox="0 0 12 12" aria-hidden="true">{shape}</svg>'
    said = format_html("<span{}>{}{}</span>", HIDDEN if not words else "", space, word)
    return format_html(
        '<span class="band band--{}">{}{}{}</span>', name, _drawn(glyph), number, said
    )


@register.simple_tag
@lru_cache(maxsize=1024)
def delta(change: int | float | None, unit: str = "points") -> SafeString:
    """A change with an arrow: up is good, down is bad, nothing is nothing."""
    if not change:
        return (
            mark_safe('<span class="delta">0<span class="vh"> no change</span></span>')
            if change == 0
            else mark_safe("")
        )
    way = "up" if change > 0 else "down"
    said = format_html("<span{}> {} {}</span>", HIDDEN, unit, way)
    arrow, size = icon(f"arrow-{way}", "i--sm"), formats.number(abs(change))
    return format_html('<span class="delta delta--{}">{}{}{}</span>', way, arrow, size, said)


@register.simple_tag
def spiced(states: str | Sequence[str] | Mapping[str, str]) -> SafeString:
    """The SPICED meter: five states, words (complete, partial, missing, stale) or or "ccpms"."""
    return _spiced(tuple(states.values()) if isinstance(states, Mapping) else tuple(states))


@lru_cache(maxsize=4096)
def _spiced(states: tuple[str, ...]) -> SafeString:
    known = [
        STATES[SHORT_STATES.get(state, state)] for state in (*states, "n", "n", "n", "n", "n")[:5]
    ]
    cells = "".join(
        f'<span class="is-{cls}" aria-hidden="true">{letter}</span>'
        for letter, (cls, _) in zip(LETTERS, known, strict=True)
    )
    said = ", ".join(f"{name} {words}" for name, (_, words) in zip(ELEMENTS, known, strict=True))
    return _drawn(f'<span class="spiced" role="img" aria-label="SPICED: {said}">{cells}</span>')


@register.simple_tag
@lru_cache(maxsize=4096)
def mono(name: str, cls: str = "", tint: str | None = None) -> SafeString:
    """Letters of an account or person in its tint; cls: mono--round for people, mono--lg titles."""
    shade = tint if tint is not None else "" if "mono--lg" in cls else formats.tint(name)
    dress = " ".join(filter(None, ("mono", f"mono--{shade}" if shade else "", cls)))
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>', dress, formats.initials(name)
    )


@register.simple_tag
@lru_cache(maxsize=64)
def bowtie_glyph(current: int | str, label: str = "") -> SafeString:
    """The seven parts of the bowtie with the current stage lit."""
    return _drawn(charts.glyph(current, label))


@register.simple_tag
def sparkline(
    values: Sequence[float | None],
    kind: str | None = None,
    label: str = "",
    low: float = 0,
    high: float = 100,
) -> SafeString:
    """A small line for a table cell, in the colour of its band."""
    return _drawn(charts.sparkline(values, band_name(kind), label, low=low, high=high))


@register.simple_tag
@lru_cache(maxsize=1024)
def contribution(points: float, span: float = 20) -> SafeString:
    """A bar to the right or left of a rule: what one driver adds or takes."""
    return _drawn(charts.contribution(points, span))


@register.simple_tag
def loadbar(parts: Sequence[tuple[str, float]]) -> SafeString:
    """One bar split into (fill, percent); say the same in words beside it."""
    return _drawn(charts.loadbar(parts))


@register.inclusion_tag("components/chart.html")
def chart(
    kind: str, data: Any, caption: bool = True, level: int = 2, note: str = ""
) -> dict[str, Any]:
    """A chart from plain data, mapping or dataclass, with title, legend, finding and a table."""
    drawn = charts.CHARTS[kind](**_arguments(data))
    return {
        "chart": drawn,
        "svg": _drawn(drawn.svg),
        "caption": caption,
        "level": level,
        "note": note,
    }


def _arguments(data: Any) -> dict[str, Any]:
    if is_dataclass(data) and not isinstance(data, type):
        return {item.name: getattr(data, item.name) for item in fields(data)}
    return dict(data)


@register.simple_tag
def swatch(mark: str) -> SafeString:
    """The sample beside a word in a legend: a band's shape, a line or a filled square."""
    if mark in ("good", "watch", "risk"):
        return format_html(
            '<svg class="band__g band__g--{}" viewBox="0 0 12 12" aria-hidden="true">{}</svg>',
            mark,
            _drawn(BANDS[mark][2]),
        )
    return _drawn(charts.swatch(mark))


@register.filter
def money(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money:currency }}: "€164,000"."""
    return formats.money(minor, currency)


@register.filter
def money_cents(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money_cents:currency }}: "€164,000.00"."""
    return formats.money(minor, currency, cents=True)


@register.filter
def money_short(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money_short:currency }}: "€1.13m"."""
    return formats.money_short(minor, currency)


@register.filter
def rate(share: Any, places: int = 1) -> str:
    """{{ share|rate }}: "91.2%", or "n/a"; {{ share|rate:0 }}: "91%"."""
    return formats.rate(share, places)


@register.filter
def points(share: Any, places: int = 1) -> str:
    """{{ difference|points }}: "+1.2 pts"."""
    return formats.points(share, places)


@register.filter
def number(value: Any, places: int = 0) -> str:
    """{{ value|number }}: "18,200"."""
    return formats.number(value, places)


@register.filter
def signed(value: Any, places: int = 0) -> str:
    """{{ change|signed }}: "+4", "−17"."""
    return formats.signed(value, places)


@register.filter
def plural(count: int, words: str) -> str:
    """{{ count|plural:"account" }}: "14 accounts"; irregular: plural:"company,companies"."""
    return formats.plural(count, words)


@register.filter
def duration(span: Any) -> str:
    """{{ minutes|duration }}: "2 h 08 m"."""
    return formats.duration(span)


@register.filter
def filesize(count: int) -> str:
    """{{ bytes|filesize }}: "4.2 MB"."""
    return formats.size(count)


@register.filter
def day(moment: date | None) -> str:
    """{{ moment|day }}: "28 Feb", with the year when it is not this one."""
    return formats.day(_local(moment), timezone.localdate())


@register.filter
def day_year(moment: date | None) -> str:
    """{{ moment|day_year }}: "28 Feb 2027"."""
    return formats.day(_local(moment))


@register.filter
def weekday(moment: date | None) -> str:
    """{{ moment|weekday }}: "Thu 19 Nov"."""
    return formats.weekday(_local(moment), timezone.localdate())


@register.filter
def month(moment: date | None) -> str:
    """{{ moment|month }}: "Nov 2026"."""
    return formats.month(_local(moment))


@register.filter
def days(count: int) -> str:
    """{{ count|days }}: "in 26 days", "yesterday"."""
    return formats.days(count)


@register.simple_tag(takes_context=True)
def when(context: Mapping[str, Any], moment: datetime | None, cls: str = "") -> SafeString:
    """How long ago or how soon, the exact moment on hover; a `now` of the context wins."""
    if moment is None:
        return _drawn(formats.NONE)
    local = timezone.localtime(moment)
    now = timezone.localtime(context.get("now") or timezone.now())
    stamp, exact = local.isoformat(timespec="minutes"), formats.exact(local)
    dress = format_html(' class="{}"', cls) if cls else ""
    markup = '<time datetime="{}" title="{}"{}>{}</time>'
    return format_html(markup, stamp, exact, dress, formats.when(local, now))


@register.filter
def initials(name: str) -> str:
    """{{ name|initials }}: "NL"."""
    return formats.initials(name)


@register.filter
def widget(field: Any, hint: str = "") -> SafeString:
    """{{ field|widget }}: a form field's control in our dress, tied to its hint and its error."""
    return dressed(field, hint)


def dressed(field: Any, hint: str = "") -> SafeString:
    """A bound field's control with class, aria-invalid and aria-describedby."""
    widget_ = field.field.widget
    kind = getattr(widget_, "input_type", "") or type(widget_).__name__.lower()
    cls = {
        "checkbox": "check",
        "select": "select",
        "textarea": "textarea",
        "file": "input input--file",
    }.get(kind, "input")
    told = [f"{field.auto_id}-hint"] if field.help_text or hint else []
    told += [f"{field.auto_id}-error"] if field.errors else []
    attrs: dict[str, Any] = {"aria-describedby": " ".join(told)} if told else {}
    if field.errors:
        attrs["aria-invalid"] = "true"
    if not widget_.use_fieldset:
        attrs["class"] = f"{cls} {widget_.attrs.get('class', '')}".strip()
    return field.as_widget(attrs=attrs)


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
def outside_url(name: str) -> str:
    """The address of a page outside every tenant, or nothing where it does not exist."""
    try:
        return outside(name)
    except NoReverseMatch:
        return ""


@register.filter
def listed(words: Sequence[str]) -> str:
    """{{ words|listed }}: "a, b and c"."""
    return formats.joined(words)


def _drawn(markup: str) -> SafeString:
    """Markup that this package wrote and in which it escaped what people wrote."""
    return mark_safe(markup)  # noqa: S308


def _local(moment: Any) -> Any:
    return (
        timezone.localtime(moment)
        if isinstance(moment, datetime) and timezone.is_aware(moment)
        else moment
    )
