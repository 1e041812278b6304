from django.db import migrations

# What was in force as a constant until now is written into every version that lacks it.
PROMISES = """
    UPDATE charter_document SET body = jsonb_set(body, '{promises}', (body -> 'promises') || '[
        {"key": "handoff_repair", "label": "Waived item of a handoff added",
         "hours": 48, "clock": "clock"}]')
    WHERE kind = 'promises' AND NOT body -> 'promises' @> '[{"key": "handoff_repair"}]'
"""
SEGMENTS = """
    UPDATE charter_document SET body =
        jsonb_set(jsonb_set(jsonb_set(jsonb_set(body, '{touch_models,high,spiced}',
            '{"total": 12, "each": 2, "letters": ["S", "P", "I", "CE", "D"]}'), '{touch_models,mid,spiced}',
            '{"total": 10, "each": 1, "letters": ["S", "P", "I", "CE", "D"]}'), '{touch_models,low,spiced}',
            '{"total": 6, "each": 1, "letters": ["S", "P", "I"]}'), '{touch_models,tech,spiced}',
            '{"total": 0, "each": 0, "letters": ["S", "P", "I", "CE", "D"]}')
    WHERE kind = 'segments' AND body -> 'touch_models' -> 'mid' -> 'spiced' IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('charter', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(PROMISES, migrations.RunSQL.noop),
        migrations.RunSQL(SEGMENTS, migrations.RunSQL.noop),
    ]
