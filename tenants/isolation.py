"""The base of every tenant table and the migration operations that fence it in.

A table of a tenant has `tenant_id`, one policy, `UNIQUE (tenant_id, id)` and, for every
reference to another tenant table, a foreign key that carries the tenant on both sides:
PostgreSQL checks references without policies, so a bare id of another tenant would pass.
"""

from typing import Any, cast
from uuid import UUID

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenants.ids import uuid7
from tenants.scope import current_tenant_id

POLICY = "tenant_id = (SELECT current_setting('csom.tenant')::uuid)"

SHARED_TABLES = frozenset(
    {
        # read before a tenant is known
        "tenants_tenant",
        "tenants_user",
        "tenants_membership",
        "tenants_apikeylookup",
        "tenants_invitationlookup",
        "tenants_sharelookup",
        "tenants_duejob",
        "tenants_tally",
        # sign-in and Django's own
        "account_emailaddress",
        "account_emailconfirmation",
        "mfa_authenticator",
        "usersessions_usersession",
        "django_session",
        "django_migrations",
        "django_content_type",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "tenants_user_groups",
        "tenants_user_user_permissions",
        "csom_cache",
    }
)


class TenantId(models.ForeignKey):
    """The tenant of a row. Fills itself on insert, bulk inserts included."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("to", "tenants.Tenant")
        kwargs.setdefault("on_delete", models.CASCADE)
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", False)
        super().__init__(**kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> UUID:
        if getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, current_tenant_id())
        return cast(UUID, getattr(model_instance, self.attname))


class Ref(models.ForeignKey):
    """A reference to another table of the same tenant; `IsolateTenant` adds the constraint."""

    def __init__(self, to: Any = None, on_delete: Any = models.CASCADE, **kwargs: Any) -> None:
        kwargs.setdefault("related_name", "+")
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class TenantModel(models.Model):
    """A row that belongs to one tenant and can be seen by no other."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = TenantId()

    class Meta:
        abstract = True


def references(model: type[models.Model]) -> list[Ref]:
    """The fields of a model that point at other tenant tables."""
    return [field for field in model._meta.local_fields if isinstance(field, Ref)]


class IsolateTenant(Operation):
    """Fence in the table of a model: policy, tenant-wide key, references within the tenant."""

    reversible = True

    def __init__(self, *names: str) -> None:
        self.names = names

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, list(self.names), {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The state knows nothing of policies."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        apps = cast(Apps, to_state.apps)
        for name in self.names:
            model = apps.get_model(app_label, name)
            table = schema_editor.quote_name(model._meta.db_table)
            key = model._meta.pk
            schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            schema_editor.execute(
                f"CREATE POLICY tenant_isolation ON {table} USING ({POLICY}) WITH CHECK ({POLICY})"
            )
            if not isinstance(key, models.CompositePrimaryKey):
                schema_editor.execute(f"ALTER TABLE {table} ADD UNIQUE (tenant_id, {key.column})")
        for name in self.names:
            model = apps.get_model(app_label, name)
            for field in references(model):
                schema_editor.execute(reference_sql(model, field))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Dropping the table drops its policy and keys."""

    def describe(self) -> str:
        return f"Isolate {', '.join(self.names)} by tenant"


class IsolateReference(IsolateTenant):
    """The same for references added later: IsolateReference("Note", "contact")."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        name, *fields = self.names
        model = cast(Apps, to_state.apps).get_model(app_label, name)
        for field in references(model):
            if field.name in fields:
                schema_editor.execute(reference_sql(model, field))

    def describe(self) -> str:
        return f"Keep references of {self.names[0]} within the tenant"


def reference_sql(model: type[models.Model], field: Ref) -> str:
    """The composite foreign key of one reference, checked at commit."""
    table, column = model._meta.db_table, field.column
    target = field.related_model._meta
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_tenant" '
        f'FOREIGN KEY (tenant_id, "{column}") '
        f'REFERENCES "{target.db_table}" (tenant_id, "{target.pk.column}") '
        "DEFERRABLE INITIALLY DEFERRED"
    )
