"""The small marks of the design system: icons, health, SPICED, letters, lines and bars.

Text from people is escaped here. Marks that repeat in long lists are remembered.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from csom.ui import charts
from tenants import formats

BANDS = {
    "good": ("healthy", '<circle cx="6" cy="6" r="5"/>'),
    "watch": ("watch", '<path d="M6 1L11 6L6 11L1 6Z"/>'),
    "risk": ("at risk", '<path d="M6 1L11.4 10.6H.6Z"/>'),
    "none": ("no score yet", '<circle cx="6" cy="6" r="4.6"/>'),
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
SHORT_STATES = {"c": "complete", "p": "partial", "m": "missing", "n": "missing", "s": "stale"}
HIDDEN = mark_safe(' class="vh"')
DECORATION = mark_safe('aria-hidden="true"')


def drawn(markup: str) -> SafeString:
    """Markup that this package wrote and in which it escaped what people wrote."""
    return mark_safe(markup)  # noqa: S308


def band_name(kind: str | None) -> str:
    """good, watch, risk or none for any name of a band."""
    name = BAND_NAMES.get(kind or "", kind or "none")
    return name if name in BANDS else "none"


@lru_cache(maxsize=1024)
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks, otherwise it is decoration."""
    said = format_html('role="img" aria-label="{}"', label) if label else DECORATION
    dress, address = f" {cls}" if cls else "", static("vendor/icons.svg")
    return format_html('<svg class="i{}" {}><use href="{}#{}"/></svg>', dress, said, address, name)


@lru_cache(maxsize=2048)
def band(
    score: float | Literal[""] | None, kind: str | None = None, words: bool = False
) -> SafeString:
    """Health as shape, number and word; without words only a screen reader hears the word."""
    name = band_name(kind)
    word, shape = BANDS[name]
    number = "" if score is None or score == "" else formats.number(score)
    glyph = f'<svg class="band__g" viewBox="0 0 12 12" aria-hidden="true">{shape}</svg>'
    space = " " if number else ""
    said = format_html("<span{}>{}{}</span>", "" if words else HIDDEN, space, word)
    return format_html(
        '<span class="band band--{}">{}{}{}</span>', name, drawn(glyph), number, said
    )


@lru_cache(maxsize=1024)
def delta(change: float | Literal[""] | None, unit: str = "points") -> SafeString:
    """A change with an arrow: up is good, down is bad; nothing where it is not known."""
    if change is None or change == "":
        return drawn("")
    if not change:
        return drawn('<span class="delta">0<span class="vh"> no change</span></span>')
    way = "up" if change > 0 else "down"
    said = format_html("<span{}> {} {}</span>", HIDDEN, unit, way)
    arrow, size = icon(f"arrow-{way}", "i--sm"), formats.number(abs(change))
    return format_html('<span class="delta delta--{}">{}{}{}</span>', way, arrow, size, said)


def spiced(states: str | Sequence[str] | Mapping[str, str]) -> SafeString:
    """The SPICED meter: five states, words (complete, partial, missing, stale) or "ccpms"."""
    return _meter(tuple(states.values()) if isinstance(states, Mapping) else tuple(states))


@lru_cache(maxsize=4096)
def _meter(states: tuple[str, ...]) -> SafeString:
    known = [STATES[SHORT_STATES.get(state, state)] for state in (*states, *"mmmmm")[:5]]
    cells = "".join(
        f'<span class="is-{cls}" aria-hidden="true">{letter}</span>'
        for letter, (cls, _) in zip(LETTERS, known, strict=True)
    )
    said = ", ".join(f"{name} {words}" for name, (_, words) in zip(ELEMENTS, known, strict=True))
    return drawn(f'<span class="spiced" role="img" aria-label="SPICED: {said}">{cells}</span>')


@lru_cache(maxsize=4096)
def mono(name: str, cls: str = "", tint: str | None = None) -> SafeString:
    """Letters of an account or person in its tint; cls: mono--round for people, mono--lg titles."""
    shade = tint if tint is not None else "" if "mono--lg" in cls else formats.tint(name)
    dress = " ".join(filter(None, ("mono", f"mono--{shade}" if shade else "", cls)))
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>', dress, formats.initials(name)
    )


@lru_cache(maxsize=64)
def bowtie_glyph(current: int | str, label: str = "") -> SafeString:
    """The seven parts of the bowtie with the current stage lit."""
    return drawn(charts.glyph(current, label))


def sparkline(
    values: Sequence[float | None],
    kind: str | None = None,
    label: str = "",
    low: float = 0,
    high: float = 100,
) -> SafeString:
    """A small line for a table cell, in the colour of its band."""
    return drawn(charts.sparkline(values, band_name(kind), label, low=low, high=high))


@lru_cache(maxsize=1024)
def contribution(points: float, span: float = 20) -> SafeString:
    """A bar to the right or left of a rule: what one driver adds or takes."""
    return drawn(charts.contribution(points, span))


def loadbar(parts: Sequence[tuple[str, float]]) -> SafeString:
    """One bar split into (fill, percent); say the same in words beside it."""
    return drawn(charts.loadbar(parts))


def swatch(mark: str) -> SafeString:
    """The sample beside a word in a legend: a band's shape, a line or a filled square."""
    if mark not in ("good", "watch", "risk"):
        return drawn(charts.swatch(mark))
    shape = BANDS[mark][1]
    opened = f'<svg class="band__g band__g--{mark}" viewBox="0 0 12 12" aria-hidden="true">'
    return drawn(f"{opened}{shape}</svg>")
