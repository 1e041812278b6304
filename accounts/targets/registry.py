"""What a target is, the list of them, and the fields that several share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model

from accounts.rules.checks import Check
from accounts.rules.fields import Field, Kind
from tenants.timeline import describe


@dataclass(frozen=True)
class Target:
    """A table that takes rows from outside, keyed by (source, external_id).

    derived: column -> (the field it is made from, how). account: the column with the account.
    """

    key: str
    label: str
    one: str
    model: type[Model]
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()
    derived: Mapping[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)
    account: str = "account_id"

    @property
    def verb(self) -> str:
        """What the trail calls it when rows come in."""
        return f"{self.app}.{self.key}_brought_in"

    @property
    def app(self) -> str:
        return self.model._meta.app_label

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {item.key: item for item in self.fields}


TARGETS: dict[str, Target] = {}


def register(target: Target) -> Target:
    """Add a target to what can be brought in."""
    TARGETS[target.key] = target
    words = f"{{who}} brought in {target.label.lower()} from {{source}}"
    describe(target.verb, words, icon="file-up", is_aside=True)
    return target


def external_id(one: str, *aliases: str) -> Field:
    """The field with the key of a row in the system it comes from."""
    return Field(
        "external_id",
        "External id",
        required=True,
        most=200,
        help=f"The {one}'s key in the system it comes from.",
        aliases=("id", "external id", "key", *aliases),
    )


def account_of(one: str, *, required: bool = True) -> Field:
    """The field that says to which account a row belongs."""
    return Field(
        "account",
        "Account",
        Kind.REFERENCE,
        required=required,
        most=200,
        help=f"External id of the account the {one} belongs to.",
        aliases=("account id", "company id", "customer id", "account external id"),
        column="account_id",
        refers_to="accounts",
    )


CURRENCY = Field("currency", "Currency", Kind.CURRENCY, help="Three letters, EUR for one.")
PRODUCT = Field(
    "product",
    "Product",
    Kind.REFERENCE,
    most=80,
    help="Key of the product; one that is new is added.",
    aliases=("product name", "sku"),
    column="product_id",
    refers_to="products",
)
SELLER = Field(
    "seller",
    "Seller",
    Kind.REFERENCE,
    help="E-mail address of a member.",
    aliases=("account executive", "ae", "sales owner"),
    column="seller_id",
    refers_to="members",
)
