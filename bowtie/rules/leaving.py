"""What the ARR ledger says of an account's leaving and coming back.

Source: the operating model, sections 2 and 3.2: an account left where its ARR is zero. A return
within the days the charter gives (90) is a restore and goes on with the same life; a later one is a
win-back, a new life.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from charter.rules.numbers import RESTORE_DAYS


class Return(StrEnum):
    """How an account came back."""

    NEVER_LEFT = "The ledger says that the account never left."
    RESTORED = "It came back within the days the charter gives; its life goes on."
    WON_BACK = "It came back after the days the charter gives: a new life."


@dataclass(frozen=True)
class Course:
    """Where an account's ARR came to. gone_on: the day it last fell to zero, back_on: the day it
    last rose from there; None where it never did.
    """

    arr_minor: int = 0
    gone_on: date | None = None
    back_on: date | None = None


def course(entries: Iterable[tuple[date, int]]) -> Course:
    """Add up entries (day, amount) of one account's ledger, corrections among them."""
    arr, gone_on, back_on = 0, None, None
    for day, moves in groupby(sorted(entries), key=lambda entry: entry[0]):
        before, arr = arr, arr + sum(amount for _, amount in moves)
        if before > 0 >= arr:
            gone_on = day
        elif before <= 0 < arr:
            back_on = day
    return Course(arr, gone_on, back_on)


def came_back(found: Course, left_on: date, within: int) -> Return | None:
    """How an account that left on a day is back; None where it has no ARR. within: days."""
    if found.arr_minor <= 0 or found.back_on is None:
        return None
    if found.back_on <= left_on:
        return Return.NEVER_LEFT
    is_soon = (found.back_on - (found.gone_on or left_on)).days <= within
    return Return.RESTORED if is_soon else Return.WON_BACK


def same_departure(one: date, other: date) -> bool:
    """Whether two days tell of one departure: nobody leaves twice within what a restore takes."""
    return abs((one - other).days) <= RESTORE_DAYS


def has_left(found: Course, life_began_on: date | None) -> bool:
    """Whether an account left in its present life: losses of an earlier one are history."""
    if found.arr_minor > 0 or found.gone_on is None:
        return False
    return life_began_on is None or found.gone_on > life_began_on
