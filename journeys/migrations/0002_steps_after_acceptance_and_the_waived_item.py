from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='steps',
            field=models.JSONField(default=dict, help_text='when each step after acceptance was done'),
        ),
        migrations.AddField(
            model_name='handoff',
            name='waived_item',
            field=models.CharField(blank=True, max_length=20),
        ),
    ]
