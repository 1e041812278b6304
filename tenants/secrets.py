"""Leaving secrets out of what is shown: values by their name, and passwords inside addresses."""

import re
from typing import Any

NAMES = re.compile(r"pass|secret|token|authori|credential|cookie|session|api_?key|private", re.I)
IN_ADDRESS = re.compile(r"(\w+://)[^\s/@]+@")
IN_WORDS = re.compile(
    r"\b((?:password|passwd|secret|token|api[_-]?key)\b[\"']?\s*[=:]\s*|bearer\s+)"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;\"']+)",
    re.I,
)
LEFT_OUT = "left out"


def hidden(value: Any, name: str = "") -> Any:
    """A JSON value or a text with its secrets left out."""
    if name and NAMES.search(name) and value not in (None, ""):
        return LEFT_OUT
    if isinstance(value, dict):
        return {key: hidden(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [hidden(each, name) for each in value]
    if isinstance(value, str):
        return IN_WORDS.sub(rf"\1{LEFT_OUT}", IN_ADDRESS.sub(rf"\1{LEFT_OUT}@", value))
    return value
