"""What PostgreSQL's own catalogue says about isolation: every table, key and right."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, UniqueConstraint

from tenants.isolation import POLICY, SHARED_TABLES, TenantId

pytestmark = pytest.mark.django_db


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def tenant_models() -> list[type]:
    return [
        model
        for model in apps.get_models()
        if any(isinstance(field, TenantId) for field in model._meta.local_fields)
    ]


def test_tests_run_as_the_application_role():
    [(name, is_super, bypasses)] = rows(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert (name, is_super, bypasses) == ("csom_app", False, False)


def test_the_application_role_owns_nothing_and_belongs_to_no_role():
    assert rows("SELECT 1 FROM pg_class WHERE relowner = current_user::regrole") == []
    assert rows("SELECT 1 FROM pg_auth_members WHERE member = current_user::regrole") == []


def test_every_table_has_the_policy_or_stands_on_the_list():
    open_tables = {
        name
        for (name,) in rows(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relrowsecurity "
            "AND relnamespace = 'public'::regnamespace"
        )
    }
    assert open_tables == SHARED_TABLES


def test_every_policy_is_the_canonical_one():
    [(canonical,)] = rows(f"SELECT '{POLICY.replace(chr(39), chr(39) * 2)}'")
    wanted = canonical.replace(" ", "").replace("(SELECT", "").replace(")", "").replace("(", "")
    for table, using, check, kind in rows(
        "SELECT tablename, qual, with_check, cmd FROM pg_policies WHERE schemaname = 'public'"
    ):
        for text in (using, check):
            flat = text.replace(" ", "").replace("(SELECT", "").replace("(", "").replace(")", "")
            flat = flat.replace("::text", "").replace("AScurrent_setting", "")
            assert flat == wanted, (table, text)
        assert kind == "ALL", table


def test_every_tenant_table_has_exactly_one_policy():
    counts = dict(rows("SELECT tablename, count(*) FROM pg_policies GROUP BY 1"))
    assert counts == {model._meta.db_table: 1 for model in tenant_models()}


def test_row_security_is_active_for_this_role():
    for model in tenant_models():
        [(active,)] = rows(f"SELECT row_security_active('{model._meta.db_table}')")
        assert active, model


def test_references_between_tenant_tables_carry_the_tenant():
    constraints = {
        (table, column)
        for table, columns in rows(
            """
            SELECT c.conrelid::regclass::text,
                   array_agg(a.attname::text ORDER BY a.attname)
            FROM pg_constraint c JOIN pg_attribute a
              ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
            WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 GROUP BY c.oid, 1
            """
        )
        if "tenant_id" in columns
        for column in columns
        if column != "tenant_id"
    }
    isolated = set(tenant_models())
    for model in isolated:
        for field in model._meta.local_fields:
            if isinstance(field, ForeignKey) and field.related_model in isolated:
                assert (model._meta.db_table, field.column) in constraints, field


def test_no_plain_reference_between_tenant_tables():
    names = {model._meta.db_table for model in tenant_models()}
    for table, target in rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND cardinality(conkey) = 1"
    ):
        assert table not in names or target not in names, (table, target)


def test_unique_keys_begin_with_the_tenant():
    for table, index, columns, is_primary in rows(
        """
        SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
               array(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(n, place)
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n
                     ORDER BY k.place), i.indisprimary
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE i.indisunique AND c.relrowsecurity
        """
    ):
        assert columns[0] == "tenant_id" or (is_primary and columns == ["id"]), (table, index)


def test_unique_constraints_of_models_begin_with_the_tenant():
    for model in tenant_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert constraint.fields[0] == "tenant", constraint


def test_the_application_role_may_not_go_around_the_policies():
    for model in tenant_models():
        table = model._meta.db_table
        for right in ("TRUNCATE", "REFERENCES", "TRIGGER"):
            [(has,)] = rows(f"SELECT has_table_privilege(current_user, '{table}', '{right}')")
            assert not has, (table, right)
    [(may_create,)] = rows("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
    assert not may_create


@pytest.mark.case("H14")
def test_the_trail_is_append_only_for_the_application():
    for right, wanted in {"INSERT": True, "SELECT": True, "UPDATE": False, "DELETE": False}.items():
        [(has,)] = rows(
            f"SELECT has_table_privilege(current_user, 'tenants_trailentry', '{right}')"
        )
        assert has is wanted, right


def test_no_views_definer_functions_or_triggers():
    assert rows("SELECT 1 FROM pg_views WHERE schemaname = 'public'") == []
    assert rows("SELECT 1 FROM pg_matviews") == []
    assert (
        rows(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        == []
    )
    assert (
        rows(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN "
            "(SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        )
        == []
    )
    assert rows("SELECT rulename FROM pg_rules WHERE schemaname = 'public'") == []


def test_no_sequence_tells_how_much_others_have():
    """Sequences count over all tenants: they stand behind shared tables only."""
    behind = rows(
        """
        SELECT s.relname, d.refobjid::regclass::text FROM pg_class s
        LEFT JOIN pg_depend d ON d.objid = s.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
        """
    )
    assert [name for name, table in behind if table not in SHARED_TABLES] == []


def test_nothing_is_granted_to_everybody():
    assert (
        rows(
            "SELECT relname FROM pg_class, aclexplode(relacl) AS given "
            "WHERE relnamespace = 'public'::regnamespace AND given.grantee = 0"
        )
        == []
    )


def test_tenant_columns_are_never_null():
    assert (
        rows(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name = 'tenant_id' AND is_nullable = 'YES'"
        )
        == []
    )
