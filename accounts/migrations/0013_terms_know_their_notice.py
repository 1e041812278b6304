"""Apart from the columns it fills, whose locks nobody should wait for while it runs."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_signing_days'),
    ]

    operations = [
        migrations.RunSQL(
            [
                "UPDATE accounts_contractterms t SET notice_days = c.notice_days"
                " FROM accounts_contract c WHERE c.tenant_id = t.tenant_id AND c.id = t.contract_id"
                " AND c.notice_days <> t.notice_days"
            ],
            migrations.RunSQL.noop,
        ),
    ]
