"""What scores of surveys can be."""

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def is_on_scale(kind: str | None, score: int | None) -> bool:
    """Whether a score is possible; what is not known is not refused."""
    if kind not in SCALES or score is None:
        return True
    least, most = SCALES[kind]
    return least <= score <= most
