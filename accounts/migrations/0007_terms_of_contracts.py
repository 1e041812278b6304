import django.db.models.deletion
import tenants.ids
import tenants.isolation
from django.db import migrations, models

# What is known of contracts that came in before: their terms of today, with each price they had.
KNOWN = """
    INSERT INTO accounts_contractterms (id, tenant_id, contract_id, version, starts_on, ends_on,
        cancelled_on, term_months, auto_renews, arr_minor, currency, is_trial, status, recorded_at)
    SELECT gen_random_uuid(), c.tenant_id, c.id, said.version, c.starts_on, c.ends_on, c.cancelled_on,
        c.term_months, c.auto_renews, said.arr, c.currency, c.is_trial, c.status, said.at
    FROM accounts_contract c CROSS JOIN LATERAL (
        SELECT 1 AS version, c.created_at AS at, c.arr_minor - coalesce(sum(p.amount_minor), 0) AS arr
        FROM accounts_contractchange p WHERE p.contract_id = c.id
        UNION ALL
        SELECT 1 + row_number() OVER (ORDER BY p.recorded_at, p.id), p.recorded_at,
            c.arr_minor - coalesce(sum(p.amount_minor) OVER (
            ORDER BY p.recorded_at DESC, p.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)
        FROM accounts_contractchange p WHERE p.contract_id = c.id
    ) said
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_postmortems'),
        ('tenants', '0006_look_up_share_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContractTerms',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(help_text='from 1, in the order in which it came')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(null=True)),
                ('cancelled_on', models.DateField(null=True)),
                ('term_months', models.PositiveSmallIntegerField(null=True)),
                ('auto_renews', models.BooleanField()),
                ('arr_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('is_trial', models.BooleanField()),
                ('status', models.CharField(max_length=7)),
                ('recorded_at', models.DateTimeField()),
                ('contract', tenants.isolation.Ref(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.contract')),
                ('tenant', tenants.isolation.TenantId(db_index=False, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'contract', 'version'), name='terms_version')],
            },
        ),
        tenants.isolation.IsolateTenant("ContractTerms"),
        # checked at once, since the table cannot be altered while checks are pending
        migrations.RunSQL([KNOWN, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
    ]
