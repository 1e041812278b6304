from django.db import migrations

# Waivers given before their end was watched: a job for each, as the product queues it.
WATCH = """
    WITH running AS (
        SELECT tenant_id, id, waiver_until,
            to_char(waiver_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS told
        FROM journeys_handoff
        WHERE waived_item <> '' AND waiver_until IS NOT NULL AND repair_task_id IS NULL
            AND state IN ('submitted', 'accepted', 'completed')
    ), made AS (
        INSERT INTO tenants_job (tenant_id, id, kind, key, arguments, state, due_at, attempt,
                                 fence, statistics, error, created_at)
        SELECT tenant_id, gen_random_uuid(), 'journeys.waiver', id || ':' || told,
            jsonb_build_object('handoff_id', id, 'was_until', told), 'waiting', waiver_until, 0,
            0, '{}', '', now()
        FROM running
        ON CONFLICT (tenant_id, kind, key) DO NOTHING RETURNING tenant_id, id, due_at
    )
    INSERT INTO tenants_duejob (tenant_id, job_id, due_at) SELECT tenant_id, id, due_at FROM made
"""


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0003_repair_and_minima'),
        ('tenants', '0004_when_a_job_started'),
    ]

    operations = [migrations.RunSQL(WATCH, migrations.RunSQL.noop)]
