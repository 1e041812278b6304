from django.db import migrations, models

# Whoever handed over that there were no risks had signed it by that.
SIGNED = """
    UPDATE journeys_handoff h SET fields = h.fields || jsonb_build_object(
        'risks_signed_by', u.name,
        'risks_signed_on', to_char(h.submitted_at AT TIME ZONE t.time_zone, 'YYYY-MM-DD'))
    FROM tenants_user u, tenants_tenant t
    WHERE h.kind = 'sales_to_cs' AND h.submitted_at IS NOT NULL AND u.id = h.sender_id
        AND t.id = h.tenant_id AND NOT h.fields ? 'risks_signed_on'
        AND lower(btrim(h.fields ->> 'risks', E' \\t\\n\\r-–•*.!'))
            IN ('', 'none', 'no', 'nothing', 'keine', 'n/a')
        AND btrim(coalesce(h.fields ->> 'risks', '')) <> ''
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0014_room_of_drafts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="handoff",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sales_to_cs", "Sales to CS"),
                    ("onboarding_to_cs", "Onboarding to CS"),
                    ("csm_to_csm", "CSM to CSM"),
                    ("cs_to_sales", "CS to Sales"),
                    ("cs_to_support", "CS to Support"),
                    ("cs_to_finance", "CS to Finance"),
                    ("cs_to_marketing", "CS to Marketing"),
                ],
                default="sales_to_cs",
                max_length=16,
            ),
        ),
        migrations.RemoveConstraint(model_name="handoff", name="handoff_open"),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("sales_to_cs", "onboarding_to_cs", "csm_to_csm")))
                & ~models.Q(state="completed"),
                fields=("tenant", "account", "kind"),
                name="handoff_open",
            ),
        ),
        migrations.RunSQL(SIGNED, migrations.RunSQL.noop),
    ]
