import django.db.models.deletion
import tenants.isolation
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0002_steps_after_acceptance_and_the_waived_item'),
        ('plays', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='minima_version',
            field=models.PositiveIntegerField(help_text="of the charter's touch models, at acceptance", null=True),
        ),
        migrations.AddField(
            model_name='handoff',
            name='repair_task',
            field=tenants.isolation.Ref(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='plays.task'),
        ),
        tenants.isolation.IsolateReference(
            "Handoff", "repair_task",
        ),
    ]
