"""Builds static/vendor/icons.svg from Lucide icons: python -m csom.ui.sprite <folder>."""

import re
import sys
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"


def names() -> list[str]:
    """Icons the product uses, one a line in static/vendor/icons.txt."""
    return VENDOR.joinpath("icons.txt").read_text().split()


def sprite(folder: Path) -> str:
    """One SVG with a symbol for each icon."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        + "".join(_symbol(folder, name) for name in names())
        + "</svg>\n"
    )


def _symbol(folder: Path, name: str) -> str:
    drawing = folder.joinpath(f"{name}.svg").read_text()
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.S)
    if shapes is None:
        raise ValueError(f"{name}.svg holds no drawing")
    inner = " ".join(shapes[1].split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


if __name__ == "__main__":
    VENDOR.joinpath("icons.svg").write_text(sprite(Path(sys.argv[1])))
