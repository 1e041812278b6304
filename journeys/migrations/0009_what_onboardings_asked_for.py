from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0008_handoff_kinds_and_promises'),
    ]

    operations = [
        migrations.AddField(
            model_name='onboarding',
            name='asked',
            field=models.JSONField(default=dict, help_text='what it asked for: by key, the reason and the task'),
        ),
    ]
