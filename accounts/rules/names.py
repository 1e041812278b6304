"""Names as they are searched for."""


def normalised(text: str | None) -> str:
    """A name in lower case with single spaces, as it is stored beside the name."""
    return " ".join((text or "").lower().split())[:200]
