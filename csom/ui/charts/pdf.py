"""Charts in a PDF, for renderers that ignore page CSS inside svg: the light colours, written in."""

import re

_SIZES = {
    "fs-11": "11px", "fs-12": "12px", "fs-13": "13px", "fs-14": "14px", "fs-16": "16px",
    "w-medium": "500", "w-strong": "600", "w-regular": "400", "font": "Inter, sans-serif",
}  # fmt: skip
_PAGE_ONLY = re.compile(r"legend|chart|ctable|tip|heat|hit|\.c \{|spark")


def flattened(tokens_css: str, charts_css: str) -> str:
    """Chart rules as one style element, every token replaced by its light value."""
    light = {
        key: value.strip()
        for key, value in re.findall(r"--([\w-]+):\s*light-dark\(([^,]+),", tokens_css)
    }
    layer = re.search(r"@layer charts \{(.*)\n\}", charts_css, re.S)
    rules = re.sub(r"color-mix\([^;]*\)", "none", layer[1] if layer else "")
    rules = re.sub(
        r"var\(--([\w-]+)\)",
        lambda token: _SIZES.get(token[1]) or light.get(token[1], "none"),
        rules,
    )
    rules = re.sub(r"(^|\s|,)\.c (?!\{)", r"\1", rules)
    kept = [
        rule.strip()
        for rule in re.findall(r"[^{}]+\{[^{}]*\}", rules)
        if re.search(r"fill|stroke|font", rule) and not _PAGE_ONLY.search(rule.split("{")[0])
    ]
    return f"<style>{''.join(kept)}</style>"


def with_style(svg: str, style: str) -> str:
    """The drawing with the style inside it."""
    return (
        svg.replace("</desc>", f"</desc>{style}", 1)
        if "</desc>" in svg
        else svg.replace(">", f">{style}", 1)
    )
