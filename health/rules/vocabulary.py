"""What conditions may read of an account beside measures: its fields, and what only lists know."""

from dataclasses import dataclass

from accounts.rules.custom import KEY, LONGEST_KEY, PREFIX
from health.rules.catalogue import DATES, Unit, is_known, name_of, unit_of


@dataclass(frozen=True)
class Field:
    """Something said of an account in words. is_set: many at once; is_of_now: of today only."""

    name: str
    is_set: bool = False
    is_of_now: bool = False


@dataclass(frozen=True)
class NowNumber:
    """A number that lists know of today and no snapshot keeps."""

    name: str
    unit: Unit


FIELDS: dict[str, Field] = {
    "segment": Field("segment"),
    "stage": Field("stage"),
    "touch_model": Field("touch model"),
    "owner": Field("owner"),
    "team": Field("team"),
    "region": Field("region"),
    "band": Field("health band"),
    "tags": Field("tag", is_set=True),
    "products": Field("product", is_set=True),
    "caps": Field("active cap", is_set=True),
    "overlays": Field("overlay", is_set=True),
    "lost_roles": Field("role that left", is_set=True),
    "next_step": Field("next step", is_of_now=True),
}
NOW_NUMBERS: dict[str, NowNumber] = {
    "open_plays": NowNumber("Open plays", "count"),
    "days_since_touch": NowNumber("Time since the last touch", "days"),
}
OVERLAYS = ("paused", "escalated")
KEY_ROLES = ("champion", "exec_sponsor", "economic_buyer", "user_lead")


def own_key(name: object) -> str:
    """The key of the tenant's own field that a name means, "custom.tier"; empty for others."""
    if not isinstance(name, str) or not name.startswith(PREFIX):
        return ""
    key = name.removeprefix(PREFIX)
    return key if len(key) <= LONGEST_KEY and KEY.fullmatch(key) else ""


def is_number(name: object) -> bool:
    """Whether a condition may compare it with a number; own fields are of any kind."""
    known = isinstance(name, str) and (is_known(name) or name in NOW_NUMBERS)
    return known or bool(own_key(name))


def is_field(name: object) -> bool:
    """Whether a condition may compare it with words."""
    return (isinstance(name, str) and name in FIELDS) or bool(own_key(name))


def is_date(name: object) -> bool:
    """Whether days may be counted to it."""
    return (isinstance(name, str) and name in DATES) or bool(own_key(name))


def may_change(name: object) -> bool:
    """Whether a condition may ask for its change since the snapshot before."""
    if isinstance(name, str) and name in FIELDS:
        return not (FIELDS[name].is_set or FIELDS[name].is_of_now)
    return (isinstance(name, str) and is_known(name)) or bool(own_key(name))


def is_of_now(name: str) -> bool:
    """Whether only today's lists know it."""
    return name in NOW_NUMBERS or (name in FIELDS and FIELDS[name].is_of_now)


def number_name(name: str) -> str:
    """What people call a number; an own field by its key."""
    if name in NOW_NUMBERS:
        return NOW_NUMBERS[name].name
    return name_of(name) if is_known(name) else own_key(name).replace("_", " ")


def number_unit(name: str) -> Unit:
    if name in NOW_NUMBERS:
        return NOW_NUMBERS[name].unit
    return unit_of(name) if is_known(name) else "count"


def field_name(name: str) -> str:
    """What people call a field; an own one by its key."""
    return FIELDS[name].name if name in FIELDS else own_key(name).replace("_", " ")
