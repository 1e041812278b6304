import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_segments_set_by_hand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='churnrecord',
            name='missed',
            field=models.TextField(blank=True, help_text='what was not seen, or not acted on'),
        ),
        migrations.AddField(
            model_name='churnrecord',
            name='postmortem_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='churnrecord',
            name='score_history',
            field=models.JSONField(default=list, help_text='health before the decision, frozen: [day, score, band], by week'),
        ),
        migrations.AddField(
            model_name='churnrecord',
            name='signal_on',
            field=models.DateField(help_text='the earliest sign there was, seen or not', null=True),
        ),
    ]
