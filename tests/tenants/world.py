"""Two tenants side by side: acme on its first day, and a rival with a row of everything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from tenants.actor import Actor
from tenants.isolation import Ref, TenantId
from tenants.models import Tenant, User
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import Route, named

CANARY = "zqxcanary"
WORDS_OF_OURS = {"page": "accounts", "stage": "onboarding"}  # texts that only the product writes


def tenant_models() -> list[type[models.Model]]:
    """Every table of tenants, those that others point at first."""
    found = [
        model
        for model in apps.get_models()
        if any(isinstance(field, TenantId) for field in model._meta.local_fields)
    ]
    ordered: list[type[models.Model]] = []
    while len(ordered) < len(found):
        ready = [
            model
            for model in found
            if model not in ordered
            and all(
                field.null or field.related_model in (*ordered, model)
                for field in model._meta.local_fields
                if isinstance(field, Ref)
            )
        ]
        assert ready, "tables point at each other in a circle"
        ordered += ready
    return ordered


def fill(by: User, word: str = CANARY) -> dict[type[models.Model], Any]:
    """One row of every table of tenants, every text of it the word."""
    made: dict[type[models.Model], Any] = {}
    for model in tenant_models():
        values = {
            field.attname: _value(field, by, made, word)
            for field in model._meta.local_fields
            if not isinstance(field, TenantId | models.CompositePrimaryKey)
            and not field.primary_key
        }
        made[model] = model._default_manager.create(**values)
    return made


def _value(field: Any, by: User, made: dict[type[models.Model], Any], word: str) -> Any:
    if isinstance(field, models.ForeignKey):
        if field.related_model is User:
            return by.pk
        row = made.get(field.related_model)
        return row.pk if row is not None else None
    if isinstance(field, ArrayField):
        is_text = isinstance(field.base_field, models.CharField)
        return [word[: field.base_field.max_length]] if is_text else []
    if field.name in WORDS_OF_OURS:
        return WORDS_OF_OURS[field.name]
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.CharField | models.TextField):
        return word[: field.max_length] if field.max_length else word
    plain: list[tuple[type, Any]] = [
        (models.UUIDField, by.pk),
        (models.JSONField, {"name": word}),
        (models.BooleanField, field.get_default() or False),
        (models.DateTimeField, make.NOW),
        (models.DateField, make.TODAY),
        (models.BinaryField, word.encode()),
        (models.IntegerField, 1),
        (models.FloatField, 1.0),
    ]
    return next(value for kind, value in plain if isinstance(field, kind))


@dataclass
class World:
    """acme as it is on its first day, and the rival with a row of everything."""

    acme: Tenant
    rival: Tenant
    admin: Actor
    stranger: Actor
    ids: dict[str, UUID]
    words: dict[str, str] = field(default_factory=dict)

    def addresses(self, route: Route, prefix: str, *, all_ids: bool = False) -> Iterator[str]:
        """The route with the rival's ids: those its names speak of, else one, or each of them."""
        names = [name for name, kind in route.parameters if kind == "uuid"]
        known = [self.named(name.removesuffix("_id").replace("_", "")) for name in names]
        every = list(self.ids.values()) if all_ids else [self.ids["account"]]
        choices = [known] if all(known) else [[one] * len(names) for one in every]
        for choice in choices:
            values = dict(zip(names, choice, strict=True))
            address = route.address
            for name, kind in route.parameters:
                text = self.words.get(name, CANARY) if kind != "int" else 1
                shown = str(values.get(name, text))
                address = named(name).sub(shown, address)
            yield prefix + address

    def named(self, noun: str) -> UUID | None:
        """The id of what a parameter is called after: a view is a SavedView."""
        found = [one for name, one in self.ids.items() if name == noun or name.endswith(noun)]
        return found[0] if noun != "id" and found else None

    @property
    def body(self) -> dict[str, Any]:
        """Every name that might carry an id, with the rival's."""
        told: dict[str, Any] = {}
        for name, one in self.ids.items():
            told |= {name: str(one), f"{name}_id": str(one), f"{name}s": [str(one)]}
        every = [str(one) for one in self.ids.values()]
        return told | {"owner": str(self.stranger.user_id), "chosen": every, "ids": every}

    def digest(self) -> list[tuple[str, Any]]:
        """What the rival holds, row by row."""
        return digest(self.rival.pk)


def digest(tenant_id: UUID) -> list[tuple[str, Any]]:
    """What a tenant holds: (table, (rows, sum over their text)) of each table."""
    held = []
    with act_for(tenant_id), connection.cursor() as cursor:
        for model in tenant_models():
            table = model._meta.db_table
            rows = "coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
            cursor.execute(f'SELECT count(*), {rows} FROM "{table}" t')
            held.append((table, cursor.fetchone()))
    return held
