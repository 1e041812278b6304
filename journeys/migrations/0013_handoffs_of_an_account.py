from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0012_joint_goals_risks_and_room'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['tenant', 'account', 'kind'], name='handoff_account'),
        ),
    ]
