"""Where accounts that come from elsewhere stand: the app of the bowtie says how, above this one."""

from collections.abc import Callable
from dataclasses import dataclass

Placer = Callable[..., int]


@dataclass
class Places:
    """The stages a new account can be put into, and the function that does so.

    place: `f(account_ids=, stage=, actor=, now=)`, returns how many were placed.
    """

    choices: tuple[tuple[str, str], ...] = ()
    place: Placer | None = None


PLACES = Places()


def placing(choices: tuple[tuple[str, str], ...]) -> Callable[[Placer], Placer]:
    """Register the function that puts accounts into a stage, with the stages."""

    def registered(place: Placer) -> Placer:
        PLACES.choices, PLACES.place = choices, place
        return place

    return registered
