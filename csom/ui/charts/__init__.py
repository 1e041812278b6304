"""Charts drawn on the server as SVG, from plain data, each with its numbers as a table."""

from collections.abc import Callable

from csom.ui.charts.bars import capacity, contribution, loadbar, swatch
from csom.ui.charts.bowtie import bowtie, glyph
from csom.ui.charts.calibration import calibration
from csom.ui.charts.heat import heat
from csom.ui.charts.line import line, sparkline
from csom.ui.charts.stacked import stacked
from csom.ui.charts.svg import Chart, Key
from csom.ui.charts.timeline import timeline
from csom.ui.charts.waterfall import waterfall

CHARTS: dict[str, Callable[..., Chart]] = {
    "line": line,
    "stacked": stacked,
    "calibration": calibration,
    "timeline": timeline,
    "bowtie": bowtie,
    "waterfall": waterfall,
    "capacity": capacity,
    "heat": heat,
}

__all__ = ["CHARTS", "Chart", "Key", "contribution", "glyph", "loadbar", "sparkline", "swatch"]
