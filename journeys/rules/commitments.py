"""Promises as a handoff says them: one on each line."""

NOTHING = {"none", "no", "nothing", "keine", "-", "–", "n/a"}
LONGEST = 400
MARKS = "-–•* \t"


def says_none(text: str) -> bool:
    """Whether a text says that there is nothing: “none”, in a few ways people write it."""
    bare = text.strip().strip(MARKS + ".!").lower()
    return bool(text.strip()) and (not bare or bare in NOTHING)


def promises_in(text: str) -> list[str]:
    """Each promise once, in the order said; none where the text says that there are none."""
    lines = (line.strip().lstrip(MARKS).strip() for line in text.splitlines())
    said = [line for line in lines if line and line.rstrip(".!").strip().lower() not in NOTHING]
    return [line[:LONGEST] for line in dict.fromkeys(said)]
