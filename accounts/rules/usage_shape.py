"""How a usage file lays out its counts: one column per feature, or one row per count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.rules.columns import Profile
from accounts.rules.mapping import columns_of_kind, words_of

LEAST_FEATURES = 3
FEATURE_SHARE = 0.2  # a column that names features repeats its values at least so much
FEATURE_LIMIT = 1_000

_KEY_WORDS = ("id", "key", "account", "customer", "company", "organization", "organisation",
              "subscription", "tenant", "client", "user", "domain")  # fmt: skip
_FEATURE_WORDS = ("feature", "event", "action", "metric", "activity", "module", "function")
_COUNT_WORDS = ("count", "quantity", "total", "value", "amount", "uses", "times", "number", "n")


@dataclass(frozen=True)
class UsageShape:
    """The columns of a usage file, by position.

    wide: each of `counts` is a feature, named by its column. long: `feature` names the feature
    of the row, `counts` holds its count (further numbers are in `others`). keys: columns that
    may identify the account, likeliest first. reason: for the person who checks it.
    """

    form: Literal["wide", "long"]
    date: int
    keys: tuple[int, ...]
    feature: int | None
    counts: tuple[int, ...]
    others: tuple[int, ...]
    reason: str


def usage_shape(profiles: Sequence[Profile]) -> UsageShape | None:
    """The shape of a usage file, or None when the columns are those of no usage file.

    Usage has exactly one column of dates, a column that identifies, and counts.
    """
    dates = columns_of_kind(profiles, "date", "datetime")
    keys = _keys(profiles)
    numbers = [p for p in columns_of_kind(profiles, "integer", "decimal") if p not in keys]
    if len(dates) != 1 or not keys or not numbers:
        return None
    feature = _feature(profiles, keys)
    if feature:
        return _long(dates[0], keys, feature, numbers)
    if len(numbers) < LEAST_FEATURES:
        return None
    return UsageShape(
        form="wide",
        date=dates[0].index,
        keys=tuple(p.index for p in keys),
        feature=None,
        counts=tuple(p.index for p in numbers),
        others=(),
        reason=f"One column of dates (“{dates[0].name}”) and {len(numbers)} columns of numbers:"
        " each is read as a feature",
    )


def _long(
    day: Profile, keys: list[Profile], feature: Profile, numbers: list[Profile]
) -> UsageShape:
    count = max(numbers, key=lambda p: (_counts(p, feature), -p.index))
    return UsageShape(
        form="long",
        date=day.index,
        keys=tuple(p.index for p in keys),
        feature=feature.index,
        counts=(count.index,),
        others=tuple(p.index for p in numbers if p is not count),
        reason=f"Each row names a feature (“{feature.name}”, {feature.distinct:,} of them) and"
        f" its count (“{count.name}”)",
    )


def _keys(profiles: Sequence[Profile]) -> list[Profile]:
    """Columns named like an identifier. The account comes before the row's own number."""
    found = [
        p
        for p in profiles
        if p.kind in ("text", "integer")
        and (words := words_of(p.name))
        and (words[-1] in ("id", "key") or (words[0] in _KEY_WORDS and len(words) == 1))
    ]
    return sorted(found, key=lambda p: (p.is_unique, words_of(p.name)[0] not in _KEY_WORDS))


def _feature(profiles: Sequence[Profile], keys: list[Profile]) -> Profile | None:
    """A text column with few values that is named for what was used."""
    texts = [p for p in columns_of_kind(profiles, "text") if p not in keys and p.filled == p.rows]
    named = [p for p in texts if set(words_of(p.name)) & set(_FEATURE_WORDS)]
    few = [p for p in named if p.distinct <= max(2, min(FEATURE_LIMIT, FEATURE_SHARE * p.rows))]
    return few[0] if few else None


def _counts(profile: Profile, feature: Profile) -> int:
    """How much a column of numbers is named like the count of a feature."""
    words = set(words_of(profile.name))
    return 2 * bool(words & set(_COUNT_WORDS)) + bool(words & set(words_of(feature.name)))
