"""The measures a tenant made, as the catalogue has them, with the SQL that measures them.

The statements read what is to be read from the table of measures itself, so nothing a person typed
is ever part of one.
"""

from collections.abc import Iterable, Mapping, Sequence

from accounts.models import CustomField
from health.measures.commercial import CONTRACTS
from health.measures.usage import AGE, USE
from health.models import OwnMeasure
from health.rules.catalogue import Measure, Source
from health.rules.own_measures import USAGE_TOO_OLD, Recipe, sentence, unit
from pulse.models import Feature, Series
from tenants.scope import is_acting, memo

KEPT = "own measures"
NOTHING = "NULL::float8"
Kind = OwnMeasure.Kind


def of_tenant() -> Mapping[str, Measure]:
    """Of the tenant at hand by key, retired ones too; none outside. Four queries at most, once."""
    if not is_acting():
        return {}
    kept = memo()
    if KEPT not in kept:
        kept[KEPT] = _read()
    found: Mapping[str, Measure] = kept[KEPT]
    return found


def forget() -> None:
    """Read them anew: they were changed."""
    memo().pop(KEPT, None)


def recipes(rows: Iterable[OwnMeasure]) -> dict[str, Recipe]:
    """What each measures, with the names of what it reads. Up to three queries."""
    rows = list(rows)
    kinds = {row.kind for row in rows}
    features = dict(Feature.objects.values_list("key", "name")) if Kind.USAGE in kinds else {}
    series = dict(Series.objects.values_list("key", "name")) if Kind.SERIES in kinds else {}
    fields = {each.key: each for each in CustomField.objects.all()} if Kind.FIELD in kinds else {}
    return {
        row.key: _recipe(row, features, series, fields)
        for row in rows
    }  # fmt: skip


def _recipe(
    row: OwnMeasure,
    features: Mapping[str, str],
    series: Mapping[str, str],
    fields: Mapping[str, CustomField],
) -> Recipe:
    field = fields.get(row.reads)
    named = {
        Kind.USAGE: features.get(row.reads),
        Kind.SERIES: series.get(row.reads),
        Kind.FIELD: field and field.label,
    }[Kind(row.kind)]
    return Recipe(
        kind=row.kind,  # type: ignore[arg-type]  # one of Kind
        of=named or row.reads,
        take=row.take,
        days=row.days,
        per=row.per,
        per_of=features.get(row.per_feature, row.per_feature),
        field_kind=field.kind if field else "",
    )


def _read() -> dict[str, Measure]:
    rows = list(OwnMeasure.objects.order_by("slot"))
    told = recipes(rows)
    live = [row for row in rows if row.retired_at is None]
    read = {kind: _source(kind, [row for row in live if row.kind == kind]) for kind in Kind}
    return {row.key: _measure(row, told[row.key], read[Kind(row.kind)]) for row in rows}


def _measure(row: OwnMeasure, recipe: Recipe, source: Source | None) -> Measure:
    is_retired = row.retired_at is not None
    value, age, stale = NOTHING, "", row.stale_after_days
    if not is_retired:
        value, age = {Kind.USAGE: _usage, Kind.SERIES: _series, Kind.FIELD: _field}[Kind(row.kind)](
            row
        )
    if row.kind == Kind.USAGE:
        stale = USAGE_TOO_OLD
    reads: tuple[Source, ...] = ()
    if source is not None and not is_retired:
        reads = (source, USE, CONTRACTS) if row.kind == Kind.USAGE else (source,)
    return Measure(
        key=row.key,
        slot=row.slot,
        name=row.name,
        unit=unit(recipe),
        direction=row.direction,  # type: ignore[arg-type]  # one of the three, by the form
        kind="leading",
        definition=sentence(recipe),
        needs={
            Kind.USAGE: f"Usage of {recipe.of}",
            Kind.SERIES: f"Values of {recipe.of}",
            Kind.FIELD: f"The field {recipe.of}",
        }[Kind(row.kind)],
        value=value,
        reads=reads,
        age=age,
        stale_after_days=stale,
        is_own=True,
        is_retired=is_retired,
    )


def _source(kind: OwnMeasure.Kind, rows: Sequence[OwnMeasure]) -> Source | None:
    if not rows:
        return None
    columns = {Kind.USAGE: _usage_columns, Kind.SERIES: _series_columns, Kind.FIELD: _field_columns}
    facts = {Kind.USAGE: USAGE, Kind.SERIES: SERIES, Kind.FIELD: FIELD}
    picked = ", ".join(part for row in rows for part in columns[kind](row.slot))
    sql = f"SELECT f.account_id, {picked} FROM ({facts[kind]}) f GROUP BY f.account_id"
    return Source(f"own_{kind}", sql)


