"""Why accounts leave, on two levels (operating model, 10.5), as the charter has them.

A cause that is not asked for any more is retired and stays, so that what was recorded keeps its
words. Who decided is an axis of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tenants.formats import joined

Body = dict[str, Any]
KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
LONGEST_KEY, LONGEST_LABEL = 40, 60


@dataclass(frozen=True)
class Cause:
    """One cause. key: as it is recorded; group: the label of its group."""

    key: str
    label: str
    group: str
    is_retired: bool


@dataclass(frozen=True)
class Causes:
    """Every cause of the charter, in its order."""

    known: tuple[Cause, ...]

    @classmethod
    def from_body(cls, body: Body) -> "Causes":
        groups = {each["key"]: each["label"] for each in body["groups"]}
        found = (
            Cause(each["key"], each["label"], groups[each["group"]], each["retired"])
            for key in groups
            for each in body["causes"]
            if each["group"] == key
        )
        return cls(tuple(found))

    @cached_property
    def by_key(self) -> dict[str, Cause]:
        return {each.key: each for each in self.known}

    def label(self, key: str) -> str:
        """A cause in words: "Failure: product gap"; one that the charter lacks stands alone."""
        if cause := self.by_key.get(key):
            return f"{cause.group}: {cause.label}"
        return key.replace("_", " ").capitalize()

    def asked(self, also: str = "") -> dict[str, list[tuple[str, str]]]:
        """group -> (key, label) of the causes to choose from, with the one that is recorded."""
        found: dict[str, list[tuple[str, str]]] = {}
        for each in self.known:
            if not each.is_retired or each.key == also:
                found.setdefault(each.group, []).append((each.key, each.label.capitalize()))
        return found


def key_of(label: str) -> str:
    """The key of a new name: "Moved in-house" is moved_in_house."""
    return "_".join(re.findall("[a-z0-9]+", label.lower()))[:LONGEST_KEY].strip("_")


def problems(body: Body) -> list[str]:
    """Everything wrong with the chapter."""
    groups = {each["key"] for each in body["groups"]}
    found = [
        f"“{each['label']}” is a name that gives no key of letters and digits."
        for each in (*body["groups"], *body["causes"])
        if not KEY.fullmatch(each["key"]) or len(each["key"]) > LONGEST_KEY
    ]
    found += [
        f"A name has 1 to {LONGEST_LABEL} letters; “{each['label']}” has {len(each['label'])}."
        for each in (*body["groups"], *body["causes"])
        if not 0 < len(each["label"].strip()) <= LONGEST_LABEL
    ]
    found += _twice(each["key"] for each in body["groups"])
    found += _twice(each["key"] for each in body["causes"])
    for each in body["causes"]:
        if each["group"] not in groups:
            found.append(f"“{each['label']}” needs a group that exists.")
        if not isinstance(each["retired"], bool):
            found.append(f"“{each['label']}” is asked for or not.")
    if all(each["retired"] for each in body["causes"]):
        found.append("At least one cause is asked for.")
    return found


def _twice(keys: Iterable[str]) -> list[str]:
    return [f"“{key}” stands twice." for key, n in Counter(keys).items() if n > 1]


def refusals(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Why a valid chapter may not follow the one before it: causes are retired, not deleted."""
    found = []
    for part in ("groups", "causes"):
        kept = {each["key"] for each in after[part]}
        gone = [each["label"] for each in before[part] if each["key"] not in kept]
        if gone:
            found.append(
                f"What was recorded needs its words, so keep {joined(gone)}, or retire it."
            )
    return found
