"""What a tenant may measure of its own: kinds, ways to take them, and the words for each."""

from dataclasses import dataclass
from typing import Literal

from health.rules.catalogue import Unit

Kind = Literal["usage", "series", "field"]
LEAST_DAYS, MOST_DAYS = 1, 182
USAGE_TOO_OLD = 7  # days, as for all measures of usage

TAKES: dict[Kind, dict[str, str]] = {
    "usage": {"sum": "How often", "change": "Change against as many days before"},
    "series": {
        "last": "The newest value",
        "mean": "Mean",
        "sum": "Sum",
        "change": "Change of the mean against as many days before",
    },
    "field": {"value": "Its value"},
}
PER = {
    "": "for the whole account",
    "seats": "for each seat",
    "people": "for each active person",
    "feature": "for each use of another feature",
}
DIRECTIONS = {"up": "More is better", "down": "Less is better", "none": "Neither is better"}


@dataclass(frozen=True)
class Recipe:
    """What is measured. of: what people call what is read; per_of: of the other feature.

    field_kind: of a custom field, number, date or yes_no.
    """

    kind: Kind
    of: str
    take: str
    days: int = 28
    per: str = ""
    per_of: str = ""
    field_kind: str = ""


def fault(recipe: Recipe) -> tuple[str, str]:
    """(field, why) of what does not go together; empty where all does."""
    if recipe.take not in TAKES[recipe.kind]:
        return "take", "This cannot be taken of what is read."
    if not LEAST_DAYS <= recipe.days <= MOST_DAYS:
        return "days", f"From {LEAST_DAYS} to {MOST_DAYS} days."
    if recipe.per and (recipe.kind, recipe.take) != ("usage", "sum"):
        return "per", "Only how often a feature is used can be shared among something."
    if recipe.per == "feature" and not recipe.per_of:
        return "per_feature", "Name the other feature."
    if recipe.kind == "field" and recipe.field_kind not in ("number", "date", "yes_no"):
        return "reads", "Only numbers, dates and yes or no can be measured."
    return "", ""


def unit(recipe: Recipe) -> Unit:
    if recipe.take == "change":
        return "change"
    if recipe.kind == "field":
        return "days" if recipe.field_kind == "date" else "level"
    if recipe.kind == "usage":
        return "ratio" if recipe.per else "count"
    return "level"


def sentence(recipe: Recipe) -> str:
    """What it measures, as a definition reads."""
    window = f"in {recipe.days} days"
    match recipe.kind, recipe.take:
        case "usage", "sum":
            per = {
                "": "",
                "seats": " ÷ seats of running contracts",
                "people": " ÷ people active on a day, the mean",
                "feature": f" ÷ uses of {recipe.per_of}",
            }[recipe.per]
            return f"Uses of {recipe.of} {window}{per}; none counts as 0 once there is any usage."
        case "usage", "change":
            return (
                f"Uses of {recipe.of} {window} against the {recipe.days} days before; unknown "
                "without uses then."
            )
        case "series", "last":
            return f"The newest value of {recipe.of}."
        case "series", "change":
            return (
                f"The mean of {recipe.of} {window} against that of the {recipe.days} days before."
            )
        case "series", take:
            return f"The {take} of {recipe.of} {window}."
        case _:
            return {
                "number": f"The field {recipe.of}.",
                "yes_no": f"1 where {recipe.of} is yes, 0 where it is no.",
                "date": f"Days since {recipe.of}; below 0 while it is still to come.",
            }[recipe.field_kind]
