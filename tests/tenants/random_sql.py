"""Statements somebody might slip in, made at random from the live catalogue.

A statement is a template. `<B:3>` stands for an id of the rival, `<T>` for its tenant, `<W>` for a
text it holds; `spelled` writes them out, or puts something nobody has in their place. That lets a
test ask two things: does anything of the rival come back, and does naming what the rival has
differ in any way from naming what nobody has?
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from hypothesis import strategies as st

TEXTS = {"text", "character varying"}
UNTOLD = {
    "pg_stat_activity": "holds the text of statements that other sessions of the role run",
    "pg_locks": "differs from one moment to the next",
}


@dataclass(frozen=True)
class Table:
    """A fenced table, and its columns with their types."""

    name: str
    columns: dict[str, str]


@dataclass(frozen=True)
class Catalogue:
    """What the application's role finds in the database, and ids to try."""

    tables: tuple[Table, ...]
    views: tuple[str, ...]
    own: tuple[UUID, ...]
    foreign: tuple[UUID, ...]
    unknown: tuple[UUID, ...]
    tenant: UUID
    rival: UUID
    word: str

    def spelled(self, template: str, *, as_unknown: bool = False) -> str:
        """The statement itself, about the rival or about what nobody has."""
        ids = self.unknown if as_unknown else self.foreign
        text = re.sub(r"<B:(\d+)>", lambda found: f"{ids[int(found[1]) % len(ids)]}", template)
        tenant = self.unknown[-1] if as_unknown else self.rival
        return text.replace("<T>", str(tenant)).replace(
            "<W>", "zqxnobody" if as_unknown else self.word
        )

    def as_of_nobody(self, told: str) -> str:
        """What came back about the rival, in the words of what nobody has."""
        for mine, other in zip(self.foreign, self.unknown, strict=False):
            told = told.replace(str(mine), str(other))
        return told.replace(str(self.rival), str(self.unknown[-1])).replace(self.word, "zqxnobody")


