"""Templates hold to the content security policy and to the design system."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES, STYLES = ROOT / "templates", ROOT / "static" / "css"
ICONS = ROOT / "static" / "vendor" / "icons.txt"
COLOUR = r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgb|hsl|oklch|lab)a?\("
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style\b", re.I),
    "inline handler": re.compile(r"\son[a-z]+\s*=", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.I),
    "javascript address": re.compile(r"(?:href|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "hx-on needs eval": re.compile(r"\b(?:data-)?hx-on\b", re.I),
    "js: needs eval": re.compile(r"hx-(?:vals|headers)\s*=\s*[\"']\s*(?:js|javascript):", re.I),
    "trigger filter needs eval": re.compile(r"hx-trigger\s*=\s*(?:\"[^\"]*\[|'[^']*\[)", re.I),
    "address of another host": re.compile(r"(?:src|hx-\w+)\s*=\s*[\"']\s*(?:https?:)?//", re.I),
    "text marked as safe": re.compile(r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off"),
    "colour outside tokens.css": re.compile(
        rf"(?:fill|stroke|color)\s*=\s*[\"'](?:{COLOUR})", re.I
    ),
    "only the first button rests, which may be Cancel": re.compile(r"\"find button\""),
    "tab that opens another window": re.compile(r"target\s*=\s*[\"']_blank", re.I),
}
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.S)


def main() -> int:
    found = [*template_findings(TEMPLATES), *style_findings(STYLES)]
    print("\n".join(found) or "Templates and styles are fine")
    return 1 if found else 0


def template_findings(folder: Path) -> Iterator[str]:
    """One line for each thing a template must not hold."""
    icons = set(ICONS.read_text().split())
    for path in sorted(folder.rglob("*.html")):
        if "email" in path.parts:
            continue
        text = COMMENT.sub(lambda seen: re.sub(r"[^\n]", " ", seen[0]), path.read_text())
        for what, pattern in FORBIDDEN.items():
            for seen in pattern.finditer(text):
                yield _line(path, text, seen.start(), what, seen[0])
        for seen in re.finditer(r"\{%\s*icon\s+[\"']([\w-]+)[\"']|\bicon=[\"']([\w-]+)[\"']", text):
            if (seen[1] or seen[2]) not in icons:
                yield _line(path, text, seen.start(), "icon that is not in the sprite", seen[0])


def style_findings(folder: Path) -> Iterator[str]:
    """One line for each raw colour outside tokens.css, and for each address of another host."""
    for path in sorted(folder.glob("*.css")):
        text = re.sub(
            r"/\*.*?\*/", lambda seen: re.sub(r"[^\n]", " ", seen[0]), path.read_text(), flags=re.S
        )
        for seen in re.finditer(rf"(?:{COLOUR})|url\(\s*[\"']?(?:data:|https?:|//)", text):
            if path.name != "tokens.css" or seen[0].startswith("url"):
                yield _line(path, text, seen.start(), "raw colour or foreign address", seen[0])


def _line(path: Path, text: str, at: int, what: str, seen: str) -> str:
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
    return f"{place}:{text.count(chr(10), 0, at) + 1}: {what}: {seen.strip()[:60]}"


if __name__ == "__main__":
    sys.exit(main())