USAGE = """
    SELECT u.account_id, o.slot, sum(u.n) FILTER (
            WHERE u.feature = o.reads AND u.day > %(day)s - o.days) AS late,
        sum(u.n) FILTER (WHERE u.feature = o.reads AND u.day <= %(day)s - o.days) AS early,
        sum(u.n) FILTER (WHERE u.feature = o.per_feature AND u.day > %(day)s - o.days) AS others
    FROM population p JOIN pulse_usage u ON u.account_id = p.account_id
    JOIN health_ownmeasure o ON u.feature IN (o.reads, o.per_feature)
        AND o.kind = 'usage' AND o.retired_at IS NULL
    WHERE u.account_id BETWEEN %(first)s AND %(last)s AND u.feature <> ''
        AND u.day > %(day)s - 2 * o.days AND u.day <= %(day)s AND u.recorded_at <= %(known)s
    GROUP BY u.account_id, o.slot
"""


def _usage_columns(slot: int) -> Iterable[str]:
    return (
        f"max(f.{column}) FILTER (WHERE f.slot = {slot}) AS {column}_{slot}"
        for column in ("late", "early", "others")
    )


def _usage(row: OwnMeasure) -> tuple[str, str]:
    late = f"coalesce(own_usage.late_{row.slot}, 0)::float8"
    if row.take == "change":
        value = f"{late} / nullif(own_usage.early_{row.slot}, 0)::float8 - 1"
    else:
        shared = {
            "": "",
            "seats": " / nullif(contracts.seats, 0)",
            "people": " / nullif(use.mean_28, 0)",
            "feature": f" / nullif(own_usage.others_{row.slot}, 0)::float8",
        }
        value = late + shared[row.per]
    return f"CASE WHEN use.first_day IS NOT NULL THEN {value} END", AGE


SERIES = """
    SELECT v.account_id, o.slot, (array_agg(v.value ORDER BY v.day DESC))[1] AS newest,
        max(v.day) AS day,
        sum(v.value) FILTER (WHERE v.day > %(day)s - o.days) AS total,
        avg(v.value) FILTER (WHERE v.day > %(day)s - o.days) AS middle,
        avg(v.value) FILTER (
            WHERE v.day <= %(day)s - o.days AND v.day > %(day)s - 2 * o.days) AS before
    FROM (
        SELECT DISTINCT ON (w.account_id, w.series, w.day) w.account_id, w.series, w.day, w.value
        FROM population p JOIN pulse_seriesvalue w ON w.account_id = p.account_id
        WHERE w.account_id BETWEEN %(first)s AND %(last)s AND w.day <= %(day)s
            AND w.recorded_at <= %(known)s
        ORDER BY w.account_id, w.series, w.day, w.recorded_at DESC
    ) v JOIN health_ownmeasure o ON o.reads = v.series
        AND o.kind = 'series' AND o.retired_at IS NULL
    WHERE v.value IS NOT NULL
    GROUP BY v.account_id, o.slot
"""


def _series_columns(slot: int) -> Iterable[str]:
    return (
        f"max(f.{column}) FILTER (WHERE f.slot = {slot}) AS {column}_{slot}"
        for column in ("newest", "day", "total", "middle", "before")
    )


def _series(row: OwnMeasure) -> tuple[str, str]:
    of = {
        "last": f"own_series.newest_{row.slot}",
        "sum": f"own_series.total_{row.slot}",
        "mean": f"own_series.middle_{row.slot}",
        "change": f"own_series.middle_{row.slot} / nullif(own_series.before_{row.slot}, 0) - 1",
    }
    return of[row.take], f"%(day)s - own_series.day_{row.slot}"


FIELD = """
    SELECT p.account_id, o.slot, CASE c.kind
        WHEN 'number' THEN CASE WHEN jsonb_typeof(a.custom -> o.reads) = 'number'
            THEN (a.custom ->> o.reads)::float8 END
        WHEN 'yes_no' THEN CASE a.custom -> o.reads
            WHEN 'true'::jsonb THEN 1 WHEN 'false'::jsonb THEN 0 END
        WHEN 'date' THEN CASE WHEN pg_input_is_valid(a.custom ->> o.reads, 'date')
            THEN %(day)s - (a.custom ->> o.reads)::date END
        END AS value
    FROM population p JOIN accounts_account a ON a.id = p.account_id
    JOIN health_ownmeasure o ON a.custom ? o.reads AND o.kind = 'field' AND o.retired_at IS NULL
    JOIN accounts_customfield c ON c.key = o.reads
"""


def _field_columns(slot: int) -> Iterable[str]:
    return (f"max(f.value) FILTER (WHERE f.slot = {slot}) AS value_{slot}",)


def _field(row: OwnMeasure) -> tuple[str, str]:
    return f"own_field.value_{row.slot}", ""