def read_catalogue() -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Every table with a policy, and every view of PostgreSQL's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
                   array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relrowsecurity AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1 ORDER BY 1
            """
        )
        tables = tuple(
            Table(name, dict(zip(columns, types, strict=True)))
            for name, columns, types in cursor.fetchall()
        )
        cursor.execute(
            """
            SELECT c.oid::regclass::text, c.relname FROM pg_class c
            WHERE c.relkind = 'v' AND has_table_privilege(c.oid, 'SELECT')
            AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            ORDER BY 1
            """
        )
        views = tuple(name for name, plain in cursor.fetchall() if plain not in UNTOLD)
    return tables, views


class Statements:
    """Strategies for one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.table = st.sampled_from(catalogue.tables)
        self.owned = st.sampled_from([f"'{one}'::uuid" for one in catalogue.own])
        self.nobodys = st.sampled_from([f"'{one}'::uuid" for one in catalogue.unknown[:-1]])
        self.theirs = st.integers(0, len(catalogue.foreign) - 1).map(lambda n: f"'<B:{n}>'::uuid")
        self.id = st.one_of(
            self.theirs, self.theirs, self.owned, self.nobodys, st.just("'<T>'::uuid")
        )

    def steps(self) -> st.SearchStrategy[list[str]]:
        """What one intruder does, in order."""
        step = st.one_of(
            self.read(), self.read(), self.read(), self.write(), self.write(), self.session()
        )
        return st.lists(step, min_size=1, max_size=4)

    # -- pieces --

    def literal(self, kind: str) -> st.SearchStrategy[str]:
        """A value of a type."""
        if kind == "uuid":
            return self.id
        if kind in TEXTS:
            return st.sampled_from(["'<W>'", "'mine'", "''", "'zqx' || 'c'"])
        if kind == "boolean":
            return st.sampled_from(["true", "false"])
        plain = {"date": "date '2026-11-19'", "jsonb": """'{"name": "mine"}'"""}
        if kind.startswith("timestamp"):
            return st.just("timestamptz '2026-11-19 09:00Z'")
        if kind.endswith("[]"):
            return st.just("'{}'")
        return st.just(plain.get(kind, "1")) if kind != "bytea" else st.just("'\\x00'::bytea")

    @st.composite
    @staticmethod
    def _column(draw: st.DrawFn, table: Table) -> str:
        return draw(st.sampled_from(sorted(table.columns)))

    @st.composite
    @staticmethod
    def _shown(draw: st.DrawFn, self: "Statements", name: str, table: Table) -> str:
        """An expression as text, over a row called `name`; some are made to fail."""
        column = f'{name}."{draw(self._column(table))}"'
        return draw(
            st.sampled_from(
                [
                    f"{column}::text",
                    f"{name}::text",
                    f"to_jsonb({name})::text",
                    f"({column}::text)::int::text",
                    f"(1 / (length({column}::text) - 9))::text",
                    f"pg_temp.leak({name}::text)::text",
                    f"row_to_json({name})::text",
                    f"{name}.tableoid::regclass::text",
                ]
            )
        )

    @st.composite
    @staticmethod
    def _summed(draw: st.DrawFn, self: "Statements", name: str, table: Table) -> str:
        column = f'{name}."{draw(self._column(table))}"'
        return draw(
            st.sampled_from(
                [
                    "count(*)::text",
                    f"string_agg({column}::text, ',' ORDER BY {column}::text)",
                    f"max({column}::text)",
                    f"json_agg({name} ORDER BY {name}::text)::text",
                    f"count(DISTINCT {name}.tenant_id)::text",
                ]
            )
        )

    @st.composite
    @staticmethod
    def _where(draw: st.DrawFn, self: "Statements", name: str, table: Table) -> str:
        column = draw(self._column(table))
        value = draw(self.literal(table.columns[column]))
        other = draw(self.table)
        ids = [one for one, kind in other.columns.items() if kind == "uuid"]
        mine = [one for one, kind in table.columns.items() if kind == "uuid"]
        theirs, ours = draw(st.sampled_from(ids)), draw(st.sampled_from(mine))
        one = draw(
            st.sampled_from(
                [
                    "true",
                    f'{name}."{column}" = {value}',
                    f'{name}."{column}" IS NOT DISTINCT FROM {value}',
                    f'{name}."{ours}" = {draw(self.id)}',
                    f"{name}.tenant_id = '<T>'",
                    f"{name}.tenant_id <> current_setting('csom.tenant')::uuid",
                    f"{name}::text LIKE '%zqx%'",
                    f"pg_temp.leak({name}::text)",
                    f"(length({name}::text) / 0) = 1",
                    f'EXISTS (SELECT FROM "{other.name}" o WHERE o."{theirs}" = {name}."{ours}")',
                    f'{name}."{ours}" NOT IN (SELECT o."{theirs}" FROM "{other.name}" o '
                    f'WHERE o."{theirs}" IS NOT NULL)',
                    f'{name}."{ours}" = ANY (ARRAY(SELECT o."{theirs}" '
                    f'FROM ONLY "{other.name}" o))',
                ]
            )
        )
        return draw(st.sampled_from([one, one, f"NOT ({one})", f"({one}) OR true"]))

    # -- reading --

    @st.composite
    @staticmethod
    def _select(draw: st.DrawFn, self: "Statements") -> str:
        """One column of text, from one table or several."""
        t, u = draw(self.table), draw(self.table)
        where = draw(self._where(self, "t", t))
        shape = draw(st.integers(0, 9))
        if shape == 0:
            return f'SELECT {draw(self._summed(self, "t", t))} FROM "{t.name}" t WHERE {where}'
        if shape == 1:
            group = draw(self._column(t))
            summed = draw(self._summed(self, "t", t))
            return (
                f'SELECT {summed} FROM "{t.name}" t GROUP BY ROLLUP (t."{group}"::text) '
                "HAVING count(*) > 0"
            )
        if shape == 2:
            return (
                f'SELECT l.x FROM "{t.name}" t CROSS JOIN LATERAL (SELECT '
                f'{draw(self._shown(self, "u", u))} AS x FROM "{u.name}" u '
                f"WHERE u.tenant_id = t.tenant_id OR {draw(self._where(self, 'u', u))}) l"
            )
        if shape == 3:
            kind = draw(st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN", "JOIN LATERAL"]))
            right = f'"{u.name}" u' if "LATERAL" not in kind else f'(SELECT * FROM "{u.name}") u'
            shown = draw(self._shown(self, draw(st.just("u")), u))
            return f'SELECT {shown} FROM "{t.name}" t {kind} {right} ON {where}'
        if shape == 4:
            return (
                f"SELECT max({draw(self._shown(self, 't', t))}) OVER (PARTITION BY t.tenant_id) "
                f'FROM "{t.name}" t WHERE {where}'
            )
        if shape == 5:
            return (
                f'SELECT {draw(self._shown(self, "t", t))} FROM "{t.name}" t '
                "TABLESAMPLE SYSTEM (100)"
            )
        if shape == 6:
            view = draw(st.sampled_from(self.catalogue.views))
            return f"SELECT count(v::text || 'x')::text || coalesce(max(v::text), '') FROM {view} v"
        return f'SELECT {draw(self._shown(self, "t", t))} FROM "{t.name}" t WHERE {where}'

    @st.composite
    @staticmethod
    def _read(draw: st.DrawFn, self: "Statements") -> str:
        one = draw(self._select(self))
        shape = draw(st.integers(0, 13))
        if shape == 0:
            how = draw(st.sampled_from(["UNION", "UNION ALL", "INTERSECT", "EXCEPT ALL"]))
            return f"{one} {how} ({draw(self._select(self))})"
        if shape == 1:
            kind = draw(st.sampled_from(["", "MATERIALIZED ", "NOT MATERIALIZED "]))
            return f"WITH c(x) AS {kind}({one}) SELECT c.x FROM c WHERE pg_temp.leak(c.x)"
        if shape == 2:
            return (
                f"WITH RECURSIVE c(x, n) AS (SELECT x, 1 FROM ({one}) q(x) UNION ALL "
                "SELECT x, n + 1 FROM c WHERE n < 2) SELECT x FROM c"
            )
        wrapped = [
            f"EXPLAIN (ANALYZE, VERBOSE, TIMING OFF) {one}",
            f"COPY ({one}) TO STDOUT",
            f"DECLARE c CURSOR FOR {one}; FETCH ALL FROM c",
            f"PREPARE p AS {one}; EXECUTE p; EXECUTE p; DEALLOCATE p",
            f"CREATE TEMP TABLE seen ON COMMIT DROP AS {one}; SELECT * FROM seen",
            f"CREATE TEMP VIEW seen(x) AS {one}; SELECT x FROM seen WHERE pg_temp.leak(x)",
            f"SELECT query_to_xml($q${one}$q$, true, true, '')::text",
            f"DO $d$ DECLARE r record; BEGIN FOR r IN {one} LOOP RAISE NOTICE '%', r; END LOOP; "
            "END $d$",
            f"SELECT ({one} LIMIT 1)",
        ]
        return wrapped[shape - 3] if shape < 12 else one

    def read(self) -> st.SearchStrategy[str]:
        return self._read(self)

    # -- writing --

    @st.composite
    @staticmethod
    def _write(draw: st.DrawFn, self: "Statements") -> str:
        t, u = draw(self.table), draw(self.table)
        where = draw(self._where(self, "t", t))
        back = draw(st.sampled_from(["", f" RETURNING {draw(self._shown(self, 't', t))}"]))
        # Ids are made by the product, never taken from outside; an id of the rival's as a key of
        # one's own row is the one thing that a key over all tenants would tell.
        settable = sorted(set(t.columns) - {"id"})
        column = draw(st.sampled_from(settable))
        value = draw(self.literal(t.columns[column]))
        shape = draw(st.integers(0, 7))
        update = f'UPDATE "{t.name}" t SET "{column}" = {value}'
        if shape == 0:
            return f"{update} WHERE {where}{back}"
        if shape == 1:
            return f'{update} FROM "{u.name}" u WHERE {draw(self._where(self, "u", u))}{back}'
        if shape == 2:
            return f'DELETE FROM "{t.name}" t WHERE {where}{back}'
        if shape == 3:
            return (
                f'DELETE FROM "{t.name}" t USING "{u.name}" u WHERE u.tenant_id = t.tenant_id{back}'
            )
        names = ", ".join(f'"{name}"' for name in t.columns)
        new = {"id": draw(self.nobodys), column: value}
        if draw(st.booleans()):
            second = draw(st.sampled_from(settable))
            new[second] = draw(self.literal(t.columns[second]))
        values = ", ".join(new.get(name, f't."{name}"') for name in t.columns)
        insert = f'INSERT INTO "{t.name}" AS t ({names}) SELECT {values} FROM "{t.name}" t'
        if shape == 4:
            also = draw(st.sampled_from(["", " ON CONFLICT DO NOTHING"]))
            return f"{insert}{also}{back}"
        if shape == 5:
            if "id" not in t.columns:
                return f"{insert} ON CONFLICT DO NOTHING{back}"
            update = f'DO UPDATE SET "{column}" = excluded."{column}"'
            return f"{insert} ON CONFLICT (tenant_id, id) {update}{back}"
        if shape == 6:
            return (
                f'MERGE INTO "{t.name}" t USING (SELECT {draw(self.id)} AS x) s '
                f"ON t.tenant_id = s.x OR {where} WHEN MATCHED THEN DELETE"
            )
        return (
            f'WITH w AS (DELETE FROM "{t.name}" t WHERE {where} RETURNING t.*) '
            "SELECT w::text FROM w"
        )

    def write(self) -> st.SearchStrategy[str]:
        return self._write(self)

    # -- the session itself --

    def session(self) -> st.SearchStrategy[str]:
        """Ways to shake off the fence. Naming the rival as one's tenant is not among them."""
        names: Sequence[str] = [table.name for table in self.catalogue.tables]
        planner = ["enable_seqscan", "enable_indexscan", "enable_hashjoin", "enable_material"]
        fixed = [
            *("SET row_security = off", "SET LOCAL row_security = off", "RESET ALL"),
            *("SET LOCAL csom.tenant = ''", "SET csom.tenant = 'x'", "RESET csom.tenant"),
            "SELECT set_config('csom.tenant', '', false)",
            f"SELECT set_config('csom.tenant', '{self.catalogue.unknown[0]}', true)",
            *("SET ROLE csom_owner", "SET ROLE NONE", "SET SESSION AUTHORIZATION csom_owner"),
            *(
                "SET LOCAL ROLE postgres",
                "GRANT csom_owner TO csom_app",
                "SET SESSION ROLE postgres",
            ),
            "SET session_replication_role = replica",
            "SET search_path = pg_temp, public",
            *("ROLLBACK", "ROLLBACK AND CHAIN", "DISCARD PLANS", "SET CONSTRAINTS ALL DEFERRED"),
            *(f"SET LOCAL {name} = off" for name in planner),
            "SET LOCAL debug_parallel_query = on",
            "SET LOCAL plan_cache_mode = force_generic_plan",
            "SET LOCAL jit_above_cost = 0",
            "ALTER ROLE csom_app BYPASSRLS",
            "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO csom_app",
            "SELECT pg_read_file('PG_VERSION')",
            "SELECT lo_import('/etc/passwd')",
        ]
        about = [
            'ALTER TABLE "{}" DISABLE ROW LEVEL SECURITY',
            'ALTER TABLE "{}" OWNER TO csom_app',
            'DROP POLICY tenant_isolation ON "{}"',
            'CREATE POLICY open ON "{}" USING (true)',
            'TRUNCATE "{}"',
            "COPY \"{}\" FROM PROGRAM 'true'",
            'CREATE TRIGGER t BEFORE INSERT ON "{}" EXECUTE FUNCTION pg_temp.leak()',
            'CREATE RULE r AS ON SELECT TO "{}" DO INSTEAD SELECT 1',
            'CREATE TEMP TABLE heir () INHERITS ("{}")',
            'SAVEPOINT s; DELETE FROM "{0}"; ROLLBACK TO s; RELEASE s; SELECT count(*) FROM "{0}"',
            "SELECT table_to_xml('{}', true, true, '')::text",
            'LOCK TABLE "{}" IN ROW EXCLUSIVE MODE',
        ]
        named = st.builds(str.format, st.sampled_from(about), st.sampled_from(names))
        return st.one_of(st.sampled_from(fixed), named)
