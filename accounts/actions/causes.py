"""Causes of churn that come from outside are those of the charter."""

from collections.abc import Collection

from accounts.actions.reading import Line
from charter.queries import causes


def refuse_unknown_causes(lines: Collection[Line]) -> None:
    """Take causes by their key, retired ones too, and refuse others. At most one query."""
    given = [line for line in lines if line.values.get("cause")]
    if not given:
        return
    known = causes().by_key
    for line in given:
        said = line.values["cause"]
        if (key := said.lower()) in known:
            line.values["cause"] = key
        else:
            reason = f"Cause “{said}” is not known; one of: {', '.join(known)}."
            line.refuse("cause", "not_a_choice", reason)
