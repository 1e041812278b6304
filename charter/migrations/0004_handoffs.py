import json
from pathlib import Path

from django.db import migrations, models

BODY = (Path(__file__).parent.parent / "defaults" / "handoffs.json").read_text()

# Tenants that have a charter already get the new chapter and times as every new one does.
CHAPTER = """
    INSERT INTO charter_document
        (id, tenant_id, kind, version, state, body, note, saved_at, published_at)
    SELECT gen_random_uuid(), tenant_id, 'handoffs', 1, 'published', %s::jsonb,
        'Default operating model', min(saved_at), min(published_at)
    FROM charter_document WHERE state <> 'draft' GROUP BY tenant_id
"""
PROMISES = """
    UPDATE charter_document SET body = jsonb_set(body, '{promises}', (body -> 'promises') || '[
        {"key": "joint_call", "label": "Joint call after an onboarding handoff",
         "hours": 240, "clock": "clock"},
        {"key": "csm_submit", "label": "Account handed to another CSM", "hours": 80, "clock": "business"},
        {"key": "csm_urgent", "label": "The same, where it is red or renews within 60 days",
         "hours": 24, "clock": "clock"},
        {"key": "csm_accept", "label": "Handoff between CSMs accepted", "hours": 16, "clock": "business"},
        {"key": "csm_introduced", "label": "New CSM introduced after acceptance",
         "hours": 80, "clock": "business"}]')
    WHERE kind = 'promises' AND NOT body -> 'promises' @> '[{"key": "csm_submit"}]'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('charter', '0003_bowtie'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('segments', 'Segments'), ('calendar', 'Calendar'), ('promises', 'Promises'), ('definitions', 'Definitions'), ('owners', 'Owners'), ('bowtie', 'Bowtie'), ('handoffs', 'Handoffs')], max_length=16),
        ),
        migrations.RunSQL([(CHAPTER, [json.dumps(json.loads(BODY))])], migrations.RunSQL.noop),
        migrations.RunSQL(PROMISES, migrations.RunSQL.noop),
    ]
