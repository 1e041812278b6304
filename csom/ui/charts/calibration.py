"""Does a score tell the truth: what was predicted beside what happened."""

from collections.abc import Sequence
from math import sqrt

from csom.ui.charts.svg import Chart, Key, el, frame, hits, ident, num, pct, text, ticks
from tenants.formats import number, rate

Z90 = 1.645


def wilson(hits_: int, total: int, z: float = Z90) -> tuple[float, float]:
    """Wilson interval of a share, 90% unless told; without cases anything is possible."""
    if not total:
        return 0.0, 1.0
    share, spread = hits_ / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    reach = z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def calibration(
    *,
    title: str,
    finding: str,
    bins: Sequence[tuple[str, str, float | None, int, int]],
    outcome: str = "churned",
    height: int = 236,
    id: str | None = None,
) -> Chart:
    """Observed bar, 90% interval and predicted tick for each bin.

    bins: (label, band, predicted share, cases, accounts); a bin without accounts shows no bar.
    """
    ident_ = ident(id, title, "calibration")
    intervals = [wilson(cases, total) for *_, cases, total in bins]
    peak = max(
        [up for (_, up), (*_, total) in zip(intervals, bins, strict=True) if total]
        + [p for _, _, p, _, _ in bins if p],
        default=0.5,
    )
    grid = ticks(0, min(1.0, peak), 3)
    top, foot = 12, 34
    ground = height - top - foot
    slot = 100 / max(1, len(bins))

    def y(share: float) -> float:
        return top + ground * (1 - min(share, grid[-1]) / grid[-1])

    body, tips, rows = "", [], []
    for level in grid:
        body += el("line", x1=0, x2="100%", y1=num(y(level)), y2=num(y(level)), class_="grid")
        body += (
            text("100%", num(y(level) - 4), rate(level, 0), "t t--sm", text_anchor="end")
            if level
            else ""
        )
    for i, ((label, band, predicted, cases, total), (low, up)) in enumerate(
        zip(bins, intervals, strict=True)
    ):
        middle = i * slot + slot / 2
        seen = cases / total if total else None
        if seen is not None:
            body += el(
                "rect", x=pct(middle - slot / 4), width=pct(slot / 2), y=num(y(seen)),
                height=num(max(1.5, y(0) - y(seen))), rx=2, class_=f"f-{band}",
            )  # fmt: skip
            body += el(
                "line",
                x1=pct(middle),
                x2=pct(middle),
                y1=num(y(up)),
                y2=num(y(low)),
                class_="whisk",
            )
        if predicted is not None:
            expected = num(y(predicted))
            body += el(
                "line",
                x1=pct(middle - slot * 0.36),
                x2=pct(middle + slot * 0.36),
                y1=expected,
                y2=expected,
                class_="pred",
            )
        body += text(pct(middle), height - 19, label, "t", text_anchor="middle")
        body += text(pct(middle), height - 5, f"n {number(total)}", "t t--sm", text_anchor="middle")
        tips.append(
            f"{label}: predicted {rate(predicted, 0)}, "
            f"{outcome} {rate(seen, 0)} ({cases} of {total})"
        )
        rows.append(
            [
                label,
                rate(predicted, 0),
                rate(seen, 0),
                f"{rate(low, 0)} to {rate(up, 0)}" if total else "n/a",
                number(total),
            ]
        )
    body += hits(tips, top, ground, columns=True)
    return Chart(
        ident_,
        title,
        finding,
        frame(ident_, title, finding, height, body, "c--cal"),
        ["Score", "Predicted", outcome.capitalize(), "90% interval", "Accounts"],
        rows,
        [Key("none", outcome), Key("line", "predicted")],
    )
