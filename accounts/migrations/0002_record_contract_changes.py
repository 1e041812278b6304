import django.db.models.deletion
import tenants.ids
import tenants.isolation
from django.db import migrations, models

from tenants.isolation import IsolateTenant


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('tenants', '0002_limit_calls_of_api_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContractChange',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('effective_on', models.DateField()),
                ('amount_minor', models.BigIntegerField(help_text='signed: by how much')),
                ('recorded_at', models.DateTimeField()),
                ('contract', tenants.isolation.Ref(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contract')),
                ('tenant', tenants.isolation.TenantId(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant', 'contract'], name='change_contract')],
            },
        ),
        IsolateTenant("ContractChange"),
    ]
