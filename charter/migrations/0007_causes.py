import json
from pathlib import Path

from django.db import migrations, models

BODY = (Path(__file__).parent.parent / "defaults" / "causes.json").read_text()

# Tenants that have a charter already get the new chapter as every new one does.
CHAPTER = """
    INSERT INTO charter_document
        (id, tenant_id, kind, version, state, body, note, saved_at, published_at)
    SELECT gen_random_uuid(), tenant_id, 'causes', 1, 'published', %s::jsonb,
        'Default operating model', min(saved_at), min(published_at)
    FROM charter_document WHERE state <> 'draft' GROUP BY tenant_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('charter', '0006_rates'),
    ]

    operations = [
        migrations.AlterField(
            model_name='document',
            name='kind',
            field=models.CharField(choices=[('segments', 'Segments'), ('calendar', 'Calendar'), ('promises', 'Promises'), ('definitions', 'Definitions'), ('owners', 'Owners'), ('bowtie', 'Bowtie'), ('handoffs', 'Handoffs'), ('spiced', 'Spiced'), ('rates', 'Rates'), ('causes', 'Causes')], max_length=16),
        ),
        migrations.RunSQL([(CHAPTER, [json.dumps(json.loads(BODY))])], migrations.RunSQL.noop),
    ]
