from django.db import migrations

# Tenants that have a charter get the new kinds and times as every new one does.
KINDS = """
    UPDATE charter_document SET body = jsonb_set(body, '{kinds}', (body -> 'kinds') || '[
        {"key": "cs_to_sales", "label": "CS to Sales", "items": [
             {"key": "motion", "label": "The kind of growth", "mandatory": true},
             {"key": "amount", "label": "The amount", "mandatory": true},
             {"key": "use_case", "label": "The use case", "mandatory": true},
             {"key": "goal", "label": "The impact goal it serves", "mandatory": true},
             {"key": "buyer", "label": "A buyer who confirmed interest", "mandatory": true},
             {"key": "timing", "label": "The critical event or timing", "mandatory": true},
             {"key": "evidence", "label": "The evidence", "mandatory": true}]},
        {"key": "cs_to_support", "label": "CS to Support", "items": [
             {"key": "impact", "label": "The impact on a goal", "mandatory": true},
             {"key": "severity", "label": "The severity proposed", "mandatory": true},
             {"key": "evidence", "label": "The evidence", "mandatory": true},
             {"key": "tried", "label": "What was tried so far", "mandatory": true},
             {"key": "update", "label": "When they hear from us", "mandatory": true}]},
        {"key": "cs_to_finance", "label": "CS to Finance", "items": [
             {"key": "terms", "label": "The terms", "mandatory": true},
             {"key": "po", "label": "The purchase order", "mandatory": true},
             {"key": "billing", "label": "The billing contact", "mandatory": true}]},
        {"key": "cs_to_marketing", "label": "CS to Marketing", "items": [
             {"key": "consent", "label": "Who consented, and to what", "mandatory": true},
             {"key": "wish", "label": "The kind of request", "mandatory": true},
             {"key": "limits", "label": "Days not to be contacted, or “none”", "mandatory": true}]}]')
    WHERE kind = 'handoffs' AND NOT body -> 'kinds' @> '[{"key": "cs_to_sales"}]'
"""
PROMISES = """
    UPDATE charter_document SET body = jsonb_set(body, '{promises}', (body -> 'promises') || '[
        {"key": "csql_meeting", "label": "First meeting on an expansion lead", "hours": 80, "clock": "business"},
        {"key": "finance_submit", "label": "Renewal order handed to Finance after signature", "hours": 16, "clock": "business"},
        {"key": "finance_accept", "label": "Renewal order accepted by Finance", "hours": 16, "clock": "business"},
        {"key": "marketing_answer", "label": "Request to an advocate answered by Marketing", "hours": 40, "clock": "business"},
        {"key": "s1_target", "label": "Severity 1: fixed or worked around", "hours": 4, "clock": "clock"},
        {"key": "s2_target", "label": "Severity 2: fixed or worked around", "hours": 16, "clock": "business"},
        {"key": "s3_target", "label": "Severity 3: fixed or worked around", "hours": 40, "clock": "business"}]')
    WHERE kind = 'promises' AND NOT body -> 'promises' @> '[{"key": "csql_meeting"}]'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("charter", "0007_causes"),
    ]

    operations = [
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
        migrations.RunSQL(PROMISES, migrations.RunSQL.noop),
    ]
