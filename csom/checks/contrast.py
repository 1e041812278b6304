"""Every pair of tokens that meets on a page has enough contrast (WCAG 2.2), light and dark."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
TEXT, STRONG, MARK = 4.5, 7.0, 3.0  # words, body text, marks and outlines
PAIRS: tuple[tuple[float, str, str], ...] = (
    (STRONG, "text", "surface canvas selected nav-current accent-soft"),
    (TEXT, "text", "heat-2"),
    (STRONG, "on-ink", "ink"),
    (TEXT, "text-2", "surface surface-2 surface-3 canvas selected accent-soft"),
    (TEXT, "text-3", "surface surface-2 canvas selected nav-current"),
    (TEXT, "accent-text", "surface accent-soft canvas"),
    (TEXT, "on-accent", "accent"),
    (TEXT, "good-text", "surface surface-2 good-soft selected"),
    (TEXT, "watch-text", "surface surface-2 watch-soft selected"),
    (TEXT, "risk-text", "surface surface-2 risk-soft selected"),
    (TEXT, "on-risk", "risk-strong"),
    (TEXT, "info-text", "info-soft"),
    (TEXT, "tint-a-text", "tint-a"),
    (TEXT, "tint-b-text", "tint-b"),
    (TEXT, "tint-c-text", "tint-c"),
    (TEXT, "tint-d-text", "tint-d"),
    (TEXT, "tint-e-text", "tint-e"),
    (TEXT, "heat-ink-3", "heat-3"),
    (TEXT, "heat-ink-4", "heat-4"),
    (TEXT, "heat-ink-5", "heat-5"),
    (MARK, "accent", "surface canvas"),
    (MARK, "border-strong", "surface canvas"),
    (MARK, "good", "surface surface-2"),
    (MARK, "watch", "surface"),
    (MARK, "risk", "surface"),
    (MARK, "none", "surface"),
)


def main() -> int:
    found = list(findings(TOKENS.read_text()))
    print("\n".join(found) or f"{sum(len(b.split()) for *_, b in PAIRS)} pairs of tokens are fine")
    return 1 if found else 0


def findings(css: str) -> Iterator[str]:
    """One line for each pair that is missing or too weak."""
    colours = {
        name: (light, dark)
        for name, light, dark in re.findall(
            r"--([\w-]+):\s*light-dark\((#[0-9a-fA-F]{6}),\s*(#[0-9a-fA-F]{6})\)", css
        )
    }
    for least, front, backs in PAIRS:
        for back in backs.split():
            for theme, name in enumerate(("light", "dark")):
                if front not in colours or back not in colours:
                    yield f"{front} on {back}: no such token"
                    break
                seen = contrast(colours[front][theme], colours[back][theme])
                if seen < least:
                    yield f"{front} on {back}, {name}: {seen:.2f}, needs {least}"


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG defines it, 1 to 21."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)


if __name__ == "__main__":
    sys.exit(main())
