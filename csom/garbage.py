"""How processes look for garbage: rarely, and not in what they loaded for good."""

import gc

YOUNG = (
    20_000  # objects made before it looks; a batch of rows makes tens of thousands that all stay
)


def look_seldom() -> None:
    """For a worker that has loaded everything: looking often cost as much as reading rows."""
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
